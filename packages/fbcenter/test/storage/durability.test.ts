import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { MIGRATIONS, migrate } from '../../src/storage/sqlite/migrations.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { Child } from '../support/child.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function open(folder: string): Storage {
  const storage = openSqliteStorage({ folder });
  onTestFinished(() => storage.close());
  return storage;
}

async function prepare(folder: string) {
  const environment = anEnvironment();
  const storage = openSqliteStorage({ folder });
  await storage.environments.create(environment, [aDraft('kept')]);
  await storage.close();
  return environment;
}

describe('a process that is killed while it writes', () => {
  it('leaves everything that was acknowledged, no half transaction, and a folder that opens at once', async () => {
    const folder = temporaryFolder();
    const environment = await prepare(folder);
    let acknowledged = 0;
    for (let round = 1; round <= 2; round++) {
      const writer = new Child('support/endless-writer.ts', [folder, environment.id]);
      await writer.until((stdout) => (stdout.split('\n').length > 40 * round ? true : undefined));
      writer.kill('SIGKILL');
      expect((await writer.exited()).signal).toBe('SIGKILL');

      const lines = writer.stdout.split('\n').slice(0, -1);
      const last = lines[lines.length - 1]?.split(' ').map(Number) ?? [];
      const [count = 0, , segmentVersion = 0] = last;
      acknowledged += count;

      const storage = openSqliteStorage({ folder });
      const { cursor, documents } = await storage.changes.everything(environment.id);
      expect(cursor).toBeGreaterThanOrEqual(segmentVersion);
      const texts = new Map(documents.map(({ key, text }) => [key, JSON.parse(text)]));
      for (const document of documents) expect(JSON.parse(document.text).version).toBe(document.version);
      for (let slot = 0; slot < 50; slot++) {
        const flag = texts.get(`flag-${slot}`);
        // The twins were written in one transaction, so they are of one count.
        expect(texts.get(`twin-${slot}`)?.count).toBe(flag?.count);
        const expected = lastMultiple(count, slot);
        if (expected > 0) expect(flag?.count).toBeGreaterThanOrEqual(expected);
      }
      const { evaluations } = await storage.insights.report(environment.id);
      expect(evaluations[0]?.count).toBeGreaterThanOrEqual(acknowledged);
      await storage.close();
    }
  }, 60_000);
});

/** The greatest count up to `count` whose remainder by 50 is `slot`, or 0. */
function lastMultiple(count: number, slot: number): number {
  const candidate = count - ((count - slot + 50) % 50);
  return candidate > 0 ? candidate : 0;
}

