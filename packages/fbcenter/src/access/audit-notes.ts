import type { Actor } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import type { Environment, Secret } from '../model/environment.js';
import type { JsonObject } from '../model/json.js';
import type { Grants } from '../model/role.js';
import type { AccessToken, User } from '../model/user.js';
import type { Repositories } from '../storage/storage.js';

/** What somebody did about who may do what. */
type AccessAction =
  | 'sign-in'
  | 'sign-in-failed'
  | 'sign-out'
  | 'end-sessions'
  | 'change-password'
  | 'make-link'
  | 'set-password'
  | 'create'
  | 'update'
  | 'delete'
  | 'revoke';

/** Whom or what it is about, with what is of interest of how it was and is. */
interface AccessNote {
  readonly actor: Actor;
  /** What is said about it. */
  readonly note?: ChangeNote | undefined;
  readonly action: AccessAction;
  readonly kind: 'user' | 'token';
  /** Names are what people know, also of what is gone. */
  readonly name: string;
  readonly before?: AccessState | undefined;
  readonly after?: AccessState | undefined;
}

type AccessState = { readonly grants: Grants } & JsonObject;

/** Writes down what was done about access, in the transaction that does it: neither is there without the other. */
export async function writeDown(
  { audit, environments }: Pick<Repositories, 'audit' | 'environments'>,
  { actor, note, action, kind, name, before, after }: AccessNote,
): Promise<void> {
  const needed = before !== undefined || after !== undefined;
  const keys = new Map(needed ? (await environments.list()).map(({ id, key }) => [id, key]) : []);
  const state = ({ grants, ...rest }: AccessState): JsonObject => {
    const byKey = Object.entries(grants.environments).map(([id, role]) => [keys.get(id) ?? id, role]);
    return { role: grants.everywhere ?? null, environments: Object.fromEntries(byKey), ...rest };
  };
  await audit.append({
    ...note,
    actor,
    action,
    subject: { kind, key: name },
    before: before && state(before),
    after: after && state(after),
  });
}

/** A user as somebody who acts. */
export function actorOf({ id, name }: Pick<User, 'id' | 'name'>): Actor {
  return { kind: 'user', id, name };
}

/** What is of interest of a user. */
export function userState({ id, grants, isDisabled, subject }: User): AccessState {
  return { id, grants, isDisabled, signsInWith: subject === undefined ? 'password' : 'identity-provider' };
}

/** What is of interest of an access token. */
export function tokenState({ id, start, grants, expiresAt }: AccessToken): AccessState {
  return { id, start, grants, expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString() };
}

/** A secret as something that is changed: by what people call it, not by its id. */
export function secretSubject(
  { key: environment }: Pick<Environment, 'key'>,
  { kind, name }: Pick<Secret, 'kind' | 'name'>,
) {
  return { kind: 'secret', key: `${kind} ${name}`, environment };
}

/** What is of interest of a secret. */
export function secretState({ id, kind, name }: Pick<Secret, 'id' | 'kind' | 'name'>) {
  return { id, kind, name };
}
