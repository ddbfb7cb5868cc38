import type { Link } from '../../model/user.js';
import type { Links } from '../links.js';
import type { PostgresConnection } from './connection.js';
import type { Scope, Session } from './session.js';

const ACCESS: Scope = { kind: 'access' };

export function postgresLinks({ read, write }: Session): Links {
  const find = async (connection: PostgresConnection, digest: string): Promise<Link | undefined> => {
    const sql = 'SELECT user_id, expires_at FROM links WHERE digest = $1';
    const row = await connection.row<LinkRow>(sql, digest);
    return row && { userId: row.user_id ?? undefined, expiresAt: row.expires_at };
  };
  return {
    byDigest: (digest) => read((connection) => find(connection, digest), ACCESS),
    put: ({ userId, expiresAt }, digest) =>
      write(async (connection) => {
        await connection.run('DELETE FROM links WHERE user_id IS NOT DISTINCT FROM $1', userId ?? null);
        await connection.run('INSERT INTO links VALUES ($1, $2, $3)', digest, userId ?? null, expiresAt);
      }, ACCESS),
    take: (digest) =>
      write(async (connection) => {
        const link = await find(connection, digest);
        await connection.run('DELETE FROM links WHERE digest = $1', digest);
        return link;
      }, ACCESS),
  };
}

interface LinkRow {
  readonly user_id: string | null;
  readonly expires_at: number;
}
