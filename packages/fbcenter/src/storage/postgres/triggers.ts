import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { TRIGGER_COLUMNS, type TriggerRow, triggerOf } from '../trigger-rows.js';
import type { Triggers } from '../triggers.js';
import type { PostgresConnection } from './connection.js';
import { environmentRow } from './environments.js';
import type { Scope, Session } from './session.js';

export function postgresTriggers({ read, write }: Session, clock: Clock): Triggers {
  const of = (environmentId: string): Scope => ({ kind: 'environment', environmentId });
  return {
    byDigest: (digest) =>
      read(async (connection) => {
        const trigger = await find(connection, 'digest', digest);
        const environment = trigger && (await environmentRow(connection, 'id', trigger.environmentId));
        return environment && { trigger, environment };
      }),
    list: (environmentId, flagKey) =>
      read(async (connection) => {
        const one = flagKey === undefined ? [] : [flagKey];
        const sql = `${SELECT} WHERE environment_id = $1${one.length === 0 ? '' : ' AND flag_key = $2'} ORDER BY place`;
        return (await connection.rows<TriggerRow>(sql, environmentId, ...one)).map(triggerOf);
      }, of(environmentId)),
    add: (trigger, digest) =>
      write(async (connection) => {
        const { environmentId, flagKey, name, action, start, createdBy } = trigger;
        const id = newId();
        const createdAt = clock.now();
        await connection.run(
          `INSERT INTO flag_triggers (id, environment_id, flag_key, name, action, digest, start, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          ...[id, environmentId, flagKey, name, action, digest, start, createdBy, createdAt],
        );
        return { ...trigger, id, isEnabled: true, createdAt, uses: 0, lastUsedAt: undefined };
      }, of(trigger.environmentId)),
    change: (id, { name, isEnabled, token }) =>
      write(async (connection) => {
        const row = await connection.row<TriggerRow>(
          `UPDATE flag_triggers SET name = coalesce($1, name), is_enabled = coalesce($2, is_enabled), start = coalesce($3, start),
             digest = coalesce($4, digest) WHERE id = $5 RETURNING ${TRIGGER_COLUMNS}`,
          ...[name ?? null, isEnabled ?? null, token?.start ?? null, token?.digest ?? null, id],
        );
        return row && triggerOf(row);
      }),
    remove: (id) =>
      write(async (connection) => (await connection.run('DELETE FROM flag_triggers WHERE id = $1', id)) > 0),
    removeOf: (environmentId, flagKey) =>
      write(async (connection) => {
        const sql = 'DELETE FROM flag_triggers WHERE environment_id = $1 AND flag_key = $2';
        await connection.run(sql, environmentId, flagKey);
      }, of(environmentId)),
    used: (id, at) =>
      write(async (connection) => {
        const sql =
          'UPDATE flag_triggers SET uses = uses + 1, last_used_at = greatest($1, coalesce(last_used_at, 0)) WHERE id = $2';
        await connection.run(sql, at, id);
      }),
  };
}

const SELECT = `SELECT ${TRIGGER_COLUMNS} FROM flag_triggers`;

async function find(connection: PostgresConnection, column: 'digest', value: string) {
  const row = await connection.row<TriggerRow>(`${SELECT} WHERE ${column} = $1`, value);
  return row && triggerOf(row);
}
