import { type Actor, CENTER } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';
import type { Session, User } from '../model/user.js';
import type { Clock } from '../runtime/clock.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import { actorOf, writeDown } from './audit-notes.js';
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
  readonly storage: Pick<Storage, 'users' | 'sessions' | 'audit' | 'environments' | 'transact'>;
  readonly passwords: Pick<Passwords, 'hash' | 'verify'>;
  readonly limit: SignInLimit;
  readonly clock: Clock;
  readonly log: Logger;
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
    const { storage, limit } = this.#parts;
    const attempt = limit.begin(name, visitor.address);
    if (attempt.kind === 'too-many') return attempt;
    const user = await storage.users.byName(name);
    const shown = await this.#verify(attempt, password, user?.id);
    const isRight = user !== undefined && shown !== undefined;
    const begun = isRight ? await this.begin(user, visitor, shown) : undefined;
    if (begun === undefined) {
      if (user !== undefined) this.#noteFailure(user);
      return { kind: 'wrong' };
    }
    attempt.succeeded();
    return { kind: 'begun', begun };
  }

  /**
   * Begins a session of somebody who has shown who it is. Its code is new, whatever the browser had before.
   *
   * @param shown the hash of the password that was compared, if one was.
   * @returns `undefined` when the user has been disabled or removed, or has another password, since that was looked at.
   */
  async begin(user: Pick<User, 'id'>, { agent }: Visitor, shown?: string): Promise<Begun | undefined> {
    const { storage, clock } = this.#parts;
    const now = clock.now();
    const { idle, absolute } = SESSION_TIMES;
    const code = newCode();
    return storage.transact(async (transaction) => {
      const { users, sessions } = transaction;
      const owner = await stillGood(users, user.id, shown);
      if (owner === undefined) return undefined;
      await sessions.removeOld({ createdBefore: now - absolute, usedBefore: now - idle });
      await users.change(owner.id, { lastSignInAt: now });
      await writeDown(transaction, { actor: actorOf(owner), action: 'sign-in', kind: 'user', name: owner.name });
      const wanted = { userId: owner.id, agent: agent.slice(0, MAX_AGENT_LENGTH) };
      return { user: owner, session: await sessions.add(wanted, digestOf(code), MAX_SESSIONS), code };
    });
  }

  /** Ends a session. @returns `false` when the user has no such session. */
  async end({ id, name }: Pick<User, 'id' | 'name'>, sessionId: string, by: Actor): Promise<boolean> {
    return this.#parts.storage.transact(async (transaction) => {
      const isEnded = await transaction.sessions.remove(id, sessionId);
      if (isEnded) await writeDown(transaction, { actor: by, action: 'sign-out', kind: 'user', name });
      return isEnded;
    });
  }

  /** Ends every session of a user. */
  async endAll({ id, name }: Pick<User, 'id' | 'name'>, by: Actor, note?: ChangeNote): Promise<void> {
    await this.#parts.storage.transact(async (transaction) => {
      await transaction.sessions.removeAll(id);
      await writeDown(transaction, { actor: by, note, action: 'end-sessions', kind: 'user', name });
    });
  }

  /**
   * Changes the password of somebody who knows it; every session of the user ends, and a new one begins.
   *
   * @throws Refusal `invalid-request` when the new one cannot be taken, `busy`.
   */
  async changePassword(user: User, current: string, next: string, visitor: Visitor): Promise<SignInOutcome> {
    const { storage, limit } = this.#parts;
    const attempt = limit.begin(user.name, visitor.address);
    if (attempt.kind === 'too-many') return attempt;
    const shown = await this.#verify(attempt, current, user.id);
    if (shown === undefined) return { kind: 'wrong' };
    attempt.succeeded();
    const password = await this.newPassword(next, user.name);
    const isChanged = await storage.transact(async (transaction) => {
      if ((await stillGood(transaction.users, user.id, shown)) === undefined) return false;
      await transaction.users.change(user.id, { password });
      await transaction.sessions.removeAll(user.id);
      await writeDown(transaction, { actor: actorOf(user), action: 'change-password', kind: 'user', name: user.name });
      return true;
    });
    const begun = isChanged ? await this.begin(user, visitor, password) : undefined;
    return begun === undefined ? { kind: 'wrong' } : { kind: 'begun', begun };
  }

  /** The hash of a password that somebody chose. @throws Refusal `invalid-request` when it cannot be taken, `busy`. */
  async newPassword(password: unknown, name: string): Promise<string> {
    const problem = passwordProblem(password, name);
    if (problem === undefined) return this.#parts.passwords.hash(String(password));
    throw new Refusal('invalid-request', `password: ${problem}`);
  }

  /** @returns the hash that the password was compared with; `undefined` when it is another one, or there is none. */
  async #verify(
    attempt: { withdraw(): void },
    password: string,
    userId: string | undefined,
  ): Promise<string | undefined> {
    const { storage, passwords } = this.#parts;
    try {
      const kept = userId === undefined ? undefined : await storage.users.passwordOf(userId);
      return (await passwords.verify(password, kept)) ? kept : undefined;
    } catch (error) {
      // Too many at once, or no storage: it says nothing about who tried.
      attempt.withdraw();
      throw error;
    }
  }

  /** Nobody waits for it: a refusal takes as long for somebody who is there. Who tried is not known. */
  #noteFailure(user: User): void {
    const { storage, log } = this.#parts;
    const note = { actor: CENTER, action: 'sign-in-failed', kind: 'user', name: user.name } as const;
    writeDown(storage, note).catch((error) =>
      log.error('a sign-in that failed could not be written down', { error: errorText(error) }),
    );
  }
}

/** The user, unless it was disabled, removed or given another password since the one that is `shown` was compared. */
async function stillGood(
  users: Pick<Storage['users'], 'byId' | 'passwordOf'>,
  id: string,
  shown: string | undefined,
): Promise<User | undefined> {
  const user = await users.byId(id);
  if (user === undefined || user.isDisabled) return undefined;
  return shown === undefined || shown === (await users.passwordOf(id)) ? user : undefined;
}
