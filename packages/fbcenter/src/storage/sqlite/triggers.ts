import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { TRIGGER_COLUMNS, type TriggerRow, triggerOf } from '../trigger-rows.js';
import type { Triggers } from '../triggers.js';
import { environmentRow } from './environments.js';
import type { Session } from './session.js';

/** @param writeSealed how everything but uses is written. */
export function sqliteTriggers(
  { connection, read, write }: Session,
  writeSealed: Session['write'],
  clock: Clock,
): Triggers {
  const find = (condition: 'id = ?' | 'digest = ?', value: string) => {
    const row = connection.row<TriggerRow>(`${SELECT} WHERE ${condition}`, value);
    return row && triggerOf(row);
  };
  return {
    byDigest: (digest) =>
      read(() => {
        const trigger = find('digest = ?', digest);
        const environment = trigger && environmentRow(connection, 'id = ?', trigger.environmentId);
        return environment && { trigger, environment };
      }),
    list: (environmentId, flagKey) =>
      read(() => {
        const of = flagKey === undefined ? [] : [flagKey];
        const sql = `${SELECT} WHERE environment_id = ?${of.length === 0 ? '' : ' AND flag_key = ?'} ORDER BY rowid`;
        return connection.rows<TriggerRow>(sql, environmentId, ...of).map(triggerOf);
      }),
    add: (trigger, digest) =>
      writeSealed(() => {
        const { environmentId, flagKey, name, action, start, createdBy } = trigger;
        const id = newId();
        const createdAt = clock.now();
        connection.run(
          `INSERT INTO flag_triggers (id, environment_id, flag_key, name, action, digest, start, created_by, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[id, environmentId, flagKey, name, action, digest, start, createdBy, createdAt],
        );
        return { ...trigger, id, isEnabled: true, createdAt, uses: 0, lastUsedAt: undefined };
      }),
    change: (id, { name, isEnabled, token }) =>
      writeSealed(() => {
        const before = find('id = ?', id);
        if (before === undefined) return undefined;
        const after = {
          ...before,
          name: name ?? before.name,
          isEnabled: isEnabled ?? before.isEnabled,
          start: token?.start ?? before.start,
        };
        connection.run(
          'UPDATE flag_triggers SET name = ?, is_enabled = ?, start = ?, digest = coalesce(?, digest) WHERE id = ?',
          ...[after.name, after.isEnabled ? 1 : 0, after.start, token?.digest ?? null, id],
        );
        return after;
      }),
    remove: (id) => writeSealed(() => connection.run('DELETE FROM flag_triggers WHERE id = ?', id) > 0),
    removeOf: (environmentId, flagKey) =>
      writeSealed(() => {
        connection.run('DELETE FROM flag_triggers WHERE environment_id = ? AND flag_key = ?', environmentId, flagKey);
      }),
    used: (id, at) =>
      write(() => {
        const sql =
          'UPDATE flag_triggers SET uses = uses + 1, last_used_at = max(?, coalesce(last_used_at, 0)) WHERE id = ?';
        connection.run(sql, at, id);
      }, 'process'),
  };
}

const SELECT = `SELECT ${TRIGGER_COLUMNS} FROM flag_triggers`;
