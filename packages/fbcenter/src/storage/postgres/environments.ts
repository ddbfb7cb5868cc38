import { StorageError } from '../../errors.js';
import type { Environment } from '../../model/environment.js';
import type { Clock } from '../../runtime/clock.js';
import type { Environments } from '../environments.js';
import type { PostgresConnection } from './connection.js';
import { writeDocument } from './documents.js';
import { addSecret } from './secret-rows.js';
import type { Session } from './session.js';
import type { Versions } from './versions.js';

/** What the secrets are called that an environment begins with. */
const FIRST_SECRET = 'first';

export function postgresEnvironments({ read, write }: Session, versions: Versions, clock: Clock): Environments {
  return {
    list: () =>
      read(async (connection) =>
        (await connection.rows<EnvironmentRow>(`${ENVIRONMENT} ORDER BY key`)).map(environmentOf),
      ),
    versions: () =>
      read(async (connection) => {
        const sql = 'SELECT key, version FROM environments';
        const rows = await connection.rows<{ readonly key: string; readonly version: number }>(sql);
        return new Map(rows.map(({ key, version }) => [key, version]));
      }),
    byKey: (key) => read((connection) => environmentRow(connection, 'key', key)),
    create: (environment, documents) =>
      write(async (connection, { created }) => {
        const { id, key, name, isProtected, serverSecret, clientSecret } = environment;
        const version = clock.now() - documents.length;
        if (await isTaken(connection, environment)) return false;
        const added = await connection.run(
          `INSERT INTO environments (id, key, name, version, is_protected) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
          id,
          key,
          name,
          version,
          isProtected,
        );
        if (added === 0) return false;
        const first = { name: FIRST_SECRET, createdAt: clock.now() };
        const secrets = [
          await addSecret(connection, id, { ...first, kind: 'server', value: serverSecret }),
          await addSecret(connection, id, { ...first, kind: 'client', value: clientSecret }),
        ];
        // Another center has given it away since it was looked for.
        if (secrets.includes(undefined))
          throw new StorageError('One of the secrets is being used elsewhere: try again.');
        for (const [index, draft] of documents.entries())
          await writeDocument(connection, id, draft, version + index + 1);
        const newest = version + documents.length;
        await connection.run('UPDATE environments SET version = $1 WHERE id = $2', newest, id);
        // These documents are always sent together, so only the last of their versions can be somebody's cursor.
        if (documents.length > 0) await versions.remember(connection, id, newest);
        created(environment, newest);
        return true;
      }),
    describe: (environmentId, { name, isProtected }) =>
      write(
        async (connection) => {
          const sql = 'UPDATE environments SET name = $1, is_protected = $2 WHERE id = $3';
          await connection.run(sql, name, isProtected, environmentId);
        },
        { kind: 'environment', environmentId },
      ),
  };
}

/** The one environment that is found by a column. */
export async function environmentRow(
  connection: PostgresConnection,
  column: 'id' | 'key',
  value: string,
): Promise<Environment | undefined> {
  const row = await connection.row<EnvironmentRow>(`${ENVIRONMENT} WHERE ${column} = $1`, value);
  return row && environmentOf(row);
}

async function isTaken(connection: PostgresConnection, environment: Environment): Promise<boolean> {
  const { id, key, serverSecret, clientSecret } = environment;
  if (serverSecret === clientSecret) return true;
  const taken = await connection.row(
    `SELECT 1 AS found FROM environments WHERE id = $1 OR key = $2
     UNION ALL SELECT 1 FROM secrets WHERE secret IN ($3, $4)`,
    id,
    key,
    serverSecret,
    clientSecret,
  );
  return taken !== undefined;
}

const newest = (kind: string) => `
    (SELECT secret FROM secrets WHERE environment_id = environments.id AND kind = '${kind}' ORDER BY place DESC LIMIT 1)`;

export const ENVIRONMENT = `
  SELECT id, key, name, is_protected, ${newest('server')} AS server_secret, ${newest('client')} AS client_secret FROM environments`;

export interface EnvironmentRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly is_protected: boolean;
  readonly server_secret: string;
  readonly client_secret: string;
}

export function environmentOf({
  id,
  key,
  name,
  is_protected,
  server_secret,
  client_secret,
}: EnvironmentRow): Environment {
  return { id, key, name, isProtected: is_protected, serverSecret: server_secret, clientSecret: client_secret };
}
