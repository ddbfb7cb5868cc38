import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import { isBusy, SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import {
  checksumAll,
  type DocumentRow,
  fromRow,
  intact,
  isIntact,
  keepDocument,
  SELECT,
} from '../../../src/storage/sqlite/document-rows.js';
import { prepare } from '../../../src/storage/sqlite/open.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let connection: SqliteConnection;
beforeEach(() => {
  connection = new SqliteConnection(':memory:');
});
afterEach(() => connection.close());

const failureOf = (work: () => unknown): StorageError => {
  try {
    work();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('a connection', () => {
  it.each<[string, string | number]>([
    ['a text', 'ä🚩'],
    ['an empty text', ''],
    ['a text with a zero', 'a\0b'],
    ['a number', 7],
    ['a number of 53 bits', Number.MAX_SAFE_INTEGER],
    ['a time', Date.UTC(2025, 0, 1)],
    ['a fraction', 0.1],
  ])('gives %s back as it was', (_, value) => {
    connection.exec('CREATE TABLE t (v ANY) STRICT');
    connection.run('INSERT INTO t VALUES (?)', value);
    expect(connection.row<{ v: unknown }>('SELECT v FROM t')?.v).toBe(value);
    expect(connection.rows<{ v: unknown }>('SELECT v FROM t')[0]?.v).toBe(value);
  });

  it('says how many rows were changed, and gives none where there is none', () => {
    connection.exec('CREATE TABLE t (v INTEGER)');
    for (const value of [1, 2, 3]) expect(connection.run('INSERT INTO t VALUES (?)', value)).toBe(1);
    expect(connection.run('UPDATE t SET v = v + 1 WHERE v > ?', 1)).toBe(2);
    expect(connection.row('SELECT v FROM t WHERE v > 9')).toBeUndefined();
    expect(connection.rows('SELECT v FROM t WHERE v > 9')).toEqual([]);
  });

  it('survives a text that is no UTF-8: its bytes become replacement characters', () => {
    connection.exec("CREATE TABLE t (v TEXT); INSERT INTO t VALUES (CAST(x'61ff62' AS TEXT))");
    expect(connection.row<{ v: string }>('SELECT v FROM t')?.v).toBe('a\ufffdb');
    expect(connection.rows<{ v: string }>('SELECT v FROM t')[0]?.v).toBe('a\ufffdb');
  });

  it('undoes a transaction that fails, and keeps one that does not', () => {
    connection.exec('CREATE TABLE t (v INTEGER)');
    const count = () => connection.rows('SELECT v FROM t').length;
    expect(connection.transaction(() => connection.run('INSERT INTO t VALUES (1)'))).toBe(1);
    const fail = () => {
      connection.run('INSERT INTO t VALUES (2)');
      throw new Error('on purpose');
    };
    expect(() => connection.transaction(fail)).toThrow('on purpose');
    expect(count()).toBe(1);
    expect(connection.transaction(() => connection.run('INSERT INTO t VALUES (3)'))).toBe(1);
    expect(count()).toBe(2);
  });

  it('has nothing to undo outside of a transaction', () => {
    expect(() => connection.rollback()).not.toThrow();
  });

  it('that is closed refuses everything, and may be closed again', () => {
    connection.exec('CREATE TABLE t (v INTEGER)');
    connection.close();
    connection.close();
    for (const work of [
      () => connection.exec('SELECT 1'),
      () => connection.run('INSERT INTO t VALUES (1)'),
      () => connection.row('SELECT 1'),
      () => connection.rows('SELECT 1'),
    ]) {
      expect(failureOf(work).message).toBe('The storage is closed.');
    }
  });
});

describe('what SQLite finds wrong', () => {
  it.each<[string, (folder: string) => unknown, string, RegExp]>([
    ['a statement that is none', () => connection.exec('SELEKT'), 'storage-unavailable', /try again later/],
    [
      'a row that is there already',
      () => connection.exec('CREATE TABLE t (v PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)'),
      'storage-unavailable',
      /try again later/,
    ],
    [
      'a file that is no database',
      (folder) => {
        writeFileSync(join(folder, 'x.db'), 'no database, but long enough to be looked at as one'.repeat(100));
        const other = new SqliteConnection(join(folder, 'x.db'));
        onTestFinished(() => other.close());
        return other.row('SELECT * FROM sqlite_schema');
      },
      'damaged-data',
      /restore a backup/,
    ],
    [
      'a folder that is not there',
      (folder) => new SqliteConnection(join(folder, 'nowhere', 'x.db')).row('SELECT 1'),
      'storage-unavailable',
      /\.$/,
    ],
  ])('%s is a failure in our words, with SQLite’s as its cause', (_, work, code, message) => {
    const failure = failureOf(() => work(temporaryFolder()));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.cause).toBeInstanceOf(Error);
    expect(isBusy(failure)).toBe(false);
  });

  it('another process at work is what passes', () => {
    const path = join(temporaryFolder(), 'x.db');
    const [one, other] = [new SqliteConnection(path), new SqliteConnection(path)];
    onTestFinished(() => {
      one.close();
      other.close();
    });
    one.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (v)');
    other.exec('PRAGMA busy_timeout = 0');
    one.begin();
    expect(isBusy(failureOf(() => other.begin()))).toBe(true);
    one.commit();
    expect(() => other.begin()).not.toThrow();
  });

  it.each([undefined, null, new Error('x'), new StorageError('x'), { code: 'SQLITE_BUSY' }])(
    '%s is none of it',
    (error) => {
      expect(isBusy(error)).toBe(false);
    },
  );
});

describe('a document in its row', () => {
  const document = { kind: 'flag' as const, key: 'f', version: 7, isArchived: false, text: '{"key":"f","note":"ä🚩"}' };
  const rows = () => connection.rows<DocumentRow>(SELECT);
  beforeEach(() => {
    prepare(connection);
    connection.run(
      'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
      'e',
      'dev',
      'Development',
      1,
    );
    keepDocument(connection, 'e', document);
  });

  it('is read as it was kept, and is intact', () => {
    const [row] = rows();
    expect(row && fromRow(row)).toEqual(document);
    expect(row && isIntact(row, 'e')).toBe(true);
    expect(intact(rows(), 'e')).toEqual([document]);
  });

  it('takes the place of the one before', () => {
    keepDocument(connection, 'e', { ...document, version: 8, isArchived: true, text: '{}' });
    expect(intact(rows(), 'e')).toEqual([{ ...document, version: 8, isArchived: true, text: '{}' }]);
  });

  it.each([
    "UPDATE documents SET text = replace(text, 'f', 'g')",
    "UPDATE documents SET text = text || ' '",
    'UPDATE documents SET version = 8',
    'UPDATE documents SET is_archived = 1',
    "UPDATE documents SET key = 'F'",
    "UPDATE documents SET kind = 'segment'",
    'UPDATE documents SET checksum = checksum + 1',
  ])('that was changed by something else is nobody’s answer: %s', (sql) => {
    connection.exec(sql);
    expect(intact(rows(), 'e')).toEqual([]);
  });

  it('of another environment is none of this one', () => {
    expect(intact(rows(), 'other')).toEqual([]);
  });

  it('of before there were checksums gets its own, and only such a one', () => {
    connection.run('UPDATE documents SET checksum = 0');
    keepDocument(connection, 'e', { ...document, key: 'g', version: 9 });
    connection.run("UPDATE documents SET text = '{}' WHERE key = 'g'");
    checksumAll(connection);
    expect(intact(rows(), 'e')).toEqual([document]);
  });
});
