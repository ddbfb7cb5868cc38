import { StorageError } from '../../errors.js';
import { CENTER } from '../../model/actor.js';
import {
  AUDIT_LIMITS,
  type AuditDetail,
  type AuditDraft,
  type AuditEntry,
  type AuditQuery,
  changedFields,
} from '../../model/audit.js';
import { isJsonObject, type JsonObject } from '../../model/json.js';
import { shortened } from '../../model/shortened.js';
import type { Clock } from '../../runtime/clock.js';
import type { Audit } from '../audit.js';
import { type AuditRow, auditDigest, COLUMNS, fromRow, textDigest } from './audit-rows.js';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';

export function sqliteAudit({ connection, read, write }: Session, clock: Clock): Audit {
  const find = (condition: string, ...parameters: readonly (string | number)[]) => {
    const row = connection.row<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE ${condition} LIMIT 1`, ...parameters);
    return row && fromRow(row);
  };
  return {
    append: (draft) => write(() => appendAudit(connection, draft, clock.now())),
    appendDocument: ({ environment, kind, key, before, after, fields, ...rest }) =>
      write(() =>
        insert(connection, {
          ...rest,
          at: clock.now(),
          subject: { kind, key, environment },
          fields,
          beforeVersion: before?.version,
          version: after?.version,
          before: before?.text,
          after: after?.text,
        }),
      ),
    list: (query) => read(() => readList(connection, query)),
    get: (id) => read(() => readDetail(connection, id)),
    documentAt: (environment, kind, key, version) =>
      read(() => {
        const found = connection.row<{ readonly digest: string | null }>(
          `SELECT CASE version WHEN ?4 THEN after_digest ELSE before_digest END AS digest FROM audit
           WHERE environment = ?1 AND kind = ?2 AND key = ?3 AND (version = ?4 OR before_version = ?4) LIMIT 1`,
          environment,
          kind,
          key,
          version,
        );
        return textOf(connection, found?.digest ?? null);
      }),
    entryOf: (environment, kind, key, version) => read(() => find(MADE, environment, kind, key, version)),
    forgetBefore: (time) => write(() => forgetBefore(connection, time, clock.now())),
  };
}

const MADE = 'environment = ? AND kind = ? AND key = ? AND version = ?';

/** Writes something down that is no document; call it inside the transaction that does it. */
export function appendAudit(connection: SqliteConnection, draft: AuditDraft, now: number): AuditEntry {
  const { before, after, at = now, ...rest } = draft;
  const [was, is] = [withoutCredentials(before), withoutCredentials(after)];
  return insert(connection, {
    ...rest,
    at,
    fields: changedFields(was, is),
    beforeVersion: undefined,
    version: undefined,
    before: stateText(was),
    after: stateText(is),
  });
}

type Insert = Omit<AuditDetail, 'id'>;

function insert(connection: SqliteConnection, entry: Insert): AuditEntry {
  const last = connection.row<{ readonly id: number; readonly at: number; readonly digest: string }>(
    'SELECT id, at, digest FROM audit ORDER BY id DESC LIMIT 1',
  );
  const { actor, subject } = entry;
  const row: Omit<AuditRow, 'digest'> = {
    id: (last?.id ?? 0) + 1,
    // The clock may be set back, and the order of entries is that in which they were written.
    at: Math.max(entry.at, last?.at ?? 0),
    actor_kind: actor.kind,
    actor_id: shortened(actor.id, AUDIT_LIMITS.actor),
    actor_name: shortened(actor.name, AUDIT_LIMITS.actor),
    action: shortened(entry.action, AUDIT_LIMITS.action),
    kind: shortened(subject.kind, AUDIT_LIMITS.kind),
    key: shortened(subject.key, AUDIT_LIMITS.key),
    environment: subject.environment ?? null,
    fields: JSON.stringify(entry.fields.slice(0, AUDIT_LIMITS.fields).map((name) => shortened(name, AUDIT_LIMITS.key))),
    before_version: entry.beforeVersion ?? null,
    version: entry.version ?? null,
    before_digest: keepText(connection, entry.before),
    after_digest: keepText(connection, entry.after),
    comment: entry.comment === undefined ? null : shortened(entry.comment, AUDIT_LIMITS.comment),
    change_group: entry.group === undefined ? null : shortened(entry.group, AUDIT_LIMITS.group),
    source: entry.source === undefined ? null : shortened(entry.source, AUDIT_LIMITS.source),
  };
  const digest = auditDigest(last?.digest ?? '', row);
  connection.run(
    `INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.at,
    row.actor_kind,
    row.actor_id,
    row.actor_name,
    row.action,
    row.kind,
    row.key,
    row.environment,
    row.fields,
    row.before_version,
    row.version,
    row.before_digest,
    row.after_digest,
    row.comment,
    row.change_group,
    row.source,
    digest,
  );
  return fromRow({ ...row, digest });
}

