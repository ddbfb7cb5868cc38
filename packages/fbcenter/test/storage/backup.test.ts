import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backUp } from '../../src/storage/sqlite/backup.js';
import { openSqliteStorage, type SqliteOptions } from '../../src/storage/sqlite/open.js';
import { restore } from '../../src/storage/sqlite/restore.js';
import type { Storage } from '../../src/storage/storage.js';
import { Child } from '../support/child.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';
import { evaluation, NOTHING } from '../support/tallies.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HOUR = 3_600_000;
const quietly = { overwrite: false, progress: () => {} };

function open(folder: string, options: SqliteOptions = {}): Storage {
  const storage = openSqliteStorage({ folder, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** A center's folder, in use, with a place for a backup. */
async function used(options: SqliteOptions = {}) {
  const home = temporaryFolder();
  const folder = join(home, 'data');
  const file = join(home, 'copy.db');
  const storage = open(folder, options);
  const environment = anEnvironment('dev');
  await storage.environments.create(environment, [aDraft('first')]);
  return { home, folder, file, storage, environment };
}

describe('a file that is no backup', () => {
  it.each<[string, (file: string) => void, RegExp]>([
    [
      'garbage',
      (file) => writeFileSync(file, 'x'.repeat(10_000)),
      /copy\.db cannot be read as a backup .*data was left as it is$/,
    ],
    ['half of one', (file) => truncateSync(file, 8 * 4096), /copy\.db (?:cannot be read as a backup|is damaged)/],
    ['a folder', (file) => mkdirSync(file), /There is no file .*copy\.db$/],
  ])('is named, and not the folder that it is for: %s', async (what, harm, message) => {
    const { folder, file, storage } = await used();
    backUp({ folder, file, ...quietly });
    await storage.close();
    if (what === 'a folder') rmSync(file);
    harm(file);
    expect(() => restore({ folder, file, ...quietly, overwrite: true })).toThrow(message);
    expect((await open(folder).environments.list()).length).toBe(1);
  });
});

describe('a backup', () => {
  it('is everything as it is, in one file that only its owner may read, made while the center runs', async () => {
    const { home, folder, file, storage, environment } = await used();
    await storage.settings.save('token', 'secret');
    await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'on')] }]]));
    const said: string[] = [];
    expect(backUp({ folder, file, overwrite: false, progress: (line) => said.push(line) })).toBe(1);
    expect(said).toEqual([expect.stringMatching(/^copying .*MiB/), expect.stringMatching(/^checking .*MiB/)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const left of ['.part', '-wal', '-shm', '-journal']) expect(existsSync(file + left), left).toBe(false);
    await storage.documents.write(environment.id, aDraft('second'));

    const elsewhere = join(home, 'elsewhere');
    restore({ folder: elsewhere, file, ...quietly });
    const restored = open(elsewhere);
    expect(await restored.environments.list()).toEqual([environment]);
    expect(await restored.settings.get('token')).toBe('secret');
    expect((await restored.insights.report(environment.id)).evaluations).toHaveLength(1);
    expect((await restored.documents.list(environment.id, 'flag', {})).map(({ key }) => key)).toEqual(['first']);
    for (const name of ['', 'fbcenter.db', 'fbcenter.mark']) {
      expect(statSync(join(elsewhere, name)).mode & 0o077, name).toBe(0);
    }
  });

  it('holds whole transactions, while another process writes as fast as it can', async () => {
    const home = temporaryFolder();
    const folder = join(home, 'data');
    const environment = anEnvironment();
    const storage = openSqliteStorage({ folder });
    await storage.environments.create(environment, []);
    await storage.close();
    const writer = new Child('support/endless-writer.ts', [folder, environment.id]);
    await writer.until((stdout) => (stdout.split('\n').length > 20 ? true : undefined));
    const acknowledged = Number(writer.stdout.trimEnd().split('\n').at(-1)?.split(' ')[0]);
    const file = join(home, 'copy.db');
    backUp({ folder, file, ...quietly });
    await writer.until((stdout) => (stdout.split('\n').length > acknowledged + 5 ? true : undefined));
    writer.kill('SIGKILL');
    await writer.exited();
    restore({ folder, file, ...quietly, overwrite: true });
    const { documents } = await open(folder).changes.everything(environment.id);
    const counts = new Map(documents.map(({ key, text }) => [key, Number(JSON.parse(text).count)]));
    expect(Math.max(...counts.values())).toBeGreaterThanOrEqual(acknowledged);
    for (const [key, count] of counts) expect(counts.get(key.replace('flag', 'twin'))).toBe(count);
  }, 60_000);

  it.each<[string, (file: string, folder: string) => void, string]>([
    ['a file is there already', (file) => writeFileSync(file, 'precious'), 'already-exists'],
    ['there are no data', (_, folder) => rmSync(join(folder, 'fbcenter.db')), 'data-missing'],
    [
      'a document is damaged',
      (_, folder) => {
        const path = join(folder, 'fbcenter.db');
        const bytes = readFileSync(path);
        const at = bytes.indexOf('"key":"first"');
        bytes[at + 8] = 0x66 ^ 1;
        writeFileSync(path, bytes);
      },
      'damaged-data',
    ],
  ])('is not made when %s, and leaves what was there', async (_, act, code) => {
    const { folder, file, storage } = await used();
    await storage.close();
    act(file, folder);
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    expect(() => backUp({ folder, file, ...quietly })).toThrow(expect.objectContaining({ code }));
    expect(existsSync(file) ? readFileSync(file, 'utf8') : undefined).toBe(before);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it.each(['fbcenter.db', 'fbcenter.db-wal', 'fbcenter.mark', 'fbcenter.owner', 'fbcenter.new'])(
    'is never made in the place of one of the own files of the center: %s',
    async (name) => {
      const { home, folder, storage, environment } = await used();
      symlinkSync(folder, join(home, 'link'));
      for (const path of [folder, join(home, 'link')]) {
        expect(() => backUp({ folder, file: join(path, name), overwrite: true, progress: () => {} })).toThrow(
          expect.objectContaining({ code: 'already-exists', message: expect.stringContaining('own files') }),
        );
      }
      await storage.documents.write(environment.id, aDraft('second'));
      expect(backUp({ folder, file: join(folder, 'copy.db'), ...quietly })).toBe(2);
    },
  );

  it('names the folder that is not there', async () => {
    const { home, folder } = await used();
    expect(() => backUp({ folder, file: join(home, 'no', 'such', 'copy.db'), ...quietly })).toThrow(
      expect.objectContaining({
        code: 'data-missing',
        message: `There is no folder ${join(home, 'no', 'such')}: make it first`,
      }),
    );
  });

  it('replaces a file when that is asked for, with the rights of a backup', async () => {
    const { folder, file } = await used();
    writeFileSync(file, 'old', { mode: 0o644 });
    backUp({ folder, file, ...quietly, overwrite: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).subarray(0, 6).toString()).toBe('SQLite');
  });
});

