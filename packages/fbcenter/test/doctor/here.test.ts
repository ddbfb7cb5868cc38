import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startCenter } from '../../src/center.js';
import { type Here, lookHere } from '../../src/doctor/here.js';
import { lookThere } from '../../src/doctor/there.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { aFlag } from '../support/documents.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A center is started several times.
vi.setConfig({ testTimeout: 120_000 });

const here = (given: Partial<Here>): Here => ({
  folder: '/nowhere',
  database: undefined,
  host: '127.0.0.1',
  port: 0,
  url: 'http://127.0.0.1:1',
  token: undefined,
  settingProblems: [],
  ...given,
});

/** What was found, by check. */
async function found(given: Partial<Here>): Promise<Record<string, string>> {
  const findings = await lookHere(here(given));
  return Object.fromEntries(findings.map(({ check, state, message }) => [check, `${state}: ${message}`]));
}

async function folderWithData(): Promise<string> {
  const dataFolder = join(temporaryFolder(), 'data');
  const environments = [{ key: 'dev', flags: [aFlag({ key: 'a' })] }];
  await (await startCenter({ port: 0, dataFolder, environments })).close();
  return dataFolder;
}

const contentsOf = (folder: string) =>
  readdirSync(folder).map((file) => [
    file,
    statSync(join(folder, file)).mtimeMs,
    readFileSync(join(folder, file)).toString('base64'),
  ]);

describe('a look at what is here', () => {
  it('finds all in order in a folder that was left as it should be, and changes nothing in it', async () => {
    const folder = await folderWithData();
    const before = contentsOf(folder);
    const findings = await found({ folder });
    expect(Object.entries(findings).filter(([check, text]) => !text.startsWith('ok: ') && check !== 'disk')).toEqual(
      [],
    );
    expect(findings).toMatchObject({
      lock: 'ok: no center uses the folder',
      checksums: 'ok: 1 flags and segments are what was written',
      mark: 'ok: no acknowledged change is missing',
      port: expect.stringMatching(/^ok: 127\.0\.0\.1:0 is free/),
    });
    expect(contentsOf(folder)).toEqual(before);
  });

  it('finds the center that uses the folder, and its port', async () => {
    const dataFolder = join(temporaryFolder(), 'data');
    const center = await startCenter({ port: 0, dataFolder });
    onTestFinished(() => center.close());
    const { port } = new URL(center.url);
    expect(await found({ folder: dataFolder, port: Number(port), url: center.url })).toMatchObject({
      lock: `ok: a center uses the folder, process ${process.pid}`,
      port: `ok: a center answers at ${center.url}`,
      checksums: expect.stringMatching(/^ok/),
    });
  });

  it('finds a folder or a database that is not there, without making one', async () => {
    const empty = temporaryFolder();
    expect(await found({ folder: join(empty, 'none') })).toMatchObject({
      data: expect.stringMatching(/^warn: there is no folder/),
    });
    expect(existsSync(join(empty, 'none'))).toBe(false);
    mkdirSync(join(empty, 'data'), { mode: 0o700 });
    expect(await found({ folder: join(empty, 'data') })).toMatchObject({
      data: expect.stringMatching(/^warn: there is no database in/),
      rights: expect.stringMatching(/^ok/),
    });
  });

  it('finds a damaged document, a file that is no database, and one of another program', async () => {
    const folder = await folderWithData();
    const database = new SqliteConnection(join(folder, 'fbcenter.db'));
    database.run("UPDATE documents SET text = replace(text, 'true', 'TRUE')");
    database.close();
    expect(await found({ folder })).toMatchObject({ checksums: 'fail: damaged: dev/flag/a' });
    writeFileSync(join(folder, 'fbcenter.db'), 'x'.repeat(5_000));
    expect(await found({ folder })).toMatchObject({ data: expect.stringMatching(/^fail: /) });
  });

  it('finds that an older copy was put in place, or that the mark is missing', async () => {
    const folder = await folderWithData();
    const [database, copy] = [join(folder, 'fbcenter.db'), join(temporaryFolder(), 'copy.db')];
    copyFileSync(database, copy);
    await (await startCenter({ port: 0, dataFolder: folder, environments: [{ key: 'more' }] })).close();
    copyFileSync(copy, database);
    expect(await found({ folder })).toMatchObject({
      mark: expect.stringMatching(/^warn: \d+ acknowledged changes are missing/),
    });
    rmSync(join(folder, 'fbcenter.mark'));
    expect(await found({ folder })).toMatchObject({
      mark: expect.stringMatching(/^warn: the mark beside the database/),
    });
  });

  it('finds data of a newer fbcenter, and of an older one', async () => {
    const folder = await folderWithData();
    const set = (version: number) => {
      const database = new SqliteConnection(join(folder, 'fbcenter.db'));
      database.exec(`PRAGMA user_version = ${version}`);
      database.close();
    };
    set(1_000);
    expect(await found({ folder })).toMatchObject({ schema: expect.stringMatching(/^fail: schema 1000/) });
    set(1);
    expect(await found({ folder })).toMatchObject({ schema: expect.stringMatching(/^warn: schema 1,/) });
  });

  it('finds a port that another program has, and a database that is not reached', async () => {
    const server = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await found({ port, url: `http://127.0.0.1:${port}` })).toMatchObject({
      port: `fail: 127.0.0.1:${port} is in use by another program`,
    });
    expect(await found({ host: '192.0.2.1' })).toMatchObject({
      port: expect.stringMatching(/^fail: 192\.0\.2\.1:0 cannot be listened on/),
    });
    const database = await found({ database: 'postgres://u:a-password@127.0.0.1:1/flags' });
    expect(database).toMatchObject({
      database: expect.stringMatching(/^fail: The database flags at 127\.0\.0\.1:1 cannot be used/),
    });
    expect(JSON.stringify(database)).not.toContain('a-password');
  });

  it('repeats what a start would refuse', async () => {
    expect(await found({ settingProblems: ['c.yaml:1: port: must be'] })).toMatchObject({
      settings: 'fail: c.yaml:1: port: must be',
    });
  });
});

describe('a look at a center that runs', () => {
  const look = async (url: string, token: string, now?: () => number) =>
    Object.fromEntries(
      (await lookThere({ url, token }, now)).map(({ check, state, message }) => [check, `${state}: ${message}`]),
    );

  it('finds all in order, or a token that is refused, or a clock that is wrong', async () => {
    const center = await startCenter({ port: 0 });
    onTestFinished(() => center.close());
    expect(await look(center.url, center.adminToken)).toEqual({
      center: `ok: answers at ${center.url}`,
      clock: expect.stringMatching(/^ok/),
      readiness: 'ok: its storage takes changes',
      token: 'ok: Access token of the settings, admin',
      transport: 'ok: within this machine',
    });
    expect(await look(center.url, 'wrong')).toMatchObject({ token: 'fail: the access token is refused' });
    expect(await look(center.url, center.adminToken, () => Date.now() + 3_600_000)).toMatchObject({
      clock: expect.stringMatching(/^warn: the center is .* s behind$/),
    });
  });

  it('finds that nobody answers, or another program does', async () => {
    expect(await look('http://127.0.0.1:1', 't')).toEqual({ center: expect.stringMatching(/^fail: /) });
    const server = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await look(url, 't')).toEqual({ center: `fail: what answers at ${url} is no fbcenter (200)` });
  });
});
