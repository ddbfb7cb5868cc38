import type { Secret, SecretKind } from '../../model/environment.js';
import type { Clock } from '../../runtime/clock.js';
import type { Secrets } from '../secrets.js';
import { addSecret, environmentRow } from './environments.js';
import type { Session } from './session.js';

/** @param writeSealed how everything but the times of uses is written. */
export function sqliteSecrets(
  { connection, read, write }: Session,
  writeSealed: Session['write'],
  clock: Clock,
): Secrets {
  return {
    byValue: (value) =>
      read(() => {
        const sql = 'SELECT id, environment_id, kind FROM secrets WHERE secret = ?';
        const owner = connection.row<Pick<SecretRow, 'id' | 'kind'> & { readonly environment_id: string }>(sql, value);
        const environment = owner && environmentRow(connection, 'id = ?', owner.environment_id);
        return environment && { environment, kind: owner.kind, id: owner.id };
      }),
    list: (environmentId) =>
      read(() => {
        const sql = `${SELECT} WHERE environment_id = ? ORDER BY rowid`;
        return connection.rows<SecretRow>(sql, environmentId).map(fromRow);
      }),
    add: (environmentId, { kind, name, value }) =>
      writeSealed(() => {
        if (connection.row('SELECT 1 FROM secrets WHERE secret = ?', value) !== undefined) return undefined;
        addSecret(connection, environmentId, { kind, name, value, createdAt: clock.now() });
        const row = connection.row<SecretRow>(`${SELECT} WHERE secret = ?`, value);
        return row && fromRow(row);
      }),
    remove: (environmentId, id) =>
      writeSealed(() => {
        const removed = connection.run(
          `DELETE FROM secrets WHERE environment_id = ?1 AND id = ?2 AND EXISTS
             (SELECT 1 FROM secrets AS other WHERE environment_id = ?1 AND other.kind = secrets.kind AND other.id <> ?2)`,
          environmentId,
          id,
        );
        if (removed > 0) return 'removed';
        const sql = 'SELECT 1 FROM secrets WHERE environment_id = ? AND id = ?';
        return connection.row(sql, environmentId, id) === undefined ? 'missing' : 'only-one';
      }),
    used: (times) =>
      write(() => {
        for (const [id, time] of times) connection.run('UPDATE secrets SET last_used_at = ? WHERE id = ?', time, id);
      }, 'process'),
  };
}

const SELECT = 'SELECT id, kind, name, secret, created_at, last_used_at FROM secrets';

interface SecretRow {
  readonly id: string;
  readonly kind: SecretKind;
  readonly name: string;
  readonly secret: string;
  readonly created_at: number | null;
  readonly last_used_at: number | null;
}

function fromRow({ id, kind, name, secret, created_at, last_used_at }: SecretRow): Secret {
  return { id, kind, name, value: secret, createdAt: created_at ?? undefined, lastUsedAt: last_used_at ?? undefined };
}