describe('a restore', () => {
  it.each<[string, (file: string, folder: string, storage: Storage) => unknown, string]>([
    ['there is no such file', (file) => rmSync(file), 'data-missing'],
    ['the file is no database', (file) => writeFileSync(file, 'no database '.repeat(1_000)), 'damaged-data'],
    ['the folder has data', () => {}, 'already-exists'],
    ['a center uses the folder', (_, folder) => void open(folder), 'folder-in-use'],
  ])('is refused when %s, and leaves the folder as it was', async (_, act, code) => {
    const { folder, file, storage, environment } = await used();
    backUp({ folder, file, ...quietly });
    await storage.documents.write(environment.id, aDraft('later'));
    await storage.close();
    act(file, folder, storage);
    const overwrite = code === 'damaged-data';
    expect(() => restore({ folder, file, ...quietly, overwrite })).toThrow(expect.objectContaining({ code }));
    if (code === 'folder-in-use') return;
    expect((await open(folder).documents.list(environment.id, 'flag', {})).map(({ key }) => key)).toEqual([
      'first',
      'later',
    ]);
  });

  it('puts the old data aside', async () => {
    const { home, folder, file, storage, environment } = await used();
    backUp({ folder, file, ...quietly });
    await storage.documents.write(environment.id, aDraft('later'));
    await storage.close();
    const { aside } = restore({ folder, file, ...quietly, overwrite: true });
    const again = join(home, 'again');
    restore({ folder: again, file: aside ?? '', ...quietly });
    expect((await open(again).documents.list(environment.id, 'flag', {})).map(({ key }) => key)).toEqual([
      'first',
      'later',
    ]);
  });
});

