import type { Role } from '../model/role.js';

/** The bodies of what is about users, sessions and tokens; docs/fbcenter.md describes the same. Times as ISO 8601. */

/** What somebody may do where. */
export interface GrantsBody {
  /** Everywhere; null = only what `environments` gives. */
  readonly role: Role | null;
  /** In single environments, by their keys: the greater one of the two roles counts. */
  readonly environments: Readonly<Record<string, Role>>;
}

/** Who asks, and what it may do. */
export interface MeBody extends GrantsBody {
  readonly kind: 'user' | 'token' | 'settings-token' | 'center';
  readonly id: string;
  readonly name: string;
  /** The session that it came with; null for an access token. */
  readonly session: string | null;
  /** Whether it has a password here that it can change. */
  readonly hasPassword: boolean;
}

/** What the page has to know before anything else. */
export interface SessionStateBody {
  /** Null = nobody is signed in. */
  readonly me: MeBody | null;
  /** What the identity provider is called, when one can sign in with it. */
  readonly identityProvider: string | null;
}

/** A session that has begun, or goes on after a new password. */
export interface SignedInBody {
  readonly me: MeBody;
}

export interface SignedOutBody {
  /** Where the identity provider ends its own session; null when there is none. */
  readonly continueAt: string | null;
}

export interface SessionBody {
  readonly id: string;
  readonly createdAt: string;
  /** To the minute. */
  readonly lastUsedAt: string;
  /** When it ends at the latest. */
  readonly endsAt: string;
  /** What the browser calls itself. */
  readonly agent: string;
  /** Whether it is the one that asks. */
  readonly isThis: boolean;
}

export interface SessionListBody {
  readonly items: readonly SessionBody[];
}

export interface UserBody extends GrantsBody {
  readonly id: string;
  readonly name: string;
  /** `invited` has no password yet. */
  readonly state: 'active' | 'invited' | 'disabled';
  /** Where the user's password is checked. */
  readonly signsInWith: 'password' | 'identity-provider';
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
}

export interface UserListBody {
  readonly items: readonly UserBody[];
}

/** A link that can be followed once; it is not shown again. */
export interface LinkBody {
  /** The path after the center's address, with a credential in its fragment. */
  readonly link: string;
  readonly expiresAt: string;
}

export interface InvitedBody extends LinkBody {
  readonly user: UserBody;
}

/** What a link is for. */
export interface OpenLinkBody {
  /** Whose password it sets; null = that of the first admin, who chooses a name too. */
  readonly name: string | null;
  readonly expiresAt: string;
}

export interface TokenBody extends GrantsBody {
  readonly id: string;
  readonly name: string;
  /** How it begins; null for the token of the settings. */
  readonly start: string | null;
  /** Null for the token of the settings. */
  readonly createdBy: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly isExpired: boolean;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  /** The token of the settings is not. */
  readonly isRevocable: boolean;
}

export interface TokenListBody {
  readonly items: readonly TokenBody[];
}

/** The same with the token itself, which is not shown again. */
export interface NewTokenBody extends TokenBody {
  readonly token: string;
}
