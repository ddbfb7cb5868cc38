import type { Grants } from '../model/role.js';
import type { User } from '../model/user.js';

/** What is read of a user: never the password. */
export const USER_COLUMNS = `users.id, users.name, users.grants, users.is_disabled, users.password IS NOT NULL AS has_password,
  users.subject, users.created_at, users.last_sign_in_at`;

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly grants: string;
  /** A truth value, as the database has them. */
  readonly is_disabled: number | boolean;
  readonly has_password: number | boolean;
  readonly subject: string | null;
  readonly created_at: number;
  readonly last_sign_in_at: number | null;
}

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    grants: grantsOf(row.grants),
    isDisabled: Boolean(row.is_disabled),
    hasPassword: Boolean(row.has_password),
    subject: row.subject ?? undefined,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at ?? undefined,
  };
}

/** Grants as they are kept. */
export function grantsOf(text: string): Grants {
  const { everywhere, environments }: Grants = JSON.parse(text);
  return { everywhere, environments };
}