describe('versions after a restore', () => {
  /** By how much the clock is off when changes are made after the backup, and when it is put back. */
  it.each<
    [string, { readonly after: number; readonly at: number; readonly byHand?: boolean; readonly lost?: boolean }]
  >([
    ['with a clock that stands still', { after: 0, at: 0 }],
    ['with a clock that was ahead for a while', { after: 30 * 24 * HOUR, at: 0 }],
    ['with a clock that has gone back', { after: 0, at: -5 * HOUR }],
    ['of a file that was copied by hand', { after: 30 * 24 * HOUR, at: -HOUR, byHand: true }],
    [
      'in a folder that knows nothing of what was, after changes that ran ahead',
      { after: HOUR / 2, at: 0, lost: true },
    ],
  ])('are greater than every one before it: %s', async (_, { after, at, byHand = false, lost = false }) => {
    const clock = new FakeClock();
    const { folder, file, storage, environment } = await used({ clock });
    await storage.documents.write(environment.id, aDraft('second', 'flag', true));
    backUp({ folder, file, ...quietly });
    clock.time += after;
    const given: number[] = [];
    for (let count = 0; count < 20; count++) {
      given.push((await storage.documents.write(environment.id, aDraft(`ghost-${count}`))).version);
    }
    await storage.close();
    clock.time += at - after;
    if (lost) rmSync(folder, { recursive: true });
    if (byHand) {
      // A file of its own: the database that was closed here stays open until it is collected.
      rmSync(join(folder, 'fbcenter.db'));
      copyFileSync(file, join(folder, 'fbcenter.db'));
    } else restore({ folder, file, ...quietly, overwrite: true, clock });

    const restored = open(folder, { clock });
    const greatest = Math.max(...given);
    const { documents, cursor } = await restored.changes.everything(environment.id);
    expect(documents.map(({ key }) => key)).toEqual(['first', 'second']);
    for (const { version } of documents) expect(version).toBeGreaterThan(greatest);
    for (const version of given) expect(await restored.changes.since(environment.id, version)).toBeUndefined();
    expect(await restored.changes.since(environment.id, cursor)).toEqual({ cursor, documents: [] });
    expect((await restored.documents.write(environment.id, aDraft('new'))).version).toBeGreaterThan(cursor);
    // An environment that is made again, with the secret that SDKs have, goes on from there too.
    const again = anEnvironment('again');
    await restored.environments.create(again, [aDraft('a')]);
    expect((await restored.changes.everything(again.id)).cursor).toBeGreaterThan(greatest);
  });

  it('are those that the documents say, which are otherwise as they were, to the last digit', async () => {
    const { folder, file, storage, environment } = await used();
    const text = (version: number) =>
      `{"key":"exact","n":12345678901234567890,"updatedAt":"${new Date(version).toISOString()}","z":{"updatedAt":null}}`;
    await storage.documents.write(environment.id, { ...aDraft('exact'), text });
    backUp({ folder, file, ...quietly });
    await storage.close();
    restore({ folder, file, ...quietly, overwrite: true });
    const document = await open(folder).documents.get(environment.id, 'flag', 'exact');
    expect(document?.text).toBe(text(document?.version ?? 0));
  });
});