/** A text is kept once, however many entries have it: what was after one change is before the next one. */
function keepText(connection: SqliteConnection, text: string | undefined): string | null {
  if (text === undefined) return null;
  const digest = textDigest(text);
  connection.run('INSERT INTO audit_texts VALUES (?, ?) ON CONFLICT DO NOTHING', digest, text);
  return digest;
}

function textOf(connection: SqliteConnection, digest: string | null): string | undefined {
  if (digest === null) return undefined;
  const text = connection.row<{ readonly text: string }>('SELECT text FROM audit_texts WHERE digest = ?', digest)?.text;
  if (text !== undefined && textDigest(text) === digest) return text;
  throw new StorageError('A text of the audit log is damaged on the disk: restore a backup to see it.', {
    code: 'damaged-data',
  });
}

function readDetail(connection: SqliteConnection, id: number): AuditDetail | undefined {
  const row = connection.row<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE id = ?`, id);
  if (row === undefined) return undefined;
  const { before_digest, after_digest } = row;
  return { ...fromRow(row), before: textOf(connection, before_digest), after: textOf(connection, after_digest) };
}

function readList(connection: SqliteConnection, query: AuditQuery): readonly AuditEntry[] {
  const { actor, action, kind, key, environment, group, from, to, olderThan, limit } = query;
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const demand = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition.replaceAll('?', `?${parameters.length}`));
  };
  demand('environment = ?', environment);
  demand('kind = ?', kind);
  demand('key = ?', key);
  demand('(actor_id = ? OR actor_name = ?)', actor);
  demand('action = ?', action);
  demand('change_group = ?', group);
  demand('at >= ?', from);
  demand('at < ?', to);
  demand('id < ?', olderThan);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT ${COLUMNS} FROM audit ${where} ORDER BY id DESC LIMIT ?${parameters.length + 1}`;
  return connection.rows<AuditRow>(sql, ...parameters, limit).map(fromRow);
}

function forgetBefore(connection: SqliteConnection, time: number, now: number): number {
  // In the order of entries and not by their times alone: what is left is the end of the log, without a gap.
  const sql =
    'SELECT id, digest, (SELECT count(*) FROM audit WHERE id <= last.id) AS entries FROM audit AS last WHERE at < ? ORDER BY id DESC LIMIT 1';
  const last = connection.row<{ readonly id: number; readonly digest: string; readonly entries: number }>(sql, time);
  if (last === undefined) return 0;
  const after = { before: new Date(time).toISOString(), entries: last.entries };
  appendAudit(connection, { actor: CENTER, action: 'prune', subject: { kind: 'audit', key: 'audit' }, after }, now);
  connection.run('UPDATE audit_floor SET id = ?, digest = ?', last.id, last.digest);
  connection.run('DELETE FROM audit WHERE id <= ?', last.id);
  connection.run(
    `DELETE FROM audit_texts WHERE NOT EXISTS (SELECT 1 FROM audit WHERE before_digest = audit_texts.digest)
       AND NOT EXISTS (SELECT 1 FROM audit WHERE after_digest = audit_texts.digest)`,
  );
  return last.entries;
}

/** A state as it is kept: what is too long for an entry is left out as a whole. */
function stateText(state: JsonObject | undefined): string | undefined {
  if (state === undefined) return undefined;
  const text = JSON.stringify(state);
  return text.length <= AUDIT_LIMITS.state ? text : JSON.stringify({ tooLong: true, length: text.length });
}

const CREDENTIAL = /(?:secret|token|password|credential)s?$/i;

/** Whoever writes something down should give no credential; if one is given all the same, it is not kept. */
function withoutCredentials(state: JsonObject | undefined): JsonObject | undefined {
  return state && (cleaned(state) as JsonObject);
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    typeof member === 'string' && CREDENTIAL.test(name) ? 'not kept' : cleaned(member),
  ]);
  return Object.fromEntries(members);
}
