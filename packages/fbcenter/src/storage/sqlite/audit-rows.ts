import { createHash } from 'node:crypto';
import type { Actor } from '../../model/actor.js';
import type { AuditEntry } from '../../model/audit.js';
import type { SqliteConnection } from './connection.js';

/** How entries of the audit log stand in their table, and whether the log is still what was written. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action: string;
  readonly kind: string;
  readonly key: string;
  readonly environment: string | null;
  readonly fields: string;
  readonly before_version: number | null;
  readonly version: number | null;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  readonly comment: string | null;
  readonly change_group: string | null;
  readonly source: string | null;
  readonly digest: string;
}

export const COLUMNS = `id, at, actor_kind, actor_id, actor_name, action, kind, key, environment, fields, before_version, version,
  before_digest, after_digest, comment, change_group, source, digest`;

export function fromRow(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id, name: row.actor_name },
    action: row.action,
    subject: { kind: row.kind, key: row.key, environment: row.environment ?? undefined },
    fields: fieldsIn(row.fields),
    beforeVersion: row.before_version ?? undefined,
    version: row.version ?? undefined,
    comment: row.comment ?? undefined,
    group: row.change_group ?? undefined,
    source: row.source ?? undefined,
  };
}

/** Nothing when it is damaged: the entry can still be read, and the check at the start says that it is not what was written. */
function fieldsIn(text: string): readonly string[] {
  try {
    const fields: unknown = JSON.parse(text);
    return Array.isArray(fields) ? fields.map(String) : [];
  } catch {
    return [];
  }
}

export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The digest of an entry covers that of the entry before it: whoever changes one entry has to write all later ones anew. */
export function auditDigest(previous: string, row: Omit<AuditRow, 'digest'>): string {
  const { id, at, actor_kind, actor_id, actor_name, action, kind, key, environment, fields } = row;
  const { before_version, version, before_digest, after_digest, comment, change_group, source } = row;
  const who = [actor_kind, actor_id, actor_name];
  const what = [action, kind, key, environment, fields, before_version, version, before_digest, after_digest];
  return textDigest(JSON.stringify([previous, id, at, ...who, ...what, comment, change_group, source]));
}

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
