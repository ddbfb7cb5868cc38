import { describe, expect, it } from 'vitest';
import { CenterError } from '../../../src/errors.js';
import { connectionOf } from '../../../src/storage/postgres/connection.js';
import { FILLED_TABLES } from '../../../src/storage/postgres/filling.js';
import { migrate } from '../../../src/storage/postgres/migrations.js';

/** A database that knows its version, and fails at a step that is called so. */
class FakeDatabase {
  readonly log: string[] = [];
  #version: number | undefined;
  #tables: readonly string[];

  constructor(version: number | undefined, tables: readonly string[] = []) {
    this.#version = version;
    this.#tables = version === undefined ? tables : ['schema_version', ...tables];
  }

  get version(): number | undefined {
    return this.#version;
  }

  readonly transaction = async <T>(work: (connection: ReturnType<typeof connectionOf>) => Promise<T>): Promise<T> => {
    const before = { version: this.#version, tables: this.#tables };
    try {
      return await work(connectionOf(async (sql, [first]) => ({ count: 1, rows: this.#run(sql, first) })));
    } catch (error) {
      this.#version = before.version;
      this.#tables = before.tables;
      this.log.push('undone');
      throw error;
    }
  };

  #run(sql: string, first: unknown): readonly object[] {
    if (sql.includes('pg_advisory_xact_lock')) this.log.push(`lock ${String(first)}`);
    else if (sql.includes('information_schema')) return this.#tables.map((name) => ({ name }));
    else if (sql.startsWith('SELECT number')) return this.#version === undefined ? [] : [{ number: this.#version }];
    else if (sql.startsWith('UPDATE')) this.#version = Number(first);
    else if (sql === 'fail') throw new Error('no room');
    else this.log.push(sql.replace(/ \(single.*/, ''));
    if (sql.startsWith('CREATE TABLE')) this.#tables = ['schema_version', ...this.#tables];
    if (sql.startsWith('INSERT')) this.#version = 0;
    return [];
  }
}

const LOCK = 'lock s migrations';
const BEGIN = [
  'CREATE SCHEMA IF NOT EXISTS "s"',
  'CREATE TABLE "s".schema_version',
  'INSERT INTO "s".schema_version VALUES (1, 0)',
];

describe('a schema', () => {
  it.each<[version: number | undefined, steps: string[], log: string[], reached: number]>([
    [undefined, ['one', 'two'], [LOCK, ...BEGIN, 'one', LOCK, 'two', LOCK], 2],
    [1, ['one', 'two'], [LOCK, 'two', LOCK], 2],
    [2, ['one', 'two'], [LOCK], 2],
    // A center of the version before runs beside one that has gone one further.
    [3, ['one', 'two'], [LOCK], 3],
  ])(
    'of version %s is taken through %j, each step in a transaction of its own',
    async (version, steps, log, reached) => {
      const database = new FakeDatabase(version);
      await migrate(database.transaction, 's', steps);
      expect(database.log).toEqual(log);
      expect(database.version).toBe(reached);
    },
  );

  it.each([4, 5, 1_000])('of version %d is too new for one that knows 2, and is left alone', async (version) => {
    const database = new FakeDatabase(version);
    await expect(migrate(database.transaction, 's', ['one', 'two'])).rejects.toMatchObject({
      code: 'newer-data',
      message: `The database was written by a newer fbcenter (schema ${version}, this one knows 2): run the newer version, or choose another database`,
    });
    expect([database.version, database.log]).toEqual([version, [LOCK, 'undone']]);
  });

  it('of another program is left alone', async () => {
    const database = new FakeDatabase(undefined, ['orders']);
    const refused = migrate(database.transaction, 's', ['one']);
    await expect(refused).rejects.toBeInstanceOf(CenterError);
    await expect(refused).rejects.toMatchObject({
      code: 'storage-failed',
      message: 'The schema s of the database is not one of fbcenter: choose another database',
    });
    expect(database.log).toEqual([LOCK, 'undone']);
  });

  it('stays at the last step that was whole, and goes on from there', async () => {
    const database = new FakeDatabase(undefined);
    await expect(migrate(database.transaction, 's', ['one', 'fail', 'three'])).rejects.toThrow('no room');
    expect(database.version).toBe(1);
    await migrate(database.transaction, 's', ['one', 'two', 'three']);
    expect(database.log.slice(-5)).toEqual([LOCK, 'two', LOCK, 'three', LOCK]);
  });

  it('is named so that no name ends the statement', async () => {
    const database = new FakeDatabase(undefined);
    await migrate(database.transaction, 'a"b', ['one']);
    expect(database.log[1]).toBe('CREATE SCHEMA IF NOT EXISTS "a""b"');
  });
});

describe('the tables that a move fills', () => {
  it('are made by the migrations, with these columns, each after those that it refers to', async () => {
    const statements: string[] = [];
    const record = new FakeDatabase(undefined);
    await migrate(record.transaction, 's');
    statements.push(...record.log);
    const sql = statements.join('\n');
    const seen = new Set<string>();
    for (const { name, columns } of FILLED_TABLES) {
      const [, body = ''] = new RegExp(`CREATE TABLE ${name} \\(([\\s\\S]*?)\\n\\s*\\)`).exec(sql) ?? [];
      for (const [column, type] of Object.entries(columns)) {
        expect(`${name}: ${body}`).toMatch(new RegExp(`(?:^|[\\s,(:])"?${column}"?\\s+${type}\\b`, 'm'));
      }
      for (const [, other = ''] of body.matchAll(/REFERENCES (\w+)/g)) expect([...seen]).toContain(other);
      seen.add(name);
    }
    expect(seen.size).toBe(FILLED_TABLES.length);
  });
});
