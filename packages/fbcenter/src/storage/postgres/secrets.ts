import type { SecretKind } from '../../model/environment.js';
import type { Clock } from '../../runtime/clock.js';
import type { Secrets } from '../secrets.js';
import { ENVIRONMENT, type EnvironmentRow, environmentOf } from './environments.js';
import { addSecret, SECRET_COLUMNS, type SecretRow, secretOf } from './secret-rows.js';
import type { Scope, Session } from './session.js';
import { noteUses } from './uses.js';

export function postgresSecrets({ read, write }: Session, clock: Clock): Secrets {
  const of = (environmentId: string): Scope => ({ kind: 'environment', environmentId });
  return {
    byValue: (value) =>
      read(async (connection) => {
        // In one statement: every request of an SDK asks for it.
        const sql = `SELECT owner.id AS secret_id, owner.kind, environment.* FROM secrets AS owner
          JOIN (${ENVIRONMENT}) AS environment ON environment.id = owner.environment_id WHERE owner.secret = $1`;
        const row = await connection.row<OwnerRow>(sql, value);
        return row && { environment: environmentOf(row), kind: row.kind, id: row.secret_id };
      }),
    list: (environmentId) =>
      read(async (connection) => {
        const sql = `SELECT ${SECRET_COLUMNS} FROM secrets WHERE environment_id = $1 ORDER BY place`;
        return (await connection.rows<SecretRow>(sql, environmentId)).map(secretOf);
      }, of(environmentId)),
    add: (environmentId, { kind, name, value }) =>
      write(async (connection) => {
        const row = await addSecret(connection, environmentId, { kind, name, value, createdAt: clock.now() });
        return row && secretOf(row);
      }, of(environmentId)),
    remove: (environmentId, id) =>
      write(async (connection, { touched }) => {
        const removed = await connection.run(
          `DELETE FROM secrets WHERE environment_id = $1 AND id = $2 AND EXISTS
             (SELECT 1 FROM secrets AS other WHERE environment_id = $1 AND other.kind = secrets.kind AND other.id <> $2)`,
          environmentId,
          id,
        );
        if (removed > 0) {
          touched({ kind: 'secret-removed', id });
          return 'removed';
        }
        const sql = 'SELECT 1 AS found FROM secrets WHERE environment_id = $1 AND id = $2';
        return (await connection.row(sql, environmentId, id)) === undefined ? 'missing' : 'only-one';
      }, of(environmentId)),
    used: (times) => write((connection) => noteUses(connection, 'secrets', times)),
  };
}

interface OwnerRow extends EnvironmentRow {
  readonly secret_id: string;
  readonly kind: SecretKind;
}
