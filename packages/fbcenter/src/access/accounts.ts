import { type Actor, CENTER } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';
import { ALL_GRANTS, type Grants } from '../model/role.js';
import type { Link, User } from '../model/user.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage, Transaction } from '../storage/storage.js';
import { actorOf, userState, writeDown } from './audit-notes.js';
import { digestOf, newCode } from './credentials.js';
import type { Begun, SignIns, Visitor } from './sign-ins.js';

/** How long a link can be followed, in milliseconds: the first one is printed where it is followed, others travel. */
const FIRST_LINK_LASTS = 24 * 3_600_000;
const LINK_LASTS = 3 * 86_400_000;

/** Each costs a row; a center with more has an identity provider. */
const MAX_USERS = 1_000;

/** A link as it is handed on. */
export interface NewLink {
  /** The credential in it. */
  readonly code: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** What a link that can be followed is for. */
export interface OpenLink {
  /** Whose password it sets; absent = the first admin's, who chooses a name too. */
  readonly user: User | undefined;
  readonly expiresAt: number;
}

/** What an admin changes of a user. */
export interface AccountChange {
  readonly grants?: Grants;
  readonly isDisabled?: boolean;
}

export interface AccountParts {
  readonly storage: Pick<Storage, 'users' | 'links' | 'transact'>;
  readonly signIns: SignIns;
  readonly clock: Clock;
}

/** Who has access: users, and the links by which they come to a password. */
export class Accounts {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  /**
   * Adds a user, who comes in by a link.
   *
   * @throws Refusal `already-exists`, `limit-reached`.
   */
  async invite(
    name: string,
    grants: Grants,
    by: Actor,
    note?: ChangeNote,
  ): Promise<{ readonly user: User; readonly link: NewLink }> {
    return this.#parts.storage.transact(async (transaction) => {
      const { users, links } = transaction;
      if ((await users.list()).length >= MAX_USERS) {
        throw new Refusal('limit-reached', `A center takes ${MAX_USERS} users: remove one first.`);
      }
      const user = await users.add({ name, grants, subject: undefined });
      if (user === undefined) throw new Refusal('already-exists', 'There is a user of this name.');
      await writeDown(transaction, { actor: by, note, action: 'create', kind: 'user', name, after: userState(user) });
      return { user, link: await this.#put(links, user.id, LINK_LASTS) };
    });
  }

