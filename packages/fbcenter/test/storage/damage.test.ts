import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeEdit } from '../../src/documents/edit.js';
import { put, setArchived } from '../../src/documents/edits.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Environment } from '../../src/model/environment.js';
import { documentPages } from '../../src/storage/document-pages.js';
import { openSqliteStorage, type SqliteOptions } from '../../src/storage/sqlite/open.js';
import { restore } from '../../src/storage/sqlite/restore.js';
import type { Storage } from '../../src/storage/storage.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const DATABASE = 'fbcenter.db';
const LOG = 'fbcenter.db-wal';

function open(folder: string, options: SqliteOptions = {}): Storage {
  const storage = openSqliteStorage({ folder, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

async function fill(storage: Storage): Promise<Environment> {
  const environment = anEnvironment('dev');
  await storage.environments.create(environment, []);
  await storage.settings.save('token', 'the-access-token');
  for (const key of ['first', 'second', 'third']) {
    await storage.documents.write(environment.id, {
      ...aDraft(key),
      text: (version) => JSON.stringify({ key, note: `note of ${key}`, updatedAt: new Date(version).toISOString() }),
    });
  }
  return environment;
}

/** A folder whose center was stopped. */
async function stopped() {
  const folder = join(temporaryFolder(), 'data');
  const storage = openSqliteStorage({ folder });
  const environment = await fill(storage);
  await storage.close();
  return { folder, environment };
}

/** A folder as it is after its center was killed: everything is in the log. */
async function killed() {
  const folder = join(temporaryFolder(), 'data');
  const used = join(temporaryFolder(), 'data');
  const storage = open(used);
  const environment = await fill(storage);
  cpSync(used, folder, { recursive: true, filter: (path) => !path.endsWith('-shm') });
  return { folder, environment };
}

/** Changes bytes behind every place where a text stands in a file. */
function damage(path: string, text: string, change: (bytes: Buffer, at: number) => void): void {
  const bytes = readFileSync(path);
  let hits = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    change(bytes, at);
    hits += 1;
  }
  expect(hits, `${text} in ${path}`).toBeGreaterThan(0);
  writeFileSync(path, bytes);
}

const flip = (bit: number) => (bytes: Buffer, at: number) => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
};

describe('a damaged document', () => {
  it.each([
    ['in a bit that makes another letter', flip(0)],
    ['in a bit that makes it no text', flip(7)],
    [
      'in many bytes',
      (bytes: Buffer, at: number) => {
        bytes.fill(0xff, at, at + 8);
      },
    ],
  ])('%s is named and left out, and disturbs no other', async (_, change) => {
    const { folder, environment } = await stopped();
    damage(join(folder, DATABASE), 'note of second', change);
    const log = memoryLogger();
    const storage = open(folder, { log });
    expect(log.lines).toEqual(['error documents are damaged and left out: put them anew, or restore a backup']);
    const { documents } = await storage.changes.everything(environment.id);
    expect(documents.map(({ key }) => key)).toEqual(['first', 'third']);
    expect((await storage.documents.list(environment.id, 'flag', {})).map(({ key }) => key)).toEqual([
      'first',
      'third',
    ]);
    await expect(storage.documents.get(environment.id, 'flag', 'second')).rejects.toMatchObject({
      code: 'damaged-data',
      message: expect.stringMatching(/flag second is damaged.*backup/),
    });
    // A reader that holds it keeps what it holds: it is given what is newer, not everything without it.
    const cursor = documents[0]?.version ?? 0;
    expect((await storage.changes.since(environment.id, cursor))?.documents.map(({ key }) => key)).toEqual(['third']);
    await storage.documents.write(environment.id, aDraft('second'));
    expect(await storage.documents.get(environment.id, 'flag', 'second')).toBeDefined();
  });
});

describe('a damaged document among many', () => {
  it.each([['first'], ['second'], ['third']])('ends no list before its end: %s', async (damaged) => {
    const { folder, environment } = await stopped();
    damage(join(folder, DATABASE), `note of ${damaged}`, flip(0));
    const storage = open(folder);
    const intact = ['first', 'second', 'third'].filter((key) => key !== damaged);
    const keysOf = async (limit: number, after?: string) =>
      (await storage.documents.list(environment.id, 'flag', { limit, after })).map(({ key }) => key);
    expect([await keysOf(1), await keysOf(2), await keysOf(3)]).toEqual([intact.slice(0, 1), intact, intact]);
    expect(await keysOf(1, intact[0])).toEqual(intact.slice(1));
    const pages: string[][] = [];
    for await (const page of documentPages(storage.documents, environment.id, 'flag', {})) {
      pages.push(page.map(({ key }) => key));
    }
    expect(pages.flat()).toEqual(intact);
  });

  it('does not hide that a flag behind it uses a segment', async () => {
    const { folder, environment } = await stopped();
    const storage = open(folder);
    const by = SETTINGS_TOKEN;
    const target = { environment, by };
    await makeEdit(storage, put({ ...target, kind: 'segment', key: 's' }, aSegment()));
    const rules = [aRule({ property: 'User is in segment', op: null, value: '["s"]' })];
    await makeEdit(storage, put({ ...target, kind: 'flag', key: 'zzz' }, aFlag({ rules })));
    // More than a page of them, so that one is damaged in each.
    for (let index = 0; index < 6; index++) {
      await storage.documents.write(environment.id, { ...aDraft(`d${index}`), text: () => '{"note":"to be damaged"}' });
    }
    await storage.close();
    damage(join(folder, DATABASE), 'to be damaged', flip(1));
    const again = open(folder);
    await expect(makeEdit(again, setArchived({ ...target, kind: 'segment', key: 's' }, true))).rejects.toMatchObject({
      code: 'segment-in-use',
    });
  });
});

describe('damage to what nothing is right without', () => {
  it.each<[string, string, number]>([
    ['the access token', 'the-access-token', 0],
    ['the access token, so that it is no text', 'the-access-token', 7],
    ['the name of an environment', 'The dev', 1],
    ['the definition of a table', 'is_archived    INTEGER', 1],
    ['the definition of a constraint', "'segment'", 4],
    ['the kind of file', 'SQLite format 3', 2],
  ])('refuses the start with a sentence, every time: %s', async (_, text, bit) => {
    const { folder } = await stopped();
    damage(join(folder, DATABASE), text, flip(bit));
    for (let start = 1; start <= 2; start++) {
      expect(() => openSqliteStorage({ folder })).toThrow(
        expect.objectContaining({ code: 'damaged-data', message: expect.stringMatching(/damaged.*fbcenter restore/) }),
      );
    }
  });

  it('refuses the start when a secret is not what it was', async () => {
    const { folder, environment } = await stopped();
    damage(join(folder, DATABASE), environment.serverSecret, flip(1));
    expect(() => openSqliteStorage({ folder })).toThrow(expect.objectContaining({ code: 'damaged-data' }));
  });
});

describe('the log of a center that was killed', () => {
  it('is used when it is intact', async () => {
    const { folder, environment } = await killed();
    const log = memoryLogger();
    expect((await open(folder, { log }).changes.everything(environment.id)).documents).toHaveLength(3);
    expect(log.lines).toEqual([]);
  });

  it.each<[string, (path: string) => void]>([
    ['in its middle', (path) => damage(path, 'note of second', flip(0))],
    [
      'in its head',
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 16, 20);
        writeFileSync(path, bytes);
      },
    ],
    ['at its end', (path) => writeFileSync(path, readFileSync(path).subarray(0, -4_096))],
  ])('refuses the start when it is damaged %s, every time, until something is put in its place', async (_, act) => {
    const { folder, environment } = await killed();
    act(join(folder, LOG));
    for (let start = 1; start <= 3; start++) {
      expect(() => openSqliteStorage({ folder })).toThrow(
        expect.objectContaining({
          code: 'damaged-data',
          message: expect.stringMatching(/acknowledged changes.*fbcenter restore/),
        }),
      );
    }
    // What is left can be put in its own place: then whoever does it has decided.
    const { documents } = restore({ folder, file: join(folder, DATABASE), overwrite: true, progress: () => {} });
    const served = (await open(folder).changes.everything(environment.id)).documents;
    expect(served).toHaveLength(documents);
    expect(documents).toBeLessThan(3);
  });

  it('that is gone is said to be, and no version is given a second time', async () => {
    const { folder: used, environment } = await stopped();
    const running = open(used);
    const late = await running.documents.write(environment.id, aDraft('late'));
    const folder = join(temporaryFolder(), 'data');
    cpSync(used, folder, { recursive: true, filter: (path) => !/-(wal|shm)$/.test(path) });
    const log = memoryLogger();
    const storage = open(folder, { log });
    expect(log.lines).toEqual(['warn an older copy of the data was put in place: every SDK is given everything anew']);
    const { documents } = await storage.changes.everything(environment.id);
    expect(documents.map(({ key }) => key)).toEqual(['first', 'second', 'third']);
    expect(documents[0]?.version).toBeGreaterThan(late.version);
    expect(await storage.changes.since(environment.id, late.version)).toBeUndefined();
  });
});

describe('the mark', () => {
  it.each<[string, (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    ['is nonsense', (path) => writeFileSync(path, 'nonsense\n[1]\n')],
    ['has a damaged newest state', (path) => damage(path, 'null', flip(0))],
  ])('that %s stops nobody', async (_, act) => {
    const { folder, environment } = await stopped();
    act(join(folder, 'fbcenter.mark'));
    expect((await open(folder).changes.everything(environment.id)).documents).toHaveLength(3);
  });
});
