import { foldedName } from '../../model/user.js';
import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { USER_COLUMNS, type UserRow, userOf } from '../user-rows.js';
import type { UserChange, Users } from '../users.js';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';

/** @param writeSealed how everything but the time of the last sign-in is written. */
export function sqliteUsers({ connection, read, write }: Session, writeSealed: Session['write'], clock: Clock): Users {
  const find = (column: 'id' | 'folded_name' | 'subject', value: string) => {
    const row = connection.row<UserRow>(`${SELECT} WHERE ${column} = ?`, value);
    return row && userOf(row);
  };
  return {
    list: () => read(() => connection.rows<UserRow>(`${SELECT} ORDER BY folded_name`).map(userOf)),
    byId: (id) => read(() => find('id', id)),
    byName: (name) => read(() => find('folded_name', foldedName(name))),
    bySubject: (subject) => read(() => find('subject', subject)),
    passwordOf: (id) =>
      read(() => {
        const sql = 'SELECT password FROM users WHERE id = ?';
        return connection.row<{ readonly password: string | null }>(sql, id)?.password ?? undefined;
      }),
    add: ({ name, grants, subject }) =>
      writeSealed(() => {
        const taken = 'SELECT 1 FROM users WHERE folded_name = ? OR subject = ?';
        if (connection.row(taken, foldedName(name), subject ?? null) !== undefined) return undefined;
        connection.run(
          'INSERT INTO users (id, name, folded_name, grants, subject, created_at) VALUES (?, ?, ?, ?, ?, ?)',
          newId(),
          name,
          foldedName(name),
          JSON.stringify(grants),
          subject ?? null,
          clock.now(),
        );
        return find('folded_name', foldedName(name));
      }),
    change: (id, change) =>
      (isSealed(change) ? writeSealed : write)(() => {
        setColumns(connection, id, change);
        return find('id', id);
      }),
    remove: (id) => writeSealed(() => connection.run('DELETE FROM users WHERE id = ?', id) > 0),
  };
}

function isSealed({ grants, isDisabled, password }: UserChange): boolean {
  return grants !== undefined || isDisabled !== undefined || password !== undefined;
}

function setColumns(connection: SqliteConnection, id: string, change: UserChange): void {
  const { grants, isDisabled, password, lastSignInAt } = change;
  connection.run(
    `UPDATE users SET grants = coalesce(?, grants), is_disabled = coalesce(?, is_disabled),
       password = coalesce(?, password), last_sign_in_at = coalesce(?, last_sign_in_at) WHERE id = ?`,
    grants === undefined ? null : JSON.stringify(grants),
    isDisabled === undefined ? null : Number(isDisabled),
    password ?? null,
    lastSignInAt ?? null,
    id,
  );
}

const SELECT = `SELECT ${USER_COLUMNS} FROM users`;
