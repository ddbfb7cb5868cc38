import type { Environment, SecretKind } from './environment.js';

/** An SDK that bears a secret of an environment. */
export interface SdkCaller {
  readonly kind: 'sdk';
  /** Which of the environment's secrets it bears. */
  readonly secret: SecretKind;
  readonly environment: Environment;
}

/** Who asks for something, once the credentials are checked. */
export type Caller =
  | { readonly kind: 'anybody' }
  | SdkCaller
  /** Whoever bears the access token of the management API. */
  | { readonly kind: 'admin' };