describe('a data folder', () => {
  it('belongs to one storage at a time, and is free once that is closed', async () => {
    const folder = temporaryFolder();
    const first = open(folder);
    expect(() => openSqliteStorage({ folder })).toThrow(
      expect.objectContaining({ code: 'folder-in-use', message: expect.stringContaining(folder) }),
    );
    await first.ping();
    await first.close();
    await open(folder).ping();
  });

  it('belongs to one process at a time, and is free once that was killed', async () => {
    const folder = temporaryFolder();
    const environment = await prepare(folder);
    const writer = new Child('support/endless-writer.ts', [folder, environment.id]);
    await writer.untilMatch(/^1 /);
    expect(() => openSqliteStorage({ folder })).toThrow(expect.objectContaining({ code: 'folder-in-use' }));
    writer.kill('SIGKILL');
    await writer.exited();
    expect(await open(folder).documents.get(environment.id, 'flag', 'kept')).toBeDefined();
  }, 60_000);

  it('can be looked at by other programs while it is in use', async () => {
    const folder = temporaryFolder();
    const storage = open(folder);
    await storage.settings.save('seen', 'yes');
    const visitor = new SqliteConnection(join(folder, 'fbcenter.db'));
    expect(visitor.row('SELECT value FROM settings')).toMatchObject({ value: 'yes' });
    visitor.close();
    await storage.settings.save('seen', 'still');
  });

  it('is readable by its owner only', async () => {
    const folder = join(temporaryFolder(), 'new', 'deep');
    await open(folder).settings.save('token', 'secret');
    expect(statSync(folder).mode & 0o077).toBe(0);
    for (const file of ['fbcenter.db', 'fbcenter.db-wal', 'fbcenter.lock']) {
      expect(statSync(join(folder, file)).mode & 0o077, file).toBe(0);
    }
  });

  it.each<[string, (folder: string) => void, string, RegExp]>([
    [
      'a damaged database',
      (folder) => writeFileSync(join(folder, 'fbcenter.db'), 'not a database at all '.repeat(200)),
      'damaged-data',
      /not a database.*backup/,
    ],
    [
      'the database of another program',
      (folder) => {
        const other = new SqliteConnection(join(folder, 'fbcenter.db'));
        other.exec('CREATE TABLE theirs (a)');
        other.close();
      },
      'storage-failed',
      /not one of fbcenter/,
    ],
    [
      'data of a newer fbcenter',
      (folder) => {
        const newer = new SqliteConnection(join(folder, 'fbcenter.db'));
        migrate(newer);
        newer.exec('PRAGMA user_version = 99');
        newer.close();
      },
      'newer-data',
      /schema 99.*newer version/,
    ],
  ])('with %s is left as it is, with an error that says what to do', (_, damage, code, message) => {
    const folder = temporaryFolder();
    damage(folder);
    const before = readFileSync(join(folder, 'fbcenter.db'));
    expect(() => openSqliteStorage({ folder })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(readFileSync(join(folder, 'fbcenter.db')).equals(before)).toBe(true);
    expect(() => openSqliteStorage({ folder }), 'the lock was not let go of').toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('that is a file is an error that says what to do', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(() => openSqliteStorage({ folder: path })).toThrow(
      expect.objectContaining({
        code: 'storage-failed',
        message: expect.stringContaining('choose another data folder'),
      }),
    );
  });
});

describe('migrations', () => {
  const ONE = 'CREATE TABLE one (a)';

  it('are applied once each, in order, and a step that fails leaves the state before it', () => {
    const connection = new SqliteConnection(':memory:');
    migrate(connection, [ONE]);
    migrate(connection, [ONE]);
    expect(() => migrate(connection, [ONE, 'CREATE TABLE two (a); INSERT INTO nowhere VALUES (1)'])).toThrow();
    expect(connection.rows('SELECT name FROM sqlite_schema')).toMatchObject([{ name: 'one' }]);
    migrate(connection, [ONE, 'CREATE TABLE two (a)', 'INSERT INTO two VALUES (2)']);
    expect(connection.row('SELECT a FROM two')).toMatchObject({ a: 2 });
    expect(connection.row('PRAGMA user_version')).toMatchObject({ user_version: 3 });
    connection.close();
  });
});

describe('data of an earlier fbcenter', () => {
  it('knows the versions of the documents that it has', async () => {
    const folder = temporaryFolder();
    const [first = ''] = MIGRATIONS;
    const old = new SqliteConnection(join(folder, 'fbcenter.db'));
    migrate(old, [first]);
    old.exec(`
      INSERT INTO environments VALUES ('e', 'dev', 'dev', 20), ('empty', 'prod', 'prod', 5);
      INSERT INTO documents VALUES ('e', 'flag', 'a', 10, 0, '{}'), ('e', 'flag', 'b', 20, 0, '{}');
    `);
    old.close();
    const storage = open(folder);
    expect(await storage.changes.since('e', 10)).toMatchObject({ cursor: 20, documents: [{ key: 'b' }] });
    expect(await storage.changes.since('e', 20)).toEqual({ cursor: 20, documents: [] });
    expect(await storage.changes.since('e', 15)).toBeUndefined();
    expect(await storage.changes.since('empty', 5)).toBeUndefined();
  });
});

describe('a transaction', () => {
  it('that SQLite itself has ended fails with the reason for it', () => {
    const connection = new SqliteConnection(':memory:');
    connection.exec('CREATE TABLE t (a PRIMARY KEY)');
    connection.run('INSERT INTO t VALUES (1)');
    const failing = () => connection.transaction(() => connection.exec('INSERT OR ROLLBACK INTO t VALUES (1)'));
    expect(failing).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: expect.stringContaining('CONSTRAINT') }) }),
    );
    connection.close();
  });
});
