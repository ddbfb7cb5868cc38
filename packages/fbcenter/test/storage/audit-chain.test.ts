import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import { type AuditRow, auditDigest, COLUMNS, fromRow } from '../../src/storage/audit-entries.js';
import { sqliteAudit } from '../../src/storage/sqlite/audit.js';
import { brokenAuditEntry } from '../../src/storage/sqlite/audit-rows.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { prepare } from '../../src/storage/sqlite/open.js';
import { FakeClock } from '../support/fake-clock.js';
import { check } from '../support/property.js';

const ENTRIES = 6;

/** A log of six entries that nothing holds: the triggers are gone, as for somebody who has the file. */
async function unheld(): Promise<SqliteConnection> {
  const connection = new SqliteConnection(':memory:');
  onTestFinished(() => connection.close());
  prepare(connection);
  const clock = new FakeClock();
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
    clock,
  );
  for (let index = 1; index <= ENTRIES; index++) {
    clock.time += 1_000;
    await audit.append({
      actor: SETTINGS_TOKEN,
      action: 'update',
      subject: { kind: 'thing', key: `k${index}`, environment: 'dev' },
      before: { index },
      after: { index: index + 1 },
      comment: 'why',
      group: 'g',
      source: 'file',
    });
  }
  const triggers = connection.rows<{ readonly name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) connection.exec(`DROP TRIGGER ${name}`);
  return connection;
}

const rowsOf = (connection: SqliteConnection) => connection.rows<AuditRow>(`SELECT ${COLUMNS} FROM audit ORDER BY id`);
const sixRows = async () => rowsOf(await unheld());

/** A row with another value in a column. */
function changed(row: AuditRow, column: keyof AuditRow): AuditRow {
  const value = row[column];
  const isNumber = typeof value === 'number' || /version$/.test(column);
  const other = isNumber ? Number(value) + 1 : `${value ?? ''}x`;
  return { ...row, [column]: other };
}

const COVERED = COLUMNS.split(',').map((name) => name.trim() as keyof AuditRow);

describe('the digest of an entry', () => {
  it.each(COVERED.filter((name) => name !== 'digest'))('is another one when %s is', async (column) => {
    const [row] = await sixRows();
    if (row === undefined) throw new Error('no rows');
    expect(auditDigest('', row)).toBe(row.digest);
    expect(auditDigest('', changed(row, column))).not.toBe(row.digest);
  });

  it('is another one after another entry', async () => {
    const [first, second] = await sixRows();
    if (first === undefined || second === undefined) throw new Error('no rows');
    expect(auditDigest(first.digest, second)).toBe(second.digest);
    expect(auditDigest('', second)).not.toBe(second.digest);
    expect(auditDigest(second.digest, second)).not.toBe(second.digest);
  });

  it('tells nothing from an empty text, and one column from the next', async () => {
    const [row] = await sixRows();
    if (row === undefined) throw new Error('no rows');
    const digests = [
      { ...row, comment: null },
      { ...row, comment: '' },
      { ...row, comment: null, change_group: 'why' },
      { ...row, environment: null, key: 'k1dev' },
      { ...row, action: 'updatething', kind: '' },
    ].map((one) => auditDigest('', one));
    expect(new Set(digests).size).toBe(5);
  });
});

