import type { Actor } from './actor.js';
import type { Environment, SecretKind } from './environment.js';

/** An SDK that bears a secret of an environment. */
export interface SdkCaller {
  readonly kind: 'sdk';
  /** The kind of secret that it bears. */
  readonly secret: SecretKind;
  /** Which of the environment's secrets that is. */
  readonly secretId: string;
  readonly environment: Environment;
}

/** Who asks for something, once the credentials are checked. */
export type Caller =
  | { readonly kind: 'anybody' }
  | SdkCaller
  /** Whoever may manage the center. */
  | { readonly kind: 'admin'; readonly actor: Actor };
