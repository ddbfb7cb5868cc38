import { setImmediate } from 'node:timers/promises';
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
    const sql = `SELECT ${COLUMNS} FROM audit WHERE ${condition} AND ${KEPT} LIMIT 1`;
    const row = connection.row<AuditRow>(sql, ...parameters);
    return row && fromRow(row);
  };
  return {
    append: (draft) => write(() => insert(connection, entryOf(draft, clock.now()), maxWaiting)),
    appendDocument: (draft) => write(() => insert(connection, documentEntryOf(draft, clock.now()), maxWaiting)),
    list: async (query) => {
      const { newest, oldest } = await read(() => boundsOf(connection));
      const entries: AuditEntry[] = [];
      let before = Math.min(query.olderThan ?? newest + 1, newest + 1);
      for (; before > oldest && entries.length < query.limit; before -= WINDOW) {
        const part = { ...query, olderThan: before, limit: query.limit - entries.length };
        entries.push(...(await read(() => readList(connection, part, Math.max(before - WINDOW, oldest)))));
        await setImmediate();
      }
      return entries;
    },
    get: (id) => read(() => readDetail(connection, id)),
    documentAt: (environment, kind, key, version) =>
      read(() => {
        const found = connection.row<{ readonly digest: string | null }>(
          `SELECT CASE version WHEN ?4 THEN after_digest ELSE before_digest END AS digest FROM audit
           WHERE environment = ?1 AND kind = ?2 AND key = ?3 AND (version = ?4 OR before_version = ?4) AND ${KEPT} LIMIT 1`,
          environment,
          kind,
          key,
          version,
        );
        return textOf(connection, found?.digest ?? null);
      }),
    entryOf: (environment, kind, key, version) => read(() => find(MADE, environment, kind, key, version)),
    forgetBefore: async (time) => {
      const entries = await write(() => forgetBefore(connection, time, clock.now()));
      // A power cut may bring some of them back, which the floor hides until the next time.
      while (await write(() => removeForgotten(connection), 'process')) await setImmediate();
      return entries;
    },
  };
}

/** What has been forgotten may still be there: removing it takes a while. */
const KEPT = 'id > (SELECT id FROM audit_floor)';
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
  const row = connection.row<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE id = ? AND ${KEPT}`, id);
  if (row === undefined) return undefined;
  const { before_digest, after_digest } = row;
  return { ...fromRow(row), before: textOf(connection, before_digest), after: textOf(connection, after_digest) };
}

/** Entries that are looked through before others have their turn: a few milliseconds, where no index helps. */
const WINDOW = 5_000;

function boundsOf(connection: SqliteConnection): { readonly newest: number; readonly oldest: number } {
  const sql = `SELECT coalesce(max(id), 0) AS newest, coalesce(min(id), 0) AS oldest FROM audit WHERE ${KEPT}`;
  return connection.row<{ readonly newest: number; readonly oldest: number }>(sql) ?? { newest: 0, oldest: 0 };
}

/** @param from the first entry that is looked at. */
function readList(connection: SqliteConnection, query: AuditQuery, from: number): readonly AuditEntry[] {
  const { actor, action, kind, key, environment, group, from: since, to, olderThan, limit } = query;
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
  demand('at >= ?', since);
  demand('at < ?', to);
  demand('id < ?', olderThan);
  demand('id >= ?', from);
  const sql = `SELECT ${COLUMNS} FROM audit WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?${parameters.length + 1}`;
  return connection.rows<AuditRow>(sql, ...parameters, limit).map(fromRow);
}

function forgetBefore(connection: SqliteConnection, time: number, now: number): number {
  const { id: floor = 0 } = connection.row<{ readonly id: number }>('SELECT id FROM audit_floor') ?? {};
  // Times never fall from entry to entry, so what is left is the end of the log, without a gap.
  const first = connection.row<{ readonly id: number }>(
    `SELECT id FROM audit WHERE at >= ? AND ${KEPT} ORDER BY id LIMIT 1`,
    time,
  );
  const last = connection.row<{ readonly id: number; readonly digest: string }>(
    `SELECT id, digest FROM audit WHERE id < ? AND ${KEPT} ORDER BY id DESC LIMIT 1`,
    first?.id ?? Number.MAX_SAFE_INTEGER,
  );
  if (last === undefined) return 0;
  const entries = last.id - floor;
  appendAudit(connection, pruning(time, entries), now);
  connection.run('UPDATE audit_floor SET id = ?, digest = ?', last.id, last.digest);
  return entries;
}

/** Entries that are removed before others have their turn, with the texts that no other entry has. */
const REMOVED_AT_ONCE = 100;

/** Removes some of the entries that have been forgotten. @returns whether there are more. */
function removeForgotten(connection: SqliteConnection): boolean {
  const sql = `SELECT id, before_digest, after_digest FROM audit WHERE NOT (${KEPT}) ORDER BY id LIMIT ?`;
  const rows = connection.rows<Pick<AuditRow, 'id' | 'before_digest' | 'after_digest'>>(sql, REMOVED_AT_ONCE);
  const newest = rows.at(-1);
  if (newest === undefined) return false;
  connection.run('DELETE FROM audit WHERE id <= ?', newest.id);
  for (const digest of new Set(rows.flatMap((row) => [row.before_digest ?? [], row.after_digest ?? []].flat()))) {
    connection.run(
      `DELETE FROM audit_texts WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM audit WHERE before_digest = ?1)
         AND NOT EXISTS (SELECT 1 FROM audit WHERE after_digest = ?1)`,
      digest,
    );
  }
  return rows.length === REMOVED_AT_ONCE;
}
