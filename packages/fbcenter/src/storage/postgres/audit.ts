import type { AuditDetail, AuditEntry, AuditQuery } from '../../model/audit.js';
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
import { type Parameter, type PostgresConnection, storableText } from './connection.js';
import type { Scope, Session } from './session.js';
import { queueForWebhooks } from './webhook-queue.js';

/** An entry covers the one before it: of all centers one at a time writes one. */
const AUDIT: Scope = { kind: 'audit' };

/** @param maxWaiting messages that may wait for a webhook. */
export function postgresAudit({ read, write }: Session, clock: Clock, maxWaiting = MAX_WAITING): Audit {
  return {
    append: (draft) => write((connection) => appendAudit(connection, entryOf(draft, clock.now()), maxWaiting), AUDIT),
    appendDocument: (draft) =>
      write((connection) => appendAudit(connection, documentEntryOf(draft, clock.now()), maxWaiting), AUDIT),
    list: (query) => read((connection) => readList(connection, query)),
    get: (id) => read((connection) => readDetail(connection, id)),
    documentAt: (environment, kind, key, version) =>
      read(async (connection) => {
        const found = await connection.row<{ readonly digest: string | null }>(
          `SELECT CASE version WHEN $4 THEN after_digest ELSE before_digest END AS digest FROM audit
           WHERE environment = $1 AND kind = $2 AND key = $3 AND (version = $4 OR before_version = $4) LIMIT 1`,
          environment,
          kind,
          key,
          version,
        );
        return textOf(connection, found?.digest ?? null);
      }),
    entryOf: (environment, kind, key, version) =>
      read(async (connection) => {
        const sql = `SELECT ${COLUMNS} FROM audit WHERE environment = $1 AND kind = $2 AND key = $3 AND version = $4 LIMIT 1`;
        const row = await connection.row<AuditRow>(sql, environment, kind, key, version);
        return row && fromRow(row);
      }),
    forgetBefore: (time) => write((connection) => forgetBefore(connection, time, clock.now()), AUDIT),
  };
}

/**
 * Writes an entry; call it inside a transaction that holds the log.
 *
 * @param maxWaiting messages that may wait for a webhook.
 */
export async function appendAudit(
  connection: PostgresConnection,
  draft: EntryDraft,
  maxWaiting: number,
): Promise<AuditEntry> {
  const last = await connection.row<Pick<AuditRow, 'id' | 'at' | 'digest'>>(
    'SELECT id, at, digest FROM audit ORDER BY id DESC LIMIT 1',
  );
  const entry = storable(draft);
  const row = nextRow(entry, last);
  await keepText(connection, row.before_digest, entry.before);
  await keepText(connection, row.after_digest, entry.after);
  await connection.run(
    `INSERT INTO audit (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
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
  await queueForWebhooks(connection, written, { now: entry.at, maxWaiting });
  return written;
}

/** The digest must be that of what can be read again. */
function storable(draft: EntryDraft): EntryDraft {
  const { actor, subject, before, after, comment, source, group } = draft;
  const text = (value: string | undefined) => value && storableText(value);
  return {
    ...draft,
    actor: { ...actor, id: storableText(actor.id), name: storableText(actor.name) },
    subject: { ...subject, key: storableText(subject.key) },
    before: text(before),
    after: text(after),
    comment: text(comment),
    source: text(source),
    group: text(group),
  };
}

/** A text is kept once, however many entries have it: what was after one change is before the next one. */
async function keepText(
  connection: PostgresConnection,
  digest: string | null,
  text: string | undefined,
): Promise<void> {
  if (digest === null || text === undefined) return;
  await connection.run('INSERT INTO audit_texts VALUES ($1, $2) ON CONFLICT DO NOTHING', digest, text);
}

async function textOf(connection: PostgresConnection, digest: string | null): Promise<string | undefined> {
  if (digest === null) return undefined;
  const sql = 'SELECT text FROM audit_texts WHERE digest = $1';
  return intactText((await connection.row<{ readonly text: string }>(sql, digest))?.text, digest);
}

async function readDetail(connection: PostgresConnection, id: number): Promise<AuditDetail | undefined> {
  const row = await connection.row<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE id = $1`, id);
  if (row === undefined) return undefined;
  const [before, after] = [await textOf(connection, row.before_digest), await textOf(connection, row.after_digest)];
  return { ...fromRow(row), before, after };
}

async function readList(connection: PostgresConnection, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { actor, action, kind, key, environment, group, from, to, olderThan, limit } = query;
  const conditions: string[] = [];
  const parameters: Parameter[] = [];
  const demand = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition.replaceAll('?', `$${parameters.length}`));
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
  const sql = `SELECT ${COLUMNS} FROM audit ${where} ORDER BY id DESC LIMIT $${parameters.length + 1}`;
  return (await connection.rows<AuditRow>(sql, ...parameters, limit)).map(fromRow);
}

async function forgetBefore(connection: PostgresConnection, time: number, now: number): Promise<number> {
  // In the order of entries and not by their times alone: what is left is the end of the log, without a gap.
  const last = await connection.row<{ readonly id: number; readonly digest: string; readonly entries: number }>(
    `SELECT id, digest, (SELECT count(*) FROM audit WHERE id <= last.id) AS entries FROM audit AS last
     WHERE at < $1 ORDER BY id DESC LIMIT 1`,
    time,
  );
  if (last === undefined) return 0;
  await appendAudit(connection, entryOf(pruning(time, last.entries), now), 0);
  await connection.run('UPDATE audit_floor SET id = $1, digest = $2', last.id, last.digest);
  await connection.run('DELETE FROM audit WHERE id <= $1', last.id);
  await connection.run(
    `DELETE FROM audit_texts WHERE NOT EXISTS (SELECT 1 FROM audit WHERE before_digest = audit_texts.digest)
       AND NOT EXISTS (SELECT 1 FROM audit WHERE after_digest = audit_texts.digest)`,
  );
  return last.entries;
}
