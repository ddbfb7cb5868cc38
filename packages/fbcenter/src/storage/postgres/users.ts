import { foldedName } from '../../model/user.js';
import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { USER_COLUMNS, type UserRow, userOf } from '../user-rows.js';
import type { UserChange, Users } from '../users.js';
import type { PostgresConnection } from './connection.js';
import type { Scope, Session } from './session.js';

const ACCESS: Scope = { kind: 'access' };

export function postgresUsers({ read, write }: Session, clock: Clock): Users {
  const find = async (connection: PostgresConnection, column: 'id' | 'folded_name' | 'subject', value: string) => {
    const row = await connection.row<UserRow>(`${SELECT} WHERE ${column} = $1`, value);
    return row && userOf(row);
  };
  return {
    list: () =>
      read(
        async (connection) => (await connection.rows<UserRow>(`${SELECT} ORDER BY folded_name`)).map(userOf),
        ACCESS,
      ),
    byId: (id) => read((connection) => find(connection, 'id', id), ACCESS),
    byName: (name) => read((connection) => find(connection, 'folded_name', foldedName(name)), ACCESS),
    bySubject: (subject) => read((connection) => find(connection, 'subject', subject), ACCESS),
    passwordOf: (id) =>
      read(async (connection) => {
        const sql = 'SELECT password FROM users WHERE id = $1';
        return (await connection.row<{ readonly password: string | null }>(sql, id))?.password ?? undefined;
      }, ACCESS),
    add: ({ name, grants, subject }) =>
      write(async (connection) => {
        const row = await connection.row<UserRow>(
          `INSERT INTO users (id, name, folded_name, grants, subject, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT DO NOTHING RETURNING ${USER_COLUMNS}`,
          newId(),
          name,
          foldedName(name),
          JSON.stringify(grants),
          subject ?? null,
          clock.now(),
        );
        return row && userOf(row);
      }, ACCESS),
    change: (id, change) =>
      write(async (connection, { touched }) => {
        if (change.grants !== undefined || change.isDisabled !== undefined) touched({ kind: 'access' });
        await setColumns(connection, id, change);
        return find(connection, 'id', id);
      }, ACCESS),
    remove: (id) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'access' });
        return (await connection.run('DELETE FROM users WHERE id = $1', id)) > 0;
      }, ACCESS),
  };
}

function setColumns(connection: PostgresConnection, id: string, change: UserChange): Promise<number> {
  const { grants, isDisabled, password, lastSignInAt } = change;
  return connection.run(
    `UPDATE users SET grants = coalesce($1, grants), is_disabled = coalesce($2, is_disabled),
       password = coalesce($3, password), last_sign_in_at = coalesce($4, last_sign_in_at) WHERE id = $5`,
    grants === undefined ? null : JSON.stringify(grants),
    isDisabled ?? null,
    password ?? null,
    lastSignInAt ?? null,
    id,
  );
}

const SELECT = `SELECT ${USER_COLUMNS} FROM users`;