  /** A link by which a user sets a new password; what the user has counts until then. @throws Refusal when there can be none. */
  async link(id: string, by: Actor, note?: ChangeNote): Promise<NewLink> {
    return this.#parts.storage.transact(async (transaction) => {
      const { name, subject } = (await transaction.users.byId(id)) ?? missing();
      if (subject !== undefined) {
        throw new Refusal(
          'invalid-request',
          'This user signs in with the identity provider, and has no password here.',
        );
      }
      await writeDown(transaction, { actor: by, note, action: 'make-link', kind: 'user', name });
      return this.#put(transaction.links, id, LINK_LASTS);
    });
  }

  /** A link by which somebody becomes the first admin; `undefined` when there is an admin who can sign in. */
  async firstLink(by: Actor = CENTER, note?: ChangeNote): Promise<NewLink | undefined> {
    return this.#parts.storage.transact(async (transaction) => {
      if ((await transaction.users.list()).some(isActiveAdmin)) return undefined;
      await writeDown(transaction, { actor: by, note, action: 'make-link', kind: 'user', name: 'the first admin' });
      return this.#put(transaction.links, undefined, FIRST_LINK_LASTS);
    });
  }

  /** What a link is for. @returns `undefined` when it cannot be followed: it never was one, was followed, or is too old. */
  async open(code: string): Promise<OpenLink | undefined> {
    const { storage } = this.#parts;
    return this.#opened(await storage.links.byDigest(digestOf(code)), storage.users);
  }

  /**
   * Follows a link: sets the password, ends every session that the user had, and signs the user in.
   *
   * @param chosenName asked for what the first admin wants to be called by, and for nobody else.
   * @throws Refusal `link-void`, `invalid-request` for a password that cannot be taken, `already-exists` for a name, `busy`.
   */
  async follow(code: string, chosenName: () => string, password: unknown, visitor: Visitor): Promise<Begun> {
    const { storage, signIns } = this.#parts;
    const link = (await this.open(code)) ?? voided();
    const name = link.user?.name ?? chosenName();
    const hash = await signIns.newPassword(password, name);
    const user = await storage.transact(async (transaction) => {
      const { users, sessions, links } = transaction;
      // Only one who follows it finds it here.
      const { user } = (await this.#opened(await links.take(digestOf(code)), users)) ?? voided();
      const owner = user ?? (await users.add({ name, grants: ALL_GRANTS, subject: undefined }));
      if (owner === undefined) throw new Refusal('already-exists', 'There is a user of this name: choose another one.');
      await sessions.removeAll(owner.id);
      const after = user === undefined ? userState(owner) : undefined;
      const action = user === undefined ? 'create' : 'set-password';
      await writeDown(transaction, { actor: actorOf(owner), action, kind: 'user', name: owner.name, after });
      return (await users.change(owner.id, { password: hash })) ?? missing();
    });
    return (await signIns.begin(user, visitor, hash)) ?? voided();
  }

  /**
   * Changes what a user may do, or whether it may sign in; a user that may not has no session from then on.
   *
   * @throws Refusal `not-found`; `last-admin` when nobody would be left who may do everything.
   */
  async change(id: string, change: AccountChange, by: Actor, note?: ChangeNote): Promise<User> {
    return this.#parts.storage.transact(async (transaction) => {
      const { users, sessions } = transaction;
      const before = (await users.byId(id)) ?? missing();
      if (before.subject !== undefined && change.grants !== undefined) {
        throw new Refusal('invalid-request', 'The groups of the identity provider decide what this user may do.');
      }
      const after = (await users.change(id, change)) ?? missing();
      await refuseLastAdmin(before, users);
      if (after.isDisabled) await sessions.removeAll(id);
      const states = { before: userState(before), after: userState(after) };
      await writeDown(transaction, { actor: by, note, action: 'update', kind: 'user', name: after.name, ...states });
      return after;
    });
  }

  /** Removes a user. @throws Refusal `not-found`, `last-admin`. */
  async remove(id: string, by: Actor, note?: ChangeNote): Promise<void> {
    await this.#parts.storage.transact(async (transaction) => {
      const { users } = transaction;
      const user = (await users.byId(id)) ?? missing();
      await users.remove(id);
      await refuseLastAdmin(user, users);
      const before = userState(user);
      await writeDown(transaction, { actor: by, note, action: 'delete', kind: 'user', name: user.name, before });
    });
  }

  async #put(links: Transaction['links'], userId: string | undefined, lasts: number): Promise<NewLink> {
    const code = newCode();
    const expiresAt = this.#parts.clock.now() + lasts;
    await links.put({ userId, expiresAt }, digestOf(code));
    return { code, expiresAt };
  }

  async #opened(link: Link | undefined, users: Transaction['users']): Promise<OpenLink | undefined> {
    if (link === undefined || this.#parts.clock.now() >= link.expiresAt) return undefined;
    const { userId, expiresAt } = link;
    if (userId === undefined) {
      return (await users.list()).some(isActiveAdmin) ? undefined : { user: undefined, expiresAt };
    }
    const user = await users.byId(userId);
    return user === undefined || user.isDisabled ? undefined : { user, expiresAt };
  }
}

/** Somebody who may do everything and can sign in. */
function isActiveAdmin({ grants, isDisabled, hasPassword, subject }: User): boolean {
  return grants.everywhere === 'admin' && !isDisabled && (hasPassword || subject !== undefined);
}

/** The access token of the settings would still be good, but a team that signs in has forgotten where it is. */
async function refuseLastAdmin(before: User, users: Transaction['users']): Promise<void> {
  if (!isActiveAdmin(before) || (await users.list()).some(isActiveAdmin)) return;
  throw new Refusal('last-admin', 'It is the only admin who can sign in: make somebody else an admin first.');
}

function missing(): never {
  throw new Refusal('not-found', 'There is no such user: it may have been removed.');
}

function voided(): never {
  throw new Refusal('link-void', 'This link has been used, is too old, or was replaced by another: ask for a new one.');
}
