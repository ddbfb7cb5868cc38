import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CENTER } from '../../src/model/actor.js';
import { sqliteAudit } from '../../src/storage/sqlite/audit.js';
import { brokenAuditEntry } from '../../src/storage/sqlite/audit-rows.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { openSqliteStorage, prepare } from '../../src/storage/sqlite/open.js';
import type { Session } from '../../src/storage/sqlite/session.js';
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

describe('an entry', () => {
  it('is found however far back it is, and however many others are before it', async () => {
    const connection = await intruder();
    connection.exec(`
      WITH RECURSIVE ids(id) AS (SELECT 4 UNION ALL SELECT id + 1 FROM ids WHERE id < 11000)
      INSERT INTO audit SELECT ids.id, at, actor_kind, actor_id, actor_name, action, kind, CASE WHEN ids.id IN (5, 5500, 11000) THEN 'rare' ELSE key END,
        environment, fields, before_version, version, before_digest, after_digest, comment, change_group, source, digest
      FROM ids JOIN audit ON audit.id = 1 ORDER BY ids.id`);
    const read = async <T>(work: () => T) => work();
    const audit = sqliteAudit(
      { connection, read, write: () => Promise.reject(new Error('nobody writes')) },
      new FakeClock(),
    );
    const rare = async (limit: number, olderThan?: number) =>
      (await audit.list({ key: 'rare', limit, olderThan })).map(({ id }) => id);
    expect([await rare(1), await rare(2), await rare(3), await rare(9)]).toEqual([
      [11_000],
      [11_000, 5_500],
      [11_000, 5_500, 5],
      [11_000, 5_500, 5],
    ]);
    expect([await rare(9, 11_000), await rare(9, 5_500), await rare(9, 5), await rare(9, 2 ** 52)]).toEqual([
      [5_500, 5],
      [5],
      [],
      [11_000, 5_500, 5],
    ]);
    expect((await audit.list({ limit: 10_500 })).map(({ id }) => id)).toEqual(
      Array.from({ length: 10_500 }, (_, index) => 11_000 - index),
    );
  });
});

describe('entries that are forgotten', () => {
  it('and are still there, because the center ended in between, are hidden, and removed the next time', async () => {
    const connection = new SqliteConnection(':memory:');
    onTestFinished(() => connection.close());
    prepare(connection);
    const clock = new FakeClock();
    let isEnded = false;
    const session: Session = {
      connection,
      read: async (work) => work(),
      write: async (work, durability) => {
        if (isEnded && durability === 'process') throw new Error('the center has ended');
        return work(
          () => {},
          () => {},
        );
      },
    };
    const audit = sqliteAudit(session, clock);
    await fill({ audit }, 5);
    clock.time += 10_000;
    isEnded = true;
    await expect(audit.forgetBefore(clock.time)).rejects.toThrow('the center has ended');
    const count = (table: string) => connection.rows(`SELECT 1 FROM ${table}`).length;
    expect([count('audit'), count('audit_texts')]).toEqual([6, 6]);
    expect((await audit.list({ limit: 10 })).map(({ action }) => action)).toEqual(['prune']);
    expect(await audit.get(1)).toBeUndefined();
    expect(brokenAuditEntry(connection)).toBeUndefined();
    isEnded = false;
    expect(await audit.forgetBefore(0)).toBe(0);
    expect([count('audit'), count('audit_texts')]).toEqual([1, 1]);
    expect(brokenAuditEntry(connection)).toBeUndefined();
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
