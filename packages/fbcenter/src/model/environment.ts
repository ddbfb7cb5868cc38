/** An environment: a set of flags and segments with the secrets that open it. */
export interface Environment {
  /** A GUID. */
  readonly id: string;
  /** What the management API calls it by. */
  readonly key: string;
  readonly name: string;
  readonly serverSecret: string;
  readonly clientSecret: string;
}

/** The two kinds of secrets an environment has: one for server SDKs, one for browser and mobile SDKs. */
export type SecretKind = 'server' | 'client';
