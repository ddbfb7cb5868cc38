import type { Clock } from '../runtime/clock.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import type { AccessEvent, RecordAccess } from './access-event.js';
import { AccessTokens } from './access-tokens.js';
import { Accounts } from './accounts.js';
import { type CallerParts, Callers } from './callers.js';
import { LastUses } from './last-uses.js';
import { type PasswordCost, Passwords } from './passwords.js';
import { SignInLimit } from './sign-in-limit.js';
import { SignIns } from './sign-ins.js';

export interface AccessOptions {
  readonly storage: Storage;
  readonly settingsToken: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly record?: RecordAccess | undefined;
  /** @default PASSWORD_COST */
  readonly passwordCost?: PasswordCost | undefined;
}

/** Everything about who may do what, wired. */
export interface Access {
  readonly callers: Callers;
  readonly signIns: SignIns;
  readonly accounts: Accounts;
  readonly tokens: AccessTokens;
}

export function createAccess(options: AccessOptions): Access {
  const { storage, clock } = options;
  const record = contained(options);
  const { secrets, sessions, tokens } = storage;
  const uses = {
    secret: new LastUses(secrets, clock),
    session: new LastUses(sessions, clock),
    token: new LastUses(tokens, clock),
  };
  const used: CallerParts['used'] = (kind, id) => uses[kind].note(id);
  const passwords = new Passwords(options.passwordCost);
  const signIns = new SignIns({ storage, passwords, limit: new SignInLimit(), clock, record });
  return {
    callers: new Callers(options.settingsToken, { secrets, sessions, tokens, clock, used }),
    signIns,
    accounts: new Accounts({ storage, signIns, clock, record }),
    tokens: new AccessTokens({ tokens, clock, record }),
  };
}

/** What was done is done: that it could not be written down is for the log. */
function contained({ record = () => {}, log }: AccessOptions): RecordAccess {
  return async (event: AccessEvent) => {
    try {
      await record(event);
    } catch (error) {
      log.error('what was done about access could not be recorded', { action: event.action, error: errorText(error) });
    }
  };
}
