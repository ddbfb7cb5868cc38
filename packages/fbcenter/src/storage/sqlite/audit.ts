import type { AuditDetail, AuditDraft, AuditEntry, AuditQuery } from '../../model/audit.js';
import { MAX_WAITING } from '../../model/webhook.js';
import type { Clock } from '../../runtime/clock.js';
import type { Audit } from '../audit.js';
import {
  type AuditRow,
  COLUMNS,
  documentEntryOf,
  type EntryDraft,
  entryOf,
  fromRow,
  intactText,
  nextRow,
  pruning,
} from '../audit-entries.js';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';
import { queueForWebhooks } from './webhook-queue.js';

/** @param maxWaiting messages that may wait for a webhook. */
export function sqliteAudit({ connection, read, write }: Session, clock: Clock, maxWaiting = MAX_WAITING): Audit {
  const find = (condition: string, ...parameters: readonly (string | number)[]) => {
    const row = connection.row<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE ${condition} LIMIT 1`, ...parameters);
    return row && fromRow(row);
  };
  return {
    append: (draft) => write(() => insert(connection, entryOf(draft, clock.now()), maxWaiting)),
    appendDocument: (draft) => write(() => insert(connection, documentEntryOf(draft, clock.now()), maxWaiting)),
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

/** Writes something down that is about no environment; call it inside the transaction that does it. */
export function appendAudit(connection: SqliteConnection, draft: AuditDraft, now: number): AuditEntry {
  return insert(connection, entryOf(draft, now), 0);
}

function insert(connection: SqliteConnection, entry: EntryDraft, maxWaiting: number): AuditEntry {
  const last = connection.row<Pick<AuditRow, 'id' | 'at' | 'digest'>>(
    'SELECT id, at, digest FROM audit ORDER BY id DESC LIMIT 1',
  );
  const row = nextRow(entry, last);
  keepText(connection, row.before_digest, entry.before);
  keepText(connection, row.after_digest, entry.after);
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
    row.digest,
  );
  const written = fromRow(row);
  queueForWebhooks(connection, written, { now: entry.at, maxWaiting });
  return written;
}

/** A text is kept once, however many entries have it: what was after one change is before the next one. */
function keepText(connection: SqliteConnection, digest: string | null, text: string | undefined): void {
  if (digest === null || text === undefined) return;
  connection.run('INSERT INTO audit_texts VALUES (?, ?) ON CONFLICT DO NOTHING', digest, text);
}

function textOf(connection: SqliteConnection, digest: string | null): string | undefined {
  if (digest === null) return undefined;
  const sql = 'SELECT text FROM audit_texts WHERE digest = ?';
  return intactText(connection.row<{ readonly text: string }>(sql, digest)?.text, digest);
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
  appendAudit(connection, pruning(time, last.entries), now);
  connection.run('UPDATE audit_floor SET id = ?, digest = ?', last.id, last.digest);
  connection.run('DELETE FROM audit WHERE id <= ?', last.id);
  connection.run(
    `DELETE FROM audit_texts WHERE NOT EXISTS (SELECT 1 FROM audit WHERE before_digest = audit_texts.digest)
       AND NOT EXISTS (SELECT 1 FROM audit WHERE after_digest = audit_texts.digest)`,
  );
  return last.entries;
}
