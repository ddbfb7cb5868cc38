import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import { TOKEN_COLUMNS, type TokenRow, tokenOf } from '../token-rows.js';
import type { Tokens } from '../tokens.js';
import type { Scope, Session } from './session.js';
import { noteUses } from './uses.js';

const ACCESS: Scope = { kind: 'access' };

export function postgresTokens({ read, write }: Session, clock: Clock): Tokens {
  return {
    byDigest: (digest) =>
      read(async (connection) => {
        const row = await connection.row<TokenRow>(`${SELECT} WHERE digest = $1`, digest);
        return row && tokenOf(row);
      }),
    list: () =>
      read(async (connection) => (await connection.rows<TokenRow>(`${SELECT} ORDER BY place`)).map(tokenOf), ACCESS),
    add: (token, digest) =>
      write(async (connection) => {
        const { name, start, grants, createdBy, expiresAt } = token;
        const id = newId();
        const createdAt = clock.now();
        await connection.run(
          `INSERT INTO access_tokens (digest, id, name, start, grants, created_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
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
      }, ACCESS),
    remove: (id) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'access' });
        return (await connection.run('DELETE FROM access_tokens WHERE id = $1', id)) > 0;
      }, ACCESS),
    used: (times) => write((connection) => noteUses(connection, 'access_tokens', times)),
  };
}

const SELECT = `SELECT ${TOKEN_COLUMNS} FROM access_tokens`;
