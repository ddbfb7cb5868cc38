import type { Environment, Secret, SecretKind } from '../../model/environment.js';
import type { Clock } from '../../runtime/clock.js';
import type { Environments } from '../environments.js';
import type { SqliteConnection } from './connection.js';
import { writeDocument } from './documents.js';
import type { Session } from './session.js';
import type { Versions } from './versions.js';

/** What the secrets are called that an environment begins with. */
const FIRST_SECRET = 'first';

export function sqliteEnvironments(session: Session, versions: Versions, clock: Clock): Environments {
  const { connection, read, write } = session;
  return {
    list: () => read(() => connection.rows<EnvironmentRow>(`${SELECT} ORDER BY key`).map(fromRow)),
    versions: () =>
      read(() => {
        const rows = connection.rows<{ readonly key: string; readonly version: number }>(
          'SELECT key, version FROM environments',
        );
        return new Map(rows.map(({ key, version }) => [key, version]));
      }),
    byKey: (key) => read(() => environmentRow(connection, 'key = ?', key)),
    create: (environment, documents) =>
      write(() => {
        if (isTaken(connection, environment)) return false;
        const { id, key, name, isProtected, serverSecret, clientSecret } = environment;
        const version = versions.first(documents.length);
        connection.run(
          'INSERT INTO environments (id, key, name, version, is_protected) VALUES (?, ?, ?, ?, ?)',
          id,
          key,
          name,
          version,
          isProtected ? 1 : 0,
        );
        const first = { name: FIRST_SECRET, createdAt: clock.now() };
        addSecret(connection, id, { ...first, kind: 'server', value: serverSecret });
        addSecret(connection, id, { ...first, kind: 'client', value: clientSecret });
        for (const [index, draft] of documents.entries()) writeDocument(connection, id, draft, version + index + 1);
        // These documents are always sent together, so only the last of their versions can be somebody's cursor.
        if (documents.length > 0) versions.remember(id, version + documents.length);
        return true;
      }),
    describe: (id, { name, isProtected }) =>
      write(() => {
        connection.run(
          'UPDATE environments SET name = ?, is_protected = ? WHERE id = ?',
          name,
          isProtected ? 1 : 0,
          id,
        );
      }),
  };
}

/** Call it inside a transaction. */
export function addSecret(
  connection: SqliteConnection,
  environmentId: string,
  { kind, name, value, createdAt }: Pick<Secret, 'kind' | 'name' | 'value' | 'createdAt'>,
): void {
  connection.run(
    'INSERT INTO secrets (environment_id, kind, name, secret, created_at) VALUES (?, ?, ?, ?, ?)',
    environmentId,
    kind,
    name,
    value,
    createdAt ?? null,
  );
}

/** The one environment for which a condition holds. */
export function environmentRow(
  connection: SqliteConnection,
  condition: 'id = ?' | 'key = ?',
  parameter: string,
): Environment | undefined {
  const row = connection.row<EnvironmentRow>(`${SELECT} WHERE ${condition}`, parameter);
  return row && fromRow(row);
}

function isTaken(connection: SqliteConnection, environment: Environment): boolean {
  const { id, key, serverSecret, clientSecret } = environment;
  if (serverSecret === clientSecret) return true;
  const taken = connection.row(
    `SELECT 1 FROM environments WHERE id = ? OR key = ?
     UNION ALL SELECT 1 FROM secrets WHERE secret IN (?, ?)`,
    id,
    key,
    serverSecret,
    clientSecret,
  );
  return taken !== undefined;
}

const newest = (kind: SecretKind) => `
    (SELECT secret FROM secrets WHERE environment_id = environments.id AND kind = '${kind}' ORDER BY rowid DESC LIMIT 1)`;

const SELECT = `
  SELECT id, key, name, is_protected, ${newest('server')} AS server_secret, ${newest('client')} AS client_secret FROM environments`;

interface EnvironmentRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly is_protected: number;
  readonly server_secret: string;
  readonly client_secret: string;
}

function fromRow({ id, key, name, is_protected, server_secret, client_secret }: EnvironmentRow): Environment {
  return { id, key, name, isProtected: is_protected === 1, serverSecret: server_secret, clientSecret: client_secret };
}
