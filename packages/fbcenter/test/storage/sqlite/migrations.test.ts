import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../../../src/access/secrets.js';
import { checkDatabase } from '../../../src/storage/sqlite/check.js';
import { SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import { MIGRATIONS, migrate } from '../../../src/storage/sqlite/migrations.js';
import { openSqliteStorage, prepare } from '../../../src/storage/sqlite/open.js';
import { FakeClock } from '../../support/fake-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const ID = '00000000-0000-4000-8000-00000000aaaa';
const SERVER = newSecret(ID);
const CLIENT = newSecret(ID);
const AT = Date.UTC(2024, 0, 1);

const textOf = (key: string, version: number, more = {}) =>
  JSON.stringify({ key, note: 'ä🚩', updatedAt: new Date(version).toISOString(), isArchived: false, ...more });

/** What a center of a schema's time has kept: an environment with three documents, counts and a setting. */
function fill(connection: SqliteConnection, schema: number): void {
  connection.run('INSERT INTO settings VALUES (?, ?)', 'admin-token', 'the-token-of-old-times');
  connection.run(
    'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
    ID,
    'dev',
    'Development',
    AT + 3,
  );
  const columns = schema < 5 ? 'secret, environment_id, kind' : 'secret, environment_id, kind, name';
  for (const [secret, kind] of [
    [SERVER, 'server'],
    [CLIENT, 'client'],
  ] as const) {
    const values = schema < 5 ? [secret, ID, kind] : [secret, ID, kind, 'first'];
    connection.run(`INSERT INTO secrets (${columns}) VALUES (${values.map(() => '?').join(', ')})`, ...values);
  }
  for (const [kind, key, version, isArchived] of [
    ['flag', 'a', AT + 1, 0],
    ['flag', 'b', AT + 2, 1],
    ['segment', 's', AT + 3, 0],
  ] as const) {
    connection.run(
      'INSERT INTO documents (environment_id, kind, key, version, is_archived, text) VALUES (?, ?, ?, ?, ?, ?)',
      ID,
      kind,
      key,
      version,
      isArchived,
      textOf(key, version, isArchived === 1 ? { isArchived: true } : {}),
    );
    if (schema >= 2) connection.run('INSERT INTO versions VALUES (?, ?)', ID, version);
  }
  connection.run(
    'INSERT INTO evaluations (environment_id, flag_key, variation_id, count, experiment_count, last_at) VALUES (?, ?, ?, ?, ?, ?)',
    ID,
    'a',
    'on',
    7,
    2,
    AT,
  );
}

/** A database as a center of an older schema has left it. */
function databaseOf(schema: number, path = ':memory:'): SqliteConnection {
  const connection = new SqliteConnection(path);
  migrate(connection, MIGRATIONS.slice(0, schema));
  fill(connection, schema);
  return connection;
}

const versionOf = (connection: SqliteConnection) =>
  connection.row<{ user_version: number }>('PRAGMA user_version')?.user_version;
const everySchema = MIGRATIONS.map((_, index) => index + 1);

describe.each(everySchema)('data of schema %i', (schema) => {
  it('is brought to the newest schema whole, and passes every check of it', () => {
    const connection = databaseOf(schema);
    onTestFinished(() => connection.close());
    prepare(connection);
    // What has the newest schema already is not gone through again: a test that filled it by hand has no checksums.
    if (schema === MIGRATIONS.length) return;
    expect(versionOf(connection)).toBe(MIGRATIONS.length);
    expect(checkDatabase(connection, 'it')).toEqual([]);
  });

  it('is read as it was', async () => {
    if (schema === MIGRATIONS.length) return;
    const folder = temporaryFolder();
    databaseOf(schema, join(folder, 'fbcenter.db')).close();
    const storage = openSqliteStorage({ folder, clock: new FakeClock() });
    onTestFinished(() => storage.close());
    expect(await storage.settings.get('admin-token')).toBe('the-token-of-old-times');
    expect(await storage.environments.list()).toMatchObject([
      { id: ID, key: 'dev', name: 'Development', serverSecret: SERVER, clientSecret: CLIENT },
    ]);
    expect((await storage.documents.get(ID, 'flag', 'a'))?.text).toBe(textOf('a', AT + 1));
    expect(await storage.documents.state(ID, 'flag', 'b')).toBe('archived');
    expect((await storage.documents.list(ID, 'segment', {})).map(({ key }) => key)).toEqual(['s']);
    expect((await storage.insights.report(ID)).evaluations).toMatchObject([
      { flagKey: 'a', variationId: 'on', count: 7, experimentCount: 2, lastAt: AT },
    ]);
    expect(await storage.secrets.byValue(CLIENT)).toMatchObject({ kind: 'client' });
    expect((await storage.secrets.list(ID)).map(({ name, createdAt }) => [name, createdAt])).toEqual([
      ['first', undefined],
      ['first', undefined],
    ]);
  });

  it('goes on: SDKs of old times get what is newer, and new documents come after the old ones', async () => {
    if (schema === MIGRATIONS.length) return;
    const folder = temporaryFolder();
    databaseOf(schema, join(folder, 'fbcenter.db')).close();
    const storage = openSqliteStorage({ folder, clock: new FakeClock(AT) });
    onTestFinished(() => storage.close());
    expect((await storage.changes.since(ID, AT + 1))?.documents.map(({ key }) => key)).toEqual(['b', 's']);
    const written = await storage.documents.write(ID, {
      kind: 'flag',
      key: 'c',
      isArchived: false,
      text: (version) => textOf('c', version),
    });
    expect(written.version).toBe(AT + 4);
    const bytes = (await storage.changes.everything(ID)).documents.reduce(
      (sum, { text }) => sum + Buffer.byteLength(text),
      0,
    );
    expect(await storage.documents.usage(ID)).toEqual({ documents: 4, bytes });
  });
});

describe('a migration', () => {
  it('is made once: what is newest already stays as it is', () => {
    const connection = new SqliteConnection(':memory:');
    onTestFinished(() => connection.close());
    let finished = 0;
    const finish = () => {
      finished += 1;
    };
    migrate(connection, MIGRATIONS, finish);
    migrate(connection, MIGRATIONS, finish);
    expect([finished, versionOf(connection)]).toEqual([1, MIGRATIONS.length]);
  });

  it('that fails in any step leaves the schema before it, and is made whole the next time', () => {
    for (const broken of MIGRATIONS.keys()) {
      const connection = new SqliteConnection(':memory:');
      const failing = MIGRATIONS.map((sql, index) => (index === broken ? `${sql}; SELECT nothing FROM nowhere;` : sql));
      expect(() => migrate(connection, failing), `step ${broken + 1}`).toThrow();
      expect(versionOf(connection)).toBe(broken);
      migrate(connection);
      expect(versionOf(connection)).toBe(MIGRATIONS.length);
      connection.close();
    }
  });

  it('whose finish fails is undone with it', () => {
    const connection = new SqliteConnection(':memory:');
    onTestFinished(() => connection.close());
    const fail = () => {
      throw new Error('on purpose');
    };
    expect(() => migrate(connection, MIGRATIONS, fail)).toThrow('on purpose');
    expect(versionOf(connection)).toBe(MIGRATIONS.length - 1);
  });

  it('of a database that a newer center wrote is refused, and says what to do', () => {
    const connection = new SqliteConnection(':memory:');
    onTestFinished(() => connection.close());
    migrate(connection);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(() => migrate(connection)).toThrow(
      expect.objectContaining({
        code: 'newer-data',
        message: expect.stringContaining(`schema ${MIGRATIONS.length + 1}, this one knows ${MIGRATIONS.length}`),
      }),
    );
  });

  it.each<[string, string]>([
    ['of another program', 'CREATE TABLE notes (text TEXT)'],
    ['of another program that counts its schemas', 'CREATE TABLE notes (text TEXT); PRAGMA user_version = 3'],
    ['that says it is of another program', 'PRAGMA application_id = 1; PRAGMA user_version = 1'],
  ])('of a database %s is refused, and nothing is changed in it', (_, sql) => {
    const connection = new SqliteConnection(':memory:');
    onTestFinished(() => connection.close());
    connection.exec(sql);
    const schema = () => connection.rows('SELECT name, sql FROM sqlite_schema');
    const before = schema();
    expect(() => migrate(connection)).toThrow(expect.objectContaining({ code: 'storage-failed' }));
    expect(schema()).toEqual(before);
  });
});