describe('what somebody with the file does to the log', () => {
  it('is found from the very entry on, whichever value it is that was changed', async () => {
    const connection = await unheld();
    const before = rowsOf(connection);
    await check(
      fc.property(
        fc.constantFrom(...COVERED.filter((name) => name !== 'id')),
        fc.integer({ min: 1, max: ENTRIES }),
        (column, id) => {
          const row = before[id - 1];
          if (row === undefined) throw new Error('no row');
          connection.exec('PRAGMA foreign_keys = OFF');
          connection.run(`UPDATE audit SET ${column} = ? WHERE id = ?`, changed(row, column)[column], id);
          // A digest that was changed is wrong itself.
          expect(brokenAuditEntry(connection)).toBe(id);
          connection.run(`UPDATE audit SET ${column} = ? WHERE id = ?`, row[column], id);
          expect(brokenAuditEntry(connection)).toBeUndefined();
        },
      ),
      60,
    );
  });

  it('is found at the entry after a gap, wherever the gap is but at the end', async () => {
    for (let first = 1; first < ENTRIES; first++) {
      for (let last = first; last < ENTRIES; last++) {
        const connection = await unheld();
        connection.run('DELETE FROM audit WHERE id BETWEEN ? AND ?', first, last);
        expect([first, last, brokenAuditEntry(connection)]).toEqual([first, last, last + 1]);
      }
    }
  });

  it('is found when two entries are exchanged', async () => {
    for (let first = 1; first < ENTRIES; first++) {
      const connection = await unheld();
      connection.run('UPDATE audit SET id = -1 WHERE id = ?', first);
      connection.run('UPDATE audit SET id = ? WHERE id = ?', first, first + 1);
      connection.run('UPDATE audit SET id = ? WHERE id = -1', first + 1);
      expect(brokenAuditEntry(connection)).toBe(first);
    }
  });

  it('is found when an entry is written again with a digest of its own, unless all later ones are too', async () => {
    const connection = await unheld();
    const rows = rowsOf(connection);
    let previous = rows[1]?.digest ?? '';
    for (const row of rows.slice(2)) {
      const forged = { ...row, actor_name: row.id === 3 ? 'somebody else' : row.actor_name };
      const digest = auditDigest(previous, forged);
      connection.run('UPDATE audit SET actor_name = ?, digest = ? WHERE id = ?', forged.actor_name, digest, row.id);
      // What follows is still chained to what was there before.
      expect(brokenAuditEntry(connection)).toBe(row.id === ENTRIES ? undefined : row.id + 1);
      previous = digest;
    }
  });

  it('is found beside a floor that does not fit', async () => {
    const connection = await unheld();
    const rows = rowsOf(connection);
    connection.run('DELETE FROM audit WHERE id <= 3');
    expect(brokenAuditEntry(connection)).toBe(4);
    connection.run('UPDATE audit_floor SET id = 3');
    expect(brokenAuditEntry(connection)).toBe(4);
    connection.run('UPDATE audit_floor SET digest = ?', rows[2]?.digest ?? '');
    expect(brokenAuditEntry(connection)).toBeUndefined();
    connection.run('UPDATE audit_floor SET id = 2');
    expect(brokenAuditEntry(connection)).toBe(4);
  });

  it('is found in a log of more entries than are read at a time', async () => {
    const connection = await unheld();
    const [row] = rowsOf(connection);
    if (row === undefined) throw new Error('no rows');
    let previous = rowsOf(connection).at(-1)?.digest ?? '';
    connection.exec('BEGIN');
    for (let id = ENTRIES + 1; id <= 1_200; id++) {
      const digest = auditDigest(previous, { ...row, id });
      connection.run(
        `INSERT INTO audit SELECT ?, at, actor_kind, actor_id, actor_name, action, kind, key, environment, fields, before_version,
           version, before_digest, after_digest, comment, change_group, source, ? FROM audit WHERE id = 1`,
        id,
        digest,
      );
      previous = digest;
    }
    connection.exec('COMMIT');
    expect(brokenAuditEntry(connection)).toBeUndefined();
    for (const id of [1_200, 1_001, 1_000, 501, 500]) {
      connection.run("UPDATE audit SET comment = 'x' WHERE id = ?", id);
      expect(brokenAuditEntry(connection)).toBe(id);
    }
  });
});

describe('an entry that is damaged', () => {
  it.each<[fields: string, read: readonly string[]]>([
    ['["a","b"]', ['a', 'b']],
    ['[]', []],
    ['', []],
    ['{', []],
    ['null', []],
    ['{"a":1}', []],
    ['"a"', []],
    ['[1,null]', ['1', 'null']],
  ])('in its fields, %j, is read all the same: %j', async (fields, read) => {
    const [row] = await sixRows();
    if (row === undefined) throw new Error('no rows');
    expect(fromRow({ ...row, fields })).toMatchObject({ id: 1, action: 'update', fields: read });
  });

  it('has nothing where there is nothing', async () => {
    const [row] = await sixRows();
    if (row === undefined) throw new Error('no rows');
    const nothing = {
      environment: null,
      before_version: null,
      version: null,
      comment: null,
      change_group: null,
      source: null,
    };
    expect(fromRow({ ...row, ...nothing })).toEqual({
      id: 1,
      at: row.at,
      actor: SETTINGS_TOKEN,
      action: 'update',
      subject: { kind: 'thing', key: 'k1', environment: undefined },
      fields: ['index'],
      beforeVersion: undefined,
      version: undefined,
      comment: undefined,
      group: undefined,
      source: undefined,
    });
  });
});
