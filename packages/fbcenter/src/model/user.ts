import type { Grants } from './role.js';

/** Somebody who signs in. Times in Unix milliseconds. */
export interface User {
  readonly id: string;
  /** What the user signs in with and is called by. No two users have names that are the same to {@link foldedName}. */
  readonly name: string;
  readonly grants: Grants;
  /** Whether signing in is refused. */
  readonly isDisabled: boolean;
  /** Whether there is a password; without one a link, or the identity provider, is the only way in. */
  readonly hasPassword: boolean;
  /** Who the user is to the identity provider; its groups decide what such a user may do. */
  readonly subject: string | undefined;
  readonly createdAt: number;
  /** Absent = never. */
  readonly lastSignInAt: number | undefined;
}

/** A stay of a user, from signing in to signing out. */
export interface Session {
  /** Names it without giving it away. */
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  /** To the minute. */
  readonly lastUsedAt: number;
  /** What the browser calls itself. */
  readonly agent: string;
}

/** An access token of the management API, without the token itself. */
export interface AccessToken {
  readonly id: string;
  readonly name: string;
  /** How it begins, by which people tell it from others. */
  readonly start: string;
  readonly grants: Grants;
  /** The name of whoever made it. */
  readonly createdBy: string;
  readonly createdAt: number;
  /** From when on it is refused; absent = never. */
  readonly expiresAt: number | undefined;
  /** To the minute; absent = not yet. */
  readonly lastUsedAt: number | undefined;
}

/** A link that lets somebody set a password, once. */
export interface Link {
  /** Whose password; absent = whoever follows it becomes the first admin. */
  readonly userId: string | undefined;
  readonly expiresAt: number;
}

/** What two names have in common that are one to people. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
