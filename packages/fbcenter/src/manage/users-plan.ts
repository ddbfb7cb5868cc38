import { createHash } from 'node:crypto';
import type { UserBody } from '../api/access.js';
import { isEqualJson } from '../model/json.js';
import { foldedName } from '../model/user.js';
import { type Change, differencesOf, type WantedFault } from './comparison.js';
import type { WantedUser } from './user-files.js';

/** What is kept of a user that files can say. */
type UserState = Pick<UserBody, 'role' | 'environments'> & { readonly isDisabled: boolean };

/** What is done about one user. */
export interface UserStep {
  readonly name: string;
  /** Absent = the user is invited. */
  readonly before: UserBody | undefined;
  readonly after: UserState;
  readonly place: string;
}

/** What would become of the users. */
export interface UsersChange {
  readonly changes: readonly Change[];
  readonly same: number;
  readonly faults: readonly WantedFault[];
  /** Stands for the users that it was planned on. */
  readonly digest: string;
  /** What is done, in this order. */
  readonly steps: readonly UserStep[];
}

/** Who applies it: a user, or the one who has made the access token. */
export interface Applier {
  /** The name of the user. */
  readonly user: string;
  /** The name of the token. */
  readonly token: string | undefined;
}

export interface UsersPlanOptions {
  /** The keys of the environments that there are, or will be. */
  readonly environments: readonly string[];
  /** Whether users that are not wanted are disabled. */
  readonly prune: boolean;
  readonly applier?: Applier | undefined;
}

const FIELDS = ['role', 'environments', 'isDisabled'] as const;
const NOBODY: UserState = { role: null, environments: {}, isDisabled: false };

/**
 * What makes the users what is wanted. Who is there already keeps what is not said; who is not wanted stays, or is disabled with `prune`, unless the
 * identity provider decides about them. Nobody is removed.
 */
export function usersPlan(
  wanted: readonly WantedUser[],
  there: readonly UserBody[],
  { environments, prune, applier }: UsersPlanOptions,
): UsersChange {
  const byName = new Map(there.map((user) => [foldedName(user.name), user]));
  const faults: WantedFault[] = [];
  const steps: UserStep[] = [];
  for (const user of wanted) {
    const before = byName.get(foldedName(user.name));
    faults.push(...faultsOf(user, before, environments));
    const now = before === undefined ? NOBODY : stateOf(before);
    const { grants = now, isDisabled = now.isDisabled, place } = user;
    const after = { role: grants.role, environments: grants.environments, isDisabled };
    if (before === undefined || !isEqualJson(now, after)) {
      steps.push({ name: before?.name ?? user.name, before, after, place: place() });
    }
  }
  const named = new Set(wanted.map(({ name }) => foldedName(name)));
  const pruned = prune ? there.filter((user) => !named.has(foldedName(user.name)) && isPrunable(user)) : [];
  for (const before of pruned) {
    const place = `the user ${before.name}, whom the files do not name`;
    steps.push({ name: before.name, before, after: { ...stateOf(before), isDisabled: true }, place });
  }
  faults.push(...lockOuts(steps, there, applier));
  return {
    changes: steps.map(changeOf),
    same: wanted.length + pruned.length - steps.length,
    faults,
    digest: digestOf(steps),
    // Whoever becomes an admin does so before another one ceases to be one.
    steps: steps.toSorted((a, b) => Number(isAdminAfter(b)) - Number(isAdminAfter(a))),
  };
}

function faultsOf(
  { name, grants, place }: WantedUser,
  before: UserBody | undefined,
  environments: readonly string[],
): readonly WantedFault[] {
  if (grants === undefined) {
    if (before !== undefined) return [];
    return [{ place: place(), message: `${name} is not there yet: give a role, or roles in some environments` }];
  }
  const { role, environments: single } = grants;
  const isSame = before?.role === role && isEqualJson(before.environments, single);
  if (before?.signsInWith === 'identity-provider' && !isSame) {
    const instead = 'whose groups decide what the user may do: leave role and environments out';
    return [{ place: place(), message: `${name} signs in with the identity provider, ${instead}` }];
  }
  return Object.keys(single)
    .filter((key) => !environments.includes(key))
    .map((key) => {
      const known = environments.length === 0 ? 'there is none' : `there are ${environments.join(', ')}`;
      return { place: place('environments', key), message: `environments: there is no environment ${key}: ${known}` };
    });
}

/** What would leave nobody who may do everything, or shut out the one who applies it: the center itself refuses the first, but half-way. */
function lockOuts(
  steps: readonly UserStep[],
  there: readonly UserBody[],
  applier: Applier | undefined,
): readonly WantedFault[] {
  const losing = steps.filter((step) => isAdmin(step.before) && !isAdminAfter(step));
  const isLeft = steps.some(isAdminAfter) || there.some((user) => isAdmin(user) && !losing.some(isOf(user)));
  const last = isLeft ? [] : losing;
  const own = applier && losing.find(({ name }) => foldedName(name) === foldedName(applier.user));
  return [
    ...last.map(({ name, place }) => {
      const message = `${name} is the last admin who can sign in: make another one first, who has followed the link`;
      return { place, message, code: 'last-admin' } as const;
    }),
    ...(own === undefined
      ? []
      : [{ place: own.place, message: ownText(own.name, applier), code: 'own-access' } as const]),
  ];
}

function ownText(name: string, applier: Applier | undefined): string {
  if (applier?.token === undefined)
    return `${name} applies this, and would be no admin any more: let another admin do it`;
  return `${name} has made the access token ${applier.token}, with which this is applied, and would be no admin any more: use a token of another admin`;
}

function isOf({ id }: UserBody): (step: UserStep) => boolean {
  return ({ before }) => before?.id === id;
}

/** Somebody who may do everything and can sign in. */
function isAdmin(user: UserBody | undefined): boolean {
  return user?.role === 'admin' && user.state === 'active';
}

function isAdminAfter({ before, after: { role, isDisabled } }: UserStep): boolean {
  return role === 'admin' && !isDisabled && before !== undefined && hasWayIn(before);
}

/** Whether a user has a password, or needs none; of a disabled one only a stay tells. */
function hasWayIn({ state, signsInWith, lastSignInAt }: UserBody): boolean {
  return state === 'active' || (state === 'disabled' && (lastSignInAt !== null || signsInWith === 'identity-provider'));
}

function isPrunable({ state, signsInWith }: UserBody): boolean {
  return state !== 'disabled' && signsInWith === 'password';
}

/** What files can say of a user that is there. */
export function stateOf({ role, environments, state }: UserBody): UserState {
  return { role, environments, isDisabled: state === 'disabled' };
}

function changeOf({ name, before, after }: UserStep): Change {
  const outcome = before === undefined ? 'created' : 'changed';
  const differences = differencesOf(before === undefined ? NOBODY : stateOf(before), after, FIELDS);
  // Of a new one it is said what it is, not what it was.
  const said =
    before === undefined ? differences.map(({ path, after: value }) => ({ path, after: value })) : differences;
  return { kind: 'user', key: name, outcome, differences: said };
}

function digestOf(steps: readonly UserStep[]): string {
  const parts = steps.map(({ name, before, after }) => [name, before && [before.id, stateOf(before)], after]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
