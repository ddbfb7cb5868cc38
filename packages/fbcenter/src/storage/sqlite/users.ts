import type { Grants } from '../../model/role.js';
import { foldedName, type User } from '../../model/user.js';
import type { Clock } from '../../runtime/clock.js';
import type { UserChange, Users } from '../users.js';
import type { SqliteConnection } from './connection.js';
import { newId } from './ids.js';
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

/** What is read of a user: never the password. */
export const USER_COLUMNS = `users.id, users.name, users.grants, users.is_disabled, users.password IS NOT NULL AS has_password,
  users.subject, users.created_at, users.last_sign_in_at`;

const SELECT = `SELECT ${USER_COLUMNS} FROM users`;

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly grants: string;
  readonly is_disabled: number;
  readonly has_password: number;
  readonly subject: string | null;
  readonly created_at: number;
  readonly last_sign_in_at: number | null;
}

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    grants: grantsOf(row.grants),
    isDisabled: row.is_disabled !== 0,
    hasPassword: row.has_password !== 0,
    subject: row.subject ?? undefined,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at ?? undefined,
  };
}

/** Grants as they are kept; sealed, and therefore what was written. */
export function grantsOf(text: string): Grants {
  const { everywhere, environments }: Grants = JSON.parse(text);
  return { everywhere, environments };
}
