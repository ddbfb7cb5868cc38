import { type AuditRow, auditDigest, COLUMNS } from '../audit-entries.js';
import type { SqliteConnection } from './connection.js';

/** The first entry that is not what was written, or that comes after one that is missing; `undefined` when the log is whole. */
export function brokenAuditEntry(connection: SqliteConnection): number | undefined {
  const floor = connection.row<{ readonly id: number; readonly digest: string }>('SELECT id, digest FROM audit_floor');
  let { id: last, digest: previous } = floor ?? { id: 0, digest: '' };
  for (;;) {
    const sql = `SELECT ${COLUMNS} FROM audit WHERE id > ? ORDER BY id LIMIT 500`;
    const rows = connection.rows<AuditRow>(sql, last);
    for (const row of rows) {
      if (row.id !== last + 1 || row.digest !== auditDigest(previous, row)) return row.id;
      last = row.id;
      previous = row.digest;
    }
    if (rows.length === 0) return undefined;
  }
}
