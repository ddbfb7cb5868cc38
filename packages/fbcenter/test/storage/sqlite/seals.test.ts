import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import { prepare } from '../../../src/storage/sqlite/open.js';
import { brokenSeals, seal } from '../../../src/storage/sqlite/seals.js';

let connection: SqliteConnection;
beforeEach(() => {
  connection = new SqliteConnection(':memory:');
  prepare(connection);
  connection.run('INSERT INTO settings VALUES (?, ?)', 'admin-token', 'a');
  connection.run(
    'INSERT INTO environments (id, key, name, version) VALUES (?, ?, ?, ?)',
    'e1',
    'dev',
    'Development',
    5,
  );
  for (const kind of ['server', 'client']) {
    connection.run(
      'INSERT INTO secrets (secret, environment_id, kind, name) VALUES (?, ?, ?, ?)',
      kind,
      'e1',
      kind,
      'n',
    );
  }
  seal(connection);
});
afterEach(() => connection.close());

describe('the seals', () => {
  it('are whole after they were made, however often one looks', () => {
    expect(brokenSeals(connection)).toEqual([]);
    expect(brokenSeals(connection)).toEqual([]);
    seal(connection);
    expect(brokenSeals(connection)).toEqual([]);
  });

  it.each([
    ['settings', "UPDATE settings SET value = 'b'"],
    ['settings', "UPDATE settings SET name = 'admin-tokeN'"],
    ['settings', "INSERT INTO settings VALUES ('other', 'x')"],
    ['settings', 'DELETE FROM settings'],
    ['environments', "UPDATE environments SET name = 'development'"],
    ['environments', "UPDATE environments SET key = 'prod'"],
    ['environments', "INSERT INTO environments (id, key, name, version) VALUES ('e2', 'x', 'x', 1)"],
    ['secrets', "UPDATE secrets SET secret = 'servor' WHERE kind = 'server'"],
    ['secrets', "UPDATE secrets SET kind = 'client'"],
    ['secrets', "UPDATE secrets SET name = 'm' WHERE kind = 'server'"],
    ['secrets', "UPDATE secrets SET id = 'x' WHERE kind = 'server'"],
    ['secrets', "UPDATE secrets SET created_at = 1 WHERE kind = 'server'"],
    ['secrets', "DELETE FROM secrets WHERE kind = 'client'"],
  ])('of %s is broken by %s', (table, sql) => {
    connection.exec(sql);
    expect(brokenSeals(connection)).toEqual([table]);
    seal(connection);
    expect(brokenSeals(connection)).toEqual([]);
  });

  it.each(['UPDATE environments SET version = 99', 'UPDATE secrets SET last_used_at = 99'])(
    'are not broken by what changes all the time: %s',
    (sql) => {
      connection.exec(sql);
      expect(brokenSeals(connection)).toEqual([]);
    },
  );

  it('that are gone are broken', () => {
    connection.exec('DELETE FROM seals');
    expect(brokenSeals(connection)).toEqual(expect.arrayContaining(['settings', 'environments', 'secrets']));
  });

  it('do not depend on the order in which rows were written', () => {
    connection.exec(`
      DELETE FROM settings; INSERT INTO settings VALUES ('b', '2'); INSERT INTO settings VALUES ('a', '1')`);
    seal(connection);
    connection.exec(`
      DELETE FROM settings; INSERT INTO settings VALUES ('a', '1'); INSERT INTO settings VALUES ('b', '2')`);
    expect(brokenSeals(connection)).toEqual([]);
  });
});
