import type { Session as UserSession } from '../../model/user.js';
import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import type { Sessions } from '../sessions.js';
import { USER_COLUMNS, type UserRow, userOf } from '../user-rows.js';
import type { Scope, Session } from './session.js';
import { noteUses } from './uses.js';

const ACCESS: Scope = { kind: 'access' };

export function postgresSessions({ read, write }: Session, clock: Clock): Sessions {
  return {
    byDigest: (digest) =>
      read(async (connection) => {
        const row = await connection.row<SessionRow & UserRow>(BY_DIGEST, digest);
        return row && { session: sessionOf(row), user: userOf(row) };
      }),
    ofUser: (userId) =>
      read(async (connection) => {
        const sql = `SELECT ${COLUMNS} FROM sessions WHERE user_id = $1 ORDER BY place DESC`;
        return (await connection.rows<SessionRow>(sql, userId)).map(sessionOf);
      }, ACCESS),
    add: ({ userId, agent }, digest, most) =>
      write(async (connection) => {
        const now = clock.now();
        const id = newId();
        await connection.run(
          'INSERT INTO sessions (digest, id, user_id, agent, created_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $5)',
          digest,
          id,
          userId,
          agent,
          now,
        );
        await connection.run(
          `DELETE FROM sessions WHERE user_id = $1 AND place NOT IN
             (SELECT place FROM sessions WHERE user_id = $1 ORDER BY place DESC LIMIT $2)`,
          userId,
          most,
        );
        return { id, userId, agent, createdAt: now, lastUsedAt: now };
      }, ACCESS),
    remove: (userId, id) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'access' });
        return (await connection.run('DELETE FROM sessions WHERE user_id = $1 AND id = $2', userId, id)) > 0;
      }, ACCESS),
    removeAll: (userId, except = '') =>
      write(async (connection, { touched }) => {
        touched({ kind: 'access' });
        await connection.run('DELETE FROM sessions WHERE user_id = $1 AND id <> $2', userId, except);
      }, ACCESS),
    removeOld: ({ createdBefore, usedBefore }) =>
      write(async (connection) => {
        const sql = 'DELETE FROM sessions WHERE created_at < $1 OR last_used_at < $2';
        await connection.run(sql, createdBefore, usedBefore);
      }, ACCESS),
    used: (times) => write((connection) => noteUses(connection, 'sessions', times)),
  };
}

const COLUMNS = `sessions.id AS session_id, sessions.user_id, sessions.agent, sessions.created_at AS began_at,
  sessions.last_used_at`;

const BY_DIGEST = `SELECT ${COLUMNS}, ${USER_COLUMNS} FROM sessions JOIN users ON users.id = sessions.user_id
  WHERE sessions.digest = $1`;

interface SessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly agent: string;
  readonly began_at: number;
  readonly last_used_at: number;
}

function sessionOf({ session_id, user_id, agent, began_at, last_used_at }: SessionRow): UserSession {
  return { id: session_id, userId: user_id, agent, createdAt: began_at, lastUsedAt: last_used_at };
}
