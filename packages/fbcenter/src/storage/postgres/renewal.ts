import { CENTER } from '../../model/actor.js';
import { entryOf } from '../audit-entries.js';
import { renewedText } from '../renewed-text.js';
import { appendAudit } from './audit.js';
import type { PostgresConnection } from './connection.js';
import { DOCUMENT_COLUMNS, type DocumentRow, documentOf } from './document-rows.js';
import { hold } from './session.js';

/** Documents that are written at a time. */
const PAGE = 500;

/**
 * Begins a new course of events in an environment whose database is older than what SDKs may hold: an older copy that was put in its place, or a standby
 * that lacked the last changes when it took over. Versions that were given after the copy was made must not be given again, and an SDK that holds
 * them must take what the copy says. So every document gets a version that is greater than all of them. Call it inside a transaction.
 *
 * @param known the greatest version that is known to have been given.
 * @param now the time at which the audit log has it.
 * @returns whether it was done: another center may have done it.
 */
export async function renewVersions(
  connection: PostgresConnection,
  { schema, environmentId, known, now }: Renewal,
): Promise<boolean> {
  const row = await connection.row<{ readonly version: number; readonly replaced: number }>(
    'SELECT version, replaced FROM environments WHERE id = $1 FOR NO KEY UPDATE',
    environmentId,
  );
  if (row === undefined || row.replaced > known) return false;
  let version = Math.max(known, row.version, now);
  for (let after = 0; ; ) {
    const rows = await connection.rows<DocumentRow>(
      `SELECT ${DOCUMENT_COLUMNS} FROM documents WHERE environment_id = $1 AND version > $2 AND version <= $3 ORDER BY version LIMIT $4`,
      environmentId,
      after,
      row.version,
      PAGE,
    );
    if (rows.length === 0) break;
    after = rows.at(-1)?.version ?? after;
    const renewed = rows.map(documentOf).map(({ kind, key, text }) => {
      version += 1;
      return { kind, key, version, text: renewedText(text, version) };
    });
    await connection.run(
      `UPDATE documents SET version = renewed.version, text = renewed.text
       FROM json_to_recordset($2::text::json) AS renewed(kind text, key text, version bigint, text text)
       WHERE environment_id = $1 AND documents.kind = renewed.kind AND documents.key = renewed.key`,
      environmentId,
      JSON.stringify(renewed),
    );
  }
  // They are always sent together, so only the last of their versions can be somebody's cursor.
  await connection.run('DELETE FROM versions WHERE environment_id = $1', environmentId);
  await connection.run('INSERT INTO versions VALUES ($1, $2)', environmentId, version);
  await connection.run('UPDATE environments SET version = $2, replaced = $2 WHERE id = $1', environmentId, version);
  await hold(connection, { kind: 'audit' }, schema);
  // What the log says of the time after the copy was made is gone: at least it says so.
  const subject = { kind: 'data', key: 'data' };
  await appendAudit(connection, entryOf({ actor: CENTER, action: 'restore', subject }, now), 0);
  return true;
}

export interface Renewal {
  readonly schema: string;
  readonly environmentId: string;
  readonly known: number;
  readonly now: number;
}
