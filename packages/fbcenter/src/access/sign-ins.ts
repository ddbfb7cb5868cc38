import type { Actor } from '../model/actor.js';
import { Refusal } from '../model/refusal.js';
import type { Session, User } from '../model/user.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import type { AccessEvent, RecordAccess } from './access-event.js';
import { digestOf, newCode } from './credentials.js';
import { type Passwords, passwordProblem } from './passwords.js';
import { SESSION_TIMES } from './session-times.js';
import type { SignInLimit } from './sign-in-limit.js';

/** More devices than anybody has. */
const MAX_SESSIONS = 20;
const MAX_AGENT_LENGTH = 200;

/** Where somebody signs in from. */
export interface Visitor {
  readonly address: string | undefined;
  /** What the browser calls itself. */
  readonly agent: string;
}

/** A session that has begun. */
export interface Begun {
  readonly user: User;
  readonly session: Session;
  /** What the browser shows from now on: a credential. */
  readonly code: string;
}

/** How an attempt to sign in went. */
export type SignInOutcome =
  | { readonly kind: 'begun'; readonly begun: Begun }
  /** No word about whether it is the name or the password. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many' /** In seconds. */; readonly retryAfter: number };

export interface SignInParts {
  readonly storage: Pick<Storage, 'users' | 'sessions' | 'transact'>;
  readonly passwords: Passwords;
  readonly limit: SignInLimit;
  readonly clock: Clock;
  readonly record: RecordAccess;
}

/** Begins and ends sessions. */
export class SignIns {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * Signs somebody in by name and password. It takes as long for a name that there is not.
   *
   * @throws Refusal `busy` when too many sign in at the same time.
   */
  async withPassword(name: string, password: string, visitor: Visitor): Promise<SignInOutcome> {
    const { storage, passwords, limit } = this.#parts;
    const attempt = limit.begin(name, visitor.address);
    if (attempt.kind === 'too-many') return attempt;
    const user = await storage.users.byName(name);
    const kept = user === undefined ? undefined : await storage.users.passwordOf(user.id);
    const isRight = await passwords.verify(password, kept);
    if (user === undefined || !isRight || user.isDisabled) {
      // Not awaited: a refusal takes as long for somebody who is there.
      if (user !== undefined) void this.#record('sign-in-refused', user);
      return { kind: 'wrong' };
    }
    attempt.succeeded();
    return { kind: 'begun', begun: await this.begin(user, visitor) };
  }

  /** Begins a session of somebody who has shown who it is. Its code is new, whatever the browser had before. */
  async begin(user: User, { agent }: Visitor): Promise<Begun> {
    const { storage, clock } = this.#parts;
    const now = clock.now();
    const { idle, absolute } = SESSION_TIMES;
    const code = newCode();
    const session = await storage.transact(async ({ users, sessions }) => {
      await sessions.removeOld({ createdBefore: now - absolute, usedBefore: now - idle });
      await users.change(user.id, { lastSignInAt: now });
      const wanted = { userId: user.id, agent: agent.slice(0, MAX_AGENT_LENGTH) };
      return sessions.add(wanted, digestOf(code), MAX_SESSIONS);
    });
    await this.#record('signed-in', user);
    return { user, session, code };
  }

  /** Ends a session. @returns `false` when the user has no such session. */
  async end(user: Pick<User, 'id' | 'name'>, sessionId: string, by: Actor): Promise<boolean> {
    const isEnded = await this.#parts.storage.sessions.remove(user.id, sessionId);
    if (isEnded) await this.#record(by.id === user.id ? 'signed-out' : 'session-ended', user, by);
    return isEnded;
  }

  /** Ends every session of a user. */
  async endAll(user: Pick<User, 'id' | 'name'>, by: Actor): Promise<void> {
    await this.#parts.storage.sessions.removeAll(user.id);
    await this.#record('session-ended', user, by);
  }

  /**
   * Changes the password of somebody who knows it; every session of the user ends, and a new one begins.
   *
   * @throws Refusal `invalid-request` when the new one cannot be taken, `busy`.
   */
  async changePassword(user: User, current: string, next: string, visitor: Visitor): Promise<SignInOutcome> {
    const { storage, passwords, limit } = this.#parts;
    const attempt = limit.begin(user.name, visitor.address);
    if (attempt.kind === 'too-many') return attempt;
    if (!(await passwords.verify(current, await storage.users.passwordOf(user.id)))) return { kind: 'wrong' };
    attempt.succeeded();
    const password = await this.newPassword(next, user.name);
    await storage.transact(async ({ users, sessions }) => {
      await users.change(user.id, { password });
      await sessions.removeAll(user.id);
    });
    await this.#record('password-changed', user);
    return { kind: 'begun', begun: await this.begin(user, visitor) };
  }

  /** The hash of a password that somebody chose. @throws Refusal `invalid-request` when it cannot be taken, `busy`. */
  async newPassword(password: unknown, name: string): Promise<string> {
    const problem = passwordProblem(password, name);
    if (problem === undefined) return this.#parts.passwords.hash(String(password));
    throw new Refusal('invalid-request', `password: ${problem}`);
  }

  #record(action: AccessEvent['action'], { id, name }: Pick<User, 'id' | 'name'>, by?: Actor): void | Promise<void> {
    const { record, clock } = this.#parts;
    const subject = { kind: 'user', id, name } as const;
    return record({ actor: by ?? { kind: 'user', id, name }, at: clock.now(), action, subject });
  }
}
