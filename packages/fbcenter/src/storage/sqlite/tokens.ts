import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { TOKEN_COLUMNS, type TokenRow, tokenOf } from '../token-rows.js';
import type { Tokens } from '../tokens.js';
import type { Session } from './session.js';

/** @param writeSealed how everything but the times of uses is written. */
export function sqliteTokens(
  { connection, read, write }: Session,
  writeSealed: Session['write'],
  clock: Clock,
): Tokens {
  return {
    byDigest: (digest) =>
      read(() => {
        const row = connection.row<TokenRow>(`${SELECT} WHERE digest = ?`, digest);
        return row && tokenOf(row);
      }),
    list: () => read(() => connection.rows<TokenRow>(`${SELECT} ORDER BY rowid`).map(tokenOf)),
    add: (token, digest) =>
      writeSealed(() => {
        const { name, start, grants, createdBy, expiresAt } = token;
        const id = newId();
        const createdAt = clock.now();
        connection.run(
          'INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)',
          digest,
          id,
          name,
          start,
          JSON.stringify(grants),
          createdBy,
          createdAt,
          expiresAt ?? null,
        );
        return { ...token, id, createdAt, lastUsedAt: undefined };
      }),
    remove: (id) => writeSealed(() => connection.run('DELETE FROM access_tokens WHERE id = ?', id) > 0),
    used: (times) =>
      write(() => {
        const sql = 'UPDATE access_tokens SET last_used_at = ? WHERE id = ?';
        for (const [id, time] of times) connection.run(sql, time, id);
      }, 'process'),
  };
}

const SELECT = `SELECT ${TOKEN_COLUMNS} FROM access_tokens`;
