import type { Environment, SecretKind } from '../../model/environment.js';
import type { Environments } from '../environments.js';
import type { SqliteConnection } from './connection.js';
import { writeDocument } from './documents.js';
import type { Session } from './session.js';
import type { Versions } from './versions.js';

export function sqliteEnvironments(session: Session, versions: Versions): Environments {
  const { connection, read, write } = session;
  const first = (condition: string, parameter: string) => {
    const row = connection.row<EnvironmentRow>(`${SELECT} WHERE ${condition}`, parameter);
    return row && fromRow(row);
  };
  return {
    list: () => read(() => connection.rows<EnvironmentRow>(`${SELECT} ORDER BY key`).map(fromRow)),
    byKey: (key) => read(() => first('key = ?', key)),
    bySecret: (secret) =>
      read(() => {
        const owner = connection.row<{ readonly environment_id: string; readonly kind: SecretKind }>(
          'SELECT environment_id, kind FROM secrets WHERE secret = ?',
          secret,
        );
        const environment = owner && first('id = ?', owner.environment_id);
        return environment && { environment, kind: owner.kind };
      }),
    create: (environment, documents) =>
      write(() => {
        if (isTaken(connection, environment)) return false;
        const { id, key, name, serverSecret, clientSecret } = environment;
        const version = versions.first(documents.length);
        connection.run('INSERT INTO environments VALUES (?, ?, ?, ?)', id, key, name, version);
        connection.run("INSERT INTO secrets VALUES (?, ?, 'server')", serverSecret, id);
        connection.run("INSERT INTO secrets VALUES (?, ?, 'client')", clientSecret, id);
        for (const [index, draft] of documents.entries()) writeDocument(connection, id, draft, version + index + 1);
        // These documents are always sent together, so only the last of their versions can be somebody's cursor.
        if (documents.length > 0) versions.remember(id, version + documents.length);
        return true;
      }),
    replaceSecret: (environmentId, kind, secret) =>
      write(
        () =>
          connection.run(
            `UPDATE secrets SET secret = ?1 WHERE environment_id = ?2 AND kind = ?3
             AND NOT EXISTS (SELECT 1 FROM secrets WHERE secret = ?1 AND (environment_id <> ?2 OR kind <> ?3))`,
            secret,
            environmentId,
            kind,
          ) > 0,
      ),
  };
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

const SELECT = `
  SELECT id, key, name,
    (SELECT secret FROM secrets WHERE environment_id = id AND kind = 'server') AS server_secret,
    (SELECT secret FROM secrets WHERE environment_id = id AND kind = 'client') AS client_secret
  FROM environments`;

interface EnvironmentRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly server_secret: string;
  readonly client_secret: string;
}

function fromRow({ id, key, name, server_secret, client_secret }: EnvironmentRow): Environment {
  return { id, key, name, serverSecret: server_secret, clientSecret: client_secret };
}
