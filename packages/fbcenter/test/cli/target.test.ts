import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startCenter } from '../../src/center.js';
import { environmentOf, knownEnvironment } from '../../src/cli/environment-choice.js';
import type { Given } from '../../src/cli/settings.js';
import { readTarget, type Target, withManagement } from '../../src/cli/target.js';
import type { ConfigProblem } from '../../src/errors.js';
import { FakeManagement } from '../support/fake-management.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A center is started several times.
vi.setConfig({ testTimeout: 120_000 });

const HERE: Target = {
  url: undefined,
  token: undefined,
  folder: 'fbcenter-data',
  database: undefined,
  localUrl: 'http://127.0.0.1:5100',
  publicUrl: undefined,
};

function read(given: Given) {
  const problems: ConfigProblem[] = [];
  const target = readTarget(given, problems);
  return { target, problems: problems.map(({ option, message }) => `${option}: ${message}`) };
}

describe('where a command works', () => {
  it.each<[given: Given, target: Partial<Target>]>([
    [{}, {}],
    [{ dataFolder: '/d' }, { folder: '/d' }],
    [{ database: 'postgres://h/d' }, { database: 'postgres://h/d' }],
    [
      { url: 'https://h:1//', adminToken: 't' },
      { url: 'https://h:1', token: 't' },
    ],
    [{ host: '0.0.0.0' }, {}],
    [{ host: '::', port: '80' }, { localUrl: 'http://127.0.0.1:80' }],
    [{ host: '::1' }, { localUrl: 'http://[::1]:5100' }],
    [{ host: 'flags.internal' }, { localUrl: 'http://flags.internal:5100' }],
    [{ publicUrl: 'https://p' }, { publicUrl: 'https://p' }],
    // A center that is elsewhere does not mind what would be kept here.
    [
      { url: 'http://h', adminToken: 't', memory: 'true' },
      { url: 'http://h', token: 't' },
    ],
  ])('by %j is %j', (given, target) => {
    expect(read(given)).toEqual({ target: { ...HERE, ...target }, problems: [] });
  });

  it.each<[given: Given, ...problems: string[]]>([
    [{ url: 'h', adminToken: 't' }, 'url: must be like http://host:port'],
    [{ url: 'http://h/api', adminToken: 't' }, 'url: must be like http://host:port'],
    [{ url: 'http://h' }, 'adminToken: is needed with --url (FBCENTER_URL): the center asks for it'],
    [{ memory: 'true' }, 'memory: there is nothing to work on: give --url (FBCENTER_URL)'],
    [{ database: 'flags' }, 'database: must be an address like postgres://user:password@host:5432/database'],
    [
      { url: 'h' },
      'url: must be like http://host:port',
      'adminToken: is needed with --url (FBCENTER_URL): the center asks for it',
    ],
  ])('by %j is refused: %s', (given, ...problems) => {
    expect(read(given).problems).toEqual(problems);
  });
});

describe('the management of data', () => {
  const nothing = () => {};
  const failureOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => (error as Error).message);

  async function folderWithData(): Promise<string> {
    const dataFolder = join(temporaryFolder(), 'data');
    await (await startCenter({ port: 0, dataFolder })).close();
    return dataFolder;
  }

  it('in a folder is through a center on loopback that is gone afterwards, whatever comes of it', async () => {
    const folder = await folderWithData();
    const failure = withManagement({ ...HERE, folder }, {}, nothing, async (management) => {
      expect(management.name).toBe(`The center in ${folder}`);
      expect(await management.call('/session')).toMatchObject({ me: { role: 'admin' } });
      throw new Error('on purpose');
    });
    expect(await failureOf(failure)).toBe('on purpose');
    // The folder is free again.
    const again = await withManagement({ ...HERE, folder }, {}, nothing, (management) =>
      management.call('/environments'),
    );
    expect(again).toMatchObject({ items: [{ key: 'dev' }] });
  });

  it('in a folder that a center uses is through that one, with its token or the one that is given', async () => {
    const dataFolder = join(temporaryFolder(), 'data');
    const center = await startCenter({ port: 0, dataFolder });
    onTestFinished(() => center.close());
    const target = { ...HERE, folder: dataFolder, localUrl: center.url };
    expect(await withManagement(target, {}, nothing, async ({ name }) => name)).toBe(center.url);
    const wrong = withManagement({ ...target, token: 'wrong' }, {}, nothing, async () => 'let in');
    expect(await failureOf(wrong)).toMatch(/refuses the access token/);
    const elsewhere = withManagement({ ...target, localUrl: 'http://127.0.0.1:1' }, {}, nothing, async () => 'let in');
    expect(await failureOf(elsewhere)).toMatch(
      /is in use, but no center answers at http:\/\/127\.0\.0\.1:1: give --host and --port/,
    );
  });

  it('that are not there is refused, and makes nothing', async () => {
    const folder = join(temporaryFolder(), 'none');
    const failure = withManagement({ ...HERE, folder }, {}, nothing, async () => 'let in');
    expect(await failureOf(failure)).toMatch(/^There is no fbcenter\.db in .*none: give its folder with --data/);
  });

  it('elsewhere is at that address, with why it is done', async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url, request.headers.authorization, request.headers['x-change-comment']);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target = { ...HERE, url, token: 't' };
    await withManagement(target, { comment: 'why' }, nothing, (management) =>
      management.call('/x', { method: 'POST' }),
    );
    expect(seen).toEqual(['/api/v1/x', 'Bearer t', 'why']);
  });
});

describe('the environment of a command', () => {
  const of = (...keys: readonly string[]) =>
    new FakeManagement({ 'GET /environments': { items: keys.map((key) => ({ key })) } });

  it.each<[given: string | undefined, keys: string[], found: string]>([
    ['prod', ['dev', 'prod'], 'prod'],
    [undefined, ['dev'], 'dev'],
  ])('that is given as %s, of %j, is %s', async (given, keys, found) => {
    expect(await environmentOf(given, of(...keys))).toBe(found);
  });

  it.each<[given: string | undefined, keys: string[], failure: string]>([
    [undefined, ['dev', 'prod'], 'Give --environment: there are dev, prod'],
    [undefined, [], 'Give --environment: there is none here'],
    ['x', ['dev', 'prod'], 'There is no environment x: there are dev, prod'],
    ['x', [], 'There is no environment x: there is none'],
  ])('that is given as %s, of %j, is refused: %s', async (given, keys, failure) => {
    await expect(environmentOf(given, of(...keys))).rejects.toThrow(failure);
    if (given !== undefined) await expect(knownEnvironment(given, of(...keys))).rejects.toThrow(failure);
  });
});
