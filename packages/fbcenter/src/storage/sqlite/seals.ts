import { createHash } from 'node:crypto';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';

/**
 * What is kept of each table that is small and seldom written, and that nothing is right without: a digest of all that it
 * says. What changes all the time is not part of it: the version of an environment, and when a secret, a token or a trigger was used or
 * somebody signed in.
 */
const SEALED: Readonly<Record<string, string>> = {
  settings: 'SELECT * FROM settings ORDER BY name',
  environments: 'SELECT id, key, name, is_protected FROM environments ORDER BY id',
  secrets: `SELECT secret, environment_id, kind, id, name, created_at FROM secrets
    ORDER BY environment_id, kind, secret`,
  users: `SELECT id, name, folded_name, grants, is_disabled, password, subject, created_at FROM users ORDER BY id`,
  access_tokens: `SELECT digest, id, name, start, grants, created_by, created_at, expires_at FROM access_tokens
    ORDER BY digest`,
  webhooks: `SELECT id, environment_id, name, url, events, is_enabled, secret, previous_secret, previous_until, created_by, created_at
    FROM webhooks ORDER BY id`,
  flag_triggers: `SELECT id, environment_id, flag_key, name, action, digest, start, is_enabled, created_by, created_at
    FROM flag_triggers ORDER BY id`,
};

/** Keeps the digests of what the sealed tables say now; call it inside the transaction that has changed them. */
export function seal(connection: SqliteConnection): void {
  for (const [table, sql] of Object.entries(SEALED)) {
    connection.run('INSERT OR REPLACE INTO seals VALUES (?, ?)', table, digestOf(connection, sql));
  }
}

/** The sealed tables that do not say what they said when they were sealed. */
export function brokenSeals(connection: SqliteConnection): readonly string[] {
  const kept = connection.rows<{ readonly table_name: string; readonly digest: string }>('SELECT * FROM seals');
  const digests = new Map(kept.map(({ table_name, digest }) => [table_name, digest]));
  return Object.entries(SEALED).flatMap(([table, sql]) =>
    digests.get(table) === digestOf(connection, sql) ? [] : [table],
  );
}

function digestOf(connection: SqliteConnection, sql: string): string {
  return createHash('sha256')
    .update(JSON.stringify(connection.rows(sql)))
    .digest('hex');
}

/** A session whose writes are followed by a new seal. */
export function sealing(session: Session): Session {
  return {
    ...session,
    write: (work, durability) =>
      session.write((changed, removed) => {
        const result = work(changed, removed);
        seal(session.connection);
        return result;
      }, durability),
  };
}
