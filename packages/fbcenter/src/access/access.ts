import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import { AccessTokens } from './access-tokens.js';
import { Accounts } from './accounts.js';
import { type CallerParts, Callers } from './callers.js';
import { IdentityProvider } from './identity-provider.js';
import { LastUses } from './last-uses.js';
import type { ResolvedOidc } from './oidc-options.js';
import { type PasswordCost, Passwords } from './passwords.js';
import { SignInLimit } from './sign-in-limit.js';
import { SignIns } from './sign-ins.js';

export interface AccessOptions {
  readonly storage: Storage;
  readonly settingsToken: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** @default PASSWORD_COST */
  readonly passwordCost?: PasswordCost | undefined;
  /** @default nobody may ask for metrics */
  readonly metricsToken?: string | undefined;
}

/** Everything about who may do what, wired. */
export interface Access {
  readonly callers: Callers;
  readonly signIns: SignIns;
  readonly accounts: Accounts;
  readonly tokens: AccessTokens;
  /** @throws Error when the library for it is not installed. */
  identityProvider(options: ResolvedOidc): Promise<IdentityProvider>;
}

export function createAccess(options: AccessOptions): Access {
  const { storage, clock, log } = options;
  const { secrets, sessions, tokens } = storage;
  const uses = {
    secret: new LastUses(secrets, clock),
    session: new LastUses(sessions, clock),
    token: new LastUses(tokens, clock),
  };
  const used: CallerParts['used'] = (kind, id) => uses[kind].note(id);
  const passwords = new Passwords(options.passwordCost);
  const signIns = new SignIns({ storage, passwords, limit: new SignInLimit(), clock, log });
  return {
    callers: new Callers(options.settingsToken, {
      secrets,
      sessions,
      tokens,
      clock,
      used,
      metricsToken: options.metricsToken,
    }),
    signIns,
    accounts: new Accounts({ storage, signIns, clock }),
    tokens: new AccessTokens(storage),
    identityProvider: async (oidc) => {
      await IdentityProvider.ensureInstalled();
      const failed = (problem: string) => log.warn('signing in with the identity provider failed', { problem });
      return new IdentityProvider({ options: oidc, storage, failed });
    },
  };
}
