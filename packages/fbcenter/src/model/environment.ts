/** An environment: a set of flags and segments with the secrets that open it. */
export interface Environment {
  /** A GUID. */
  readonly id: string;
  /** What the management API calls it by. */
  readonly key: string;
  readonly name: string;
  /** Whether people are asked twice before they change something in it; who may change it is a matter of roles. */
  readonly isProtected: boolean;
  /** Of several the one that was added last. */
  readonly serverSecret: string;
  /** Of several the one that was added last. */
  readonly clientSecret: string;
}

/** The two kinds of secrets an environment has: one for server SDKs, one for browser and mobile SDKs. */
export type SecretKind = 'server' | 'client';

/** One of the secrets of an environment. There are at least one and at most some of each kind at a time. */
export interface Secret {
  /** Names it without giving it away. */
  readonly id: string;
  readonly kind: SecretKind;
  /** What people call it by. */
  readonly name: string;
  /** The secret itself: a credential. */
  readonly value: string;
  /** Unix milliseconds; absent = before such times were kept. */
  readonly createdAt: number | undefined;
  /** When an SDK last came with it, in Unix milliseconds, to the minute; absent = not yet, or before such times were kept. */
  readonly lastUsedAt: number | undefined;
}
