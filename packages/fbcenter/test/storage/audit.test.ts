import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CENTER } from '../../src/model/actor.js';
import { sqliteAudit } from '../../src/storage/sqlite/audit.js';
import { brokenAuditEntry } from '../../src/storage/sqlite/audit-rows.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { openSqliteStorage, prepare } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function fill({ audit }: Pick<Storage, 'audit'>, entries = 3): Promise<void> {
  for (let index = 1; index <= entries; index++) {
    await audit.append({
      actor: CENTER,
      action: 'create',
      subject: { kind: 'token', key: `t${index}` },
      after: { index },
    });
  }
}

/** A database with three entries, and whoever writes into it past the center. */
async function intruder(): Promise<SqliteConnection> {
  const connection = new SqliteConnection(':memory:');
  onTestFinished(() => connection.close());
  prepare(connection);
  const direct = async <T>(work: () => T) => work();
  const session = {
    connection,
    read: direct,
    write: <T>(work: (a: () => void, b: () => void) => T) =>
      direct(() =>
        work(
          () => {},
          () => {},
        ),
      ),
  };
  await fill({ audit: sqliteAudit(session, new FakeClock()) });
  return connection;
}

const COPY = (id: string) => `
  INSERT OR REPLACE INTO audit SELECT ${id}, at, actor_kind, actor_id, 'nobody', action, kind, key, environment, fields, before_version,
    version, before_digest, after_digest, comment, change_group, source, digest FROM audit WHERE id = 2`;

describe('the audit log refuses, in the database itself,', () => {
  it.each([
    ['another actor of an entry', "UPDATE audit SET actor_name = 'nobody' WHERE id = 2"],
    ['another comment', "UPDATE audit SET comment = 'x'"],
    ['another id', 'UPDATE audit SET id = 99 WHERE id = 2'],
    ['the deletion of an entry', 'DELETE FROM audit WHERE id = 2'],
    ['the deletion of all', 'DELETE FROM audit'],
    ['the replacement of an entry', COPY('2')],
    ['an entry before others', COPY('-5')],
    ['an entry in the place of one that is there', COPY('3')],
    ['another text', "UPDATE audit_texts SET text = '{}'"],
    ['the replacement of a text', "INSERT OR REPLACE INTO audit_texts SELECT digest, '{}' FROM audit_texts LIMIT 1"],
    ['the deletion of a text', 'DELETE FROM audit_texts'],
    ['a floor that is put up without a word', 'UPDATE audit_floor SET id = 2'],
    ['a floor that is taken away', 'DELETE FROM audit_floor'],
  ])('%s', async (_, sql) => {
    const connection = await intruder();
    const all = () =>
      JSON.stringify([connection.rows('SELECT * FROM audit'), connection.rows('SELECT * FROM audit_texts')]);
    const before = all();
    expect(() => connection.transaction(() => connection.exec(sql))).toThrow();
    expect(all()).toBe(before);
  });
});

describe('what was done to the audit log past the center', () => {
  it.each([
    ['nothing', '', undefined],
    ['a changed name', "UPDATE audit SET actor_name = 'nobody' WHERE id = 2", 2],
    ['a changed time', 'UPDATE audit SET at = at - 1 WHERE id = 3', 3],
    [
      'a text exchanged for another',
      'UPDATE audit SET after_digest = (SELECT after_digest FROM audit WHERE id = 1) WHERE id = 2',
      2,
    ],
    ['an entry that is gone', 'DELETE FROM audit WHERE id = 2', 3],
    ['the first entries gone', 'DELETE FROM audit WHERE id <= 2', 3],
    ['an entry that is nobody’s', COPY('4'), 4],
    ['fields that are no JSON', "UPDATE audit SET fields = '{' WHERE id = 1", 1],
  ])('is found: %s', async (_, sql, entry) => {
    const connection = await intruder();
    const triggers = connection.rows<{ readonly name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'",
    );
    for (const { name } of triggers) connection.exec(`DROP TRIGGER ${name}`);
    connection.exec(sql);
    expect(brokenAuditEntry(connection)).toBe(entry);
  });

  it('is reported at the start, and the center serves all the same', async () => {
    const folder = temporaryFolder();
    const storage = openSqliteStorage({ folder });
    await fill(storage);
    await storage.close();
    const database = new SqliteConnection(join(folder, 'fbcenter.db'));
    const sql = database.row<{ readonly sql: string }>(
      "SELECT sql FROM sqlite_schema WHERE name = 'audit_unchanged'",
    )?.sql;
    database.exec('DROP TRIGGER audit_unchanged');
    database.exec("UPDATE audit SET actor_name = 'nobody' WHERE id = 2");
    database.exec(sql ?? '');
    database.close();
    const log = memoryLogger();
    const again = openSqliteStorage({ folder, log });
    expect(log.lines).toEqual([expect.stringMatching(/^error the audit log is not what was written/)]);
    expect(await again.audit.list({ limit: 10 })).toHaveLength(3);
    await again.close();
  });

  it('without a trigger that held it, is a schema that is not what it was', async () => {
    const folder = temporaryFolder();
    await openSqliteStorage({ folder }).close();
    const database = new SqliteConnection(join(folder, 'fbcenter.db'));
    database.exec('DROP TRIGGER audit_kept');
    database.close();
    expect(() => openSqliteStorage({ folder })).toThrow(/audit_kept/);
  });
});

describe('a text of the audit log', () => {
  it('is kept once, however many entries have it', async () => {
    const connection = await intruder();
    const count = () => connection.row<{ readonly count: number }>('SELECT count(*) AS count FROM audit_texts')?.count;
    expect(count()).toBe(3);
    const audit = sqliteAudit(
      {
        connection,
        read: async (work) => work(),
        write: async (work) =>
          work(
            () => {},
            () => {},
          ),
      },
      new FakeClock(),
    );
    const subject = { kind: 'token', key: 't1' };
    await audit.append({ actor: CENTER, action: 'update', subject, before: { index: 1 }, after: { index: 2 } });
    expect(count()).toBe(3);
  });

  it('that is damaged is not shown as what it was', async () => {
    const connection = await intruder();
    connection.exec('DROP TRIGGER audit_text_unchanged');
    connection.exec(`UPDATE audit_texts SET text = '{"index":9}' WHERE text = '{"index":2}'`);
    const audit = sqliteAudit(
      {
        connection,
        read: async (work) => work(),
        write: async (work) =>
          work(
            () => {},
            () => {},
          ),
      },
      new FakeClock(),
    );
    await expect(audit.get(2)).rejects.toMatchObject({ code: 'damaged-data' });
    expect(await audit.get(1)).toMatchObject({ after: '{"index":1}' });
    expect(await audit.list({ limit: 10 })).toHaveLength(3);
  });
});
