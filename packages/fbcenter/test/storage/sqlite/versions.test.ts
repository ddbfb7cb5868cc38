import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import { SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import { keepDocument } from '../../../src/storage/sqlite/document-rows.js';
import { beginEpoch, countCommit, greatestVersion, probe, readHistory } from '../../../src/storage/sqlite/history.js';
import { prepare } from '../../../src/storage/sqlite/open.js';
import { isRemembered, Versions } from '../../../src/storage/sqlite/versions.js';
import { FakeClock } from '../../support/fake-clock.js';

let connection: SqliteConnection;
let clock: FakeClock;
let versions: Versions;
beforeEach(() => {
  connection = new SqliteConnection(':memory:');
  prepare(connection);
  clock = new FakeClock(1_000);
  versions = new Versions(connection, clock, 3);
  connection.run(
    'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
    'e',
    'dev',
    'Development',
    500,
  );
});
afterEach(() => connection.close());

const give = (version: number) => {
  connection.run('UPDATE environments SET version = ? WHERE id = ?', version, 'e');
  versions.remember('e', version);
};
const remembered = (...asked: readonly number[]) => asked.filter((version) => isRemembered(connection, 'e', version));

describe('the next version', () => {
  it.each([
    [500, 1_000, 1_000],
    [999, 1_000, 1_000],
    [1_000, 1_000, 1_001],
    [5_000, 1_000, 5_001],
    [0, 0, 1],
  ])('after %d, when it is %d, is %d', (before, now, expected) => {
    give(before);
    clock.time = now;
    expect(versions.next('e')).toEqual({ version: expected, environmentKey: 'dev' });
  });

  it('grows whatever the clock does', () => {
    let last = 0;
    for (const now of [1_000, 1_000, 999, 5_000, 10, 5_000, 4_999, 5_003]) {
      clock.time = now;
      const { version } = versions.next('e');
      expect(version).toBeGreaterThan(last);
      give(version);
      last = version;
    }
    expect(last).toBe(5_004);
  });

  it('of an environment that is gone is an error', () => {
    expect(() => versions.next('other')).toThrow(StorageError);
  });

  it('of the documents of a new environment ends at now, and begins no earlier than an older copy may have got', () => {
    expect(versions.first(10)).toBe(990);
    connection.exec('UPDATE history SET floor = 2000');
    expect(versions.first(10)).toBe(2_000);
    connection.exec('UPDATE history SET floor = 995');
    expect(versions.first(10)).toBe(995);
  });
});

describe('the versions that are remembered', () => {
  it('are the latest', () => {
    for (const version of [10, 20, 30, 40, 50]) give(version);
    expect(remembered(0, 10, 20, 30, 40, 50, 60)).toEqual([30, 40, 50]);
  });

  it('are those of the environment alone', () => {
    connection.run(
      'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
      'f',
      'prod',
      'Production',
      1,
    );
    for (const version of [10, 20, 30]) give(version);
    for (const version of [11, 21, 31, 41]) versions.remember('f', version);
    expect(remembered(10, 20, 30, 21, 31)).toEqual([10, 20, 30]);
    expect(isRemembered(connection, 'f', 11)).toBe(false);
  });

  it('before one that is forgotten are forgotten, it is not', () => {
    for (const version of [10, 20, 30]) give(version);
    versions.forgetBefore('e', 20);
    expect(remembered(10, 20, 30)).toEqual([20, 30]);
  });
});

describe('the history', () => {
  it('begins with nothing and a name of its own, and counts', () => {
    const first = readHistory(connection);
    expect(first).toMatchObject({ id: expect.stringMatching(/^[\da-f]{32}$/), commits: 0, version: 500 });
    countCommit(connection);
    countCommit(connection);
    expect(readHistory(connection)).toMatchObject({ id: first.id, commits: 2, version: 500 });
    const other = new SqliteConnection(':memory:');
    prepare(other);
    expect(readHistory(other).id).not.toBe(first.id);
    other.close();
  });

  it('has the greatest version of any environment, or the floor if that is greater', () => {
    connection.run(
      'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
      'f',
      'prod',
      'Production',
      800,
    );
    expect([readHistory(connection).version, greatestVersion(connection)]).toEqual([800, 800]);
    connection.exec('UPDATE history SET floor = 900');
    expect([readHistory(connection).version, greatestVersion(connection)]).toEqual([900, 800]);
  });

  it('that is gone means that the database is damaged', () => {
    connection.exec('DELETE FROM history');
    expect(() => readHistory(connection)).toThrow(expect.objectContaining({ code: 'damaged-data' }));
  });

  it('is no other one after a write that does not matter', () => {
    const { id, commits, version } = readHistory(connection);
    probe(connection);
    expect(readHistory(connection)).toMatchObject({ id, commits, version });
  });
});

describe('a new course of events', () => {
  const textOf = (version: number, more = '') =>
    `{"updatedAt":${JSON.stringify(new Date(version).toISOString())},"number":12345678901234567890${more}}`;
  const keep = (key: string, version: number, text = textOf(version)) =>
    keepDocument(connection, 'e', { kind: 'flag', key, version, isArchived: false, text });
  const documents = () =>
    connection.rows<{ key: string; version: number; text: string }>(
      'SELECT key, version, text FROM documents ORDER BY version',
    );

  it('gives every document a version that nobody can have had, in their order, and says so in them', () => {
    keep('b', 100);
    keep('a', 200);
    give(200);
    const { id } = readHistory(connection);
    beginEpoch(connection, 5_000, 4_000);
    expect(documents()).toEqual([
      { key: 'b', version: 5_001, text: textOf(5_001) },
      { key: 'a', version: 5_002, text: textOf(5_002) },
    ]);
    const after = readHistory(connection);
    expect(after).toMatchObject({ id: expect.not.stringMatching(id), commits: 1, version: 5_002 });
    expect(remembered(200, 5_000, 5_001, 5_002)).toEqual([5_002]);
    expect(versions.next('e').version).toBe(5_003);
  });

  it('never takes a version back: the floor only grows', () => {
    connection.exec('UPDATE history SET floor = 9000');
    keep('a', 100);
    beginEpoch(connection, 5_000, 4_000);
    expect(documents()[0]?.version).toBe(9_001);
  });

  it('of an environment without documents leaves no cursor that could be known', () => {
    give(200);
    beginEpoch(connection, 5_000, 4_000);
    expect(remembered(200, 5_000)).toEqual([]);
    expect(versions.next('e').version).toBe(5_001);
  });

  it('keeps the spelling of a document, unless its time is in it twice', () => {
    keep('a', 100);
    const twice = textOf(100, `,"note":${JSON.stringify({ updatedAt: new Date(100).toISOString() })}`);
    keep('b', 101, twice);
    beginEpoch(connection, 5_000, 4_000);
    const [a, b] = documents();
    expect(a?.text).toBe(textOf(5_001));
    expect(JSON.parse(b?.text ?? '')).toMatchObject({
      updatedAt: new Date(5_002).toISOString(),
      note: { updatedAt: new Date(100).toISOString() },
    });
  });

  it('gives the environments versions apart from each other’s', () => {
    connection.run(
      'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
      'f',
      'prod',
      'Production',
      300,
    );
    keep('a', 100);
    keepDocument(connection, 'f', { kind: 'segment', key: 's', version: 300, isArchived: true, text: textOf(300) });
    beginEpoch(connection, 5_000, 4_000);
    const all = documents().map(({ version }) => version);
    expect(new Set(all).size).toBe(2);
    for (const version of all) expect(version).toBeGreaterThan(5_000);
  });
});
