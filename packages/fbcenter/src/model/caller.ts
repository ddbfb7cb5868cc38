import type { Actor } from './actor.js';
import type { Environment, SecretKind } from './environment.js';
import type { Grants } from './role.js';

/** An SDK that bears a secret of an environment. */
export interface SdkCaller {
  readonly kind: 'sdk';
  /** The kind of secret that it bears. */
  readonly secret: SecretKind;
  /** Which of the environment's secrets that is. */
  readonly secretId: string;
  readonly environment: Environment;
}

/** Whoever manages the center, as far as its grants go: a user who signed in, or the bearer of an access token. */
export interface Manager {
  readonly kind: 'manager';
  readonly actor: Actor;
  readonly grants: Grants;
  /** The session that it came with; absent for an access token. */
  readonly sessionId?: string;
}

/** Who asks for something, once the credentials are checked; an `agent` bears the key of a relay, a `monitor` the token of metrics. */
export type Caller = { readonly kind: 'anybody' | 'agent' | 'monitor' } | SdkCaller | Manager;
