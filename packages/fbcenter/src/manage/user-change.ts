import type { InvitedBody, SessionStateBody, TokenListBody, UserBody, UserListBody } from '../api/access.js';
import { CenterError } from '../errors.js';
import { isEqualJson } from '../model/json.js';
import { changedMeanwhile } from './environment-change.js';
import { type Management, RefusedError } from './management.js';
import type { WantedUser } from './user-files.js';
import {
  type Applier,
  stateOf,
  type UserStep,
  type UsersChange,
  type UsersPlanOptions,
  usersPlan,
} from './users-plan.js';

/** Plans what would make the users what is wanted; nothing is done. @throws CenterError when whoever asks may not see users. */
export async function planUsers(
  management: Management,
  wanted: readonly WantedUser[],
  options: Omit<UsersPlanOptions, 'applier'>,
): Promise<UsersChange> {
  const { items } = await management.call<UserListBody>('/users').catch((error: unknown) => {
    if (!(error instanceof RefusedError) || error.status !== 403) throw error;
    const instead = 'give an access token of one who is admin everywhere, or leave users out of the files';
    throw new CenterError('unreachable', `Users are a matter of the center's admins: ${instead}`, { cause: error });
  });
  return usersPlan(wanted, items, { ...options, applier: await applierOf(management) });
}

/**
 * Does what was planned, one user after the other.
 *
 * @throws CenterError when a user has changed since; what was done until then stays.
 */
export async function changeUsers(management: Management, { steps }: UsersChange): Promise<void> {
  for (const step of steps) await (step.before === undefined ? invite(management, step) : change(management, step));
}

async function invite(management: Management, { name, after }: UserStep): Promise<void> {
  const { isDisabled, ...grants } = after;
  const body = { name, ...grants };
  const { user } = await management
    .call<InvitedBody>('/users', { method: 'POST', body })
    .catch((error: unknown) => meanwhile(error, 'already-exists', name));
  if (isDisabled) await management.call(pathOf(user), { method: 'PUT', body: { isDisabled } });
}

async function change(management: Management, { name, before, after }: UserStep): Promise<void> {
  if (before === undefined) return;
  const path = pathOf(before);
  const now = await management.call<UserBody>(path).catch((error: unknown) => meanwhile(error, 'not-found', name));
  if (!isEqualJson(stateOf(now), stateOf(before))) throw changedMeanwhile(`the user ${name}`);
  const { isDisabled, ...grants } = after;
  const changesGrants = now.role !== grants.role || !isEqualJson(now.environments, grants.environments);
  const body = { ...(changesGrants && grants), ...(isDisabled !== stateOf(now).isDisabled && { isDisabled }) };
  await management.call(path, { method: 'PUT', body });
}

function meanwhile(error: unknown, reason: string, name: string): never {
  throw error instanceof RefusedError && error.reason === reason ? changedMeanwhile(`the user ${name}`) : error;
}

async function applierOf(management: Management): Promise<Applier | undefined> {
  const { me } = await management.call<SessionStateBody>('/session');
  if (me?.kind === 'user') return { user: me.name, token: undefined };
  if (me?.kind !== 'token') return undefined;
  const { items } = await management.call<TokenListBody>('/tokens');
  const user = items.find(({ id }) => id === me.id)?.createdBy;
  return user == null ? undefined : { user, token: me.name };
}

function pathOf({ id }: Pick<UserBody, 'id'>): string {
  return `/users/${encodeURIComponent(id)}`;
}
