import type { AccessToken } from '../model/user.js';
import { grantsOf } from './user-rows.js';

/** What is read of a token: never its digest. */
export const TOKEN_COLUMNS = 'id, name, start, grants, created_by, created_at, expires_at, last_used_at';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  readonly grants: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

export function tokenOf(row: TokenRow): AccessToken {
  return {
    id: row.id,
    name: row.name,
    start: row.start,
    grants: grantsOf(row.grants),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
