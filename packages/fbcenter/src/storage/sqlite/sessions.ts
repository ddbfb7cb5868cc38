import type { Session as UserSession } from '../../model/user.js';
import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import type { Sessions } from '../sessions.js';
import { USER_COLUMNS, type UserRow, userOf } from '../user-rows.js';
import type { Session } from './session.js';

export function sqliteSessions({ connection, read, write }: Session, clock: Clock): Sessions {
  return {
    byDigest: (digest) =>
      read(() => {
        const row = connection.row<SessionRow & UserRow>(BY_DIGEST, digest);
        return row && { session: sessionOf(row), user: userOf(row) };
      }),
    ofUser: (userId) =>
      read(() => {
        const sql = `SELECT ${COLUMNS} FROM sessions WHERE user_id = ? ORDER BY sessions.rowid DESC`;
        return connection.rows<SessionRow>(sql, userId).map(sessionOf);
      }),
    add: ({ userId, agent }, digest, most) =>
      write(() => {
        const now = clock.now();
        const id = newId();
        connection.run('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)', digest, id, userId, agent, now, now);
        connection.run(
          `DELETE FROM sessions WHERE user_id = ?1 AND rowid NOT IN
             (SELECT rowid FROM sessions WHERE user_id = ?1 ORDER BY rowid DESC LIMIT ?2)`,
          userId,
          most,
        );
        return { id, userId, agent, createdAt: now, lastUsedAt: now };
      }),
    remove: (userId, id) =>
      write(() => connection.run('DELETE FROM sessions WHERE user_id = ? AND id = ?', userId, id) > 0),
    removeAll: (userId, except = '') =>
      write(() => {
        connection.run('DELETE FROM sessions WHERE user_id = ? AND id <> ?', userId, except);
      }),
    removeOld: ({ createdBefore, usedBefore }) =>
      write(() => {
        const sql = 'DELETE FROM sessions WHERE created_at < ? OR last_used_at < ?';
        connection.run(sql, createdBefore, usedBefore);
      }, 'process'),
    used: (times) =>
      write(() => {
        for (const [id, time] of times) connection.run('UPDATE sessions SET last_used_at = ? WHERE id = ?', time, id);
      }, 'process'),
  };
}

const COLUMNS = `sessions.id AS session_id, sessions.user_id, sessions.agent, sessions.created_at AS began_at,
  sessions.last_used_at`;

const BY_DIGEST = `SELECT ${COLUMNS}, ${USER_COLUMNS} FROM sessions JOIN users ON users.id = sessions.user_id
  WHERE sessions.digest = ?`;

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
