import type { Link } from '../../model/user.js';
import type { Links } from '../links.js';
import type { Session } from './session.js';

export function sqliteLinks({ connection, read, write }: Session): Links {
  const find = (digest: string): Link | undefined => {
    const row = connection.row<LinkRow>('SELECT user_id, expires_at FROM links WHERE digest = ?', digest);
    return row && { userId: row.user_id ?? undefined, expiresAt: row.expires_at };
  };
  return {
    byDigest: (digest) => read(() => find(digest)),
    put: ({ userId, expiresAt }, digest) =>
      write(() => {
        // The library takes a null that stands alone for no parameter at all.
        connection.run("DELETE FROM links WHERE coalesce(user_id, '') = ?", userId ?? '');
        connection.run('INSERT INTO links VALUES (?, ?, ?)', digest, userId ?? null, expiresAt);
      }),
    take: (digest) =>
      write(() => {
        const link = find(digest);
        connection.run('DELETE FROM links WHERE digest = ?', digest);
        return link;
      }),
  };
}

interface LinkRow {
  readonly user_id: string | null;
  readonly expires_at: number;
}
