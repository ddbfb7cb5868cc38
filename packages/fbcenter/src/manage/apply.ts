import { createHash } from 'node:crypto';
import type { EnvironmentListBody } from '../api/answers.js';
import { CenterError } from '../errors.js';
import type { Wanted } from './apply-files.js';
import type { WantedFault } from './comparison.js';
import {
  type ChangeOptions,
  type EnvironmentChange,
  isDifferent,
  makeChange,
  planChange,
} from './environment-change.js';
import type { Management } from './management.js';
import { changeUsers, planUsers } from './user-change.js';
import type { UsersChange } from './users-plan.js';

export interface ApplyOptions extends ChangeOptions {
  readonly dryRun: boolean;
  /** What an earlier dry run has called its plan: when it would be another one by now, nothing is done. */
  readonly expected?: string | undefined;
  /** Whether environments that are not there are made; otherwise they are a failure. */
  readonly makesEnvironments: boolean;
  /** Receives what is about to be done; called once, before anything is. */
  show(plan: ApplyPlan): void;
  /** Receives the key of each environment that is done. */
  progress(key: string): void;
}

/** What would be done, to which environments and users. */
export interface ApplyPlan {
  readonly environments: readonly EnvironmentChange[];
  /** `undefined` when nothing is wanted of users. */
  readonly users: UsersChange | undefined;
  readonly faults: readonly WantedFault[];
  readonly isDifferent: boolean;
  /** Stands for all of it and what it was planned on. */
  readonly plan: string;
}

/**
 * Makes environments and users what is wanted. All of it is planned before anything is changed; each environment changes whole or not at all, then users
 * one after the other.
 *
 * @throws CenterError when anything is wrong with what is wanted, or when something has changed meanwhile; what was done until then stays, and
 * doing it again does the rest.
 */
export async function apply(management: Management, wanted: Wanted, options: ApplyOptions): Promise<ApplyPlan> {
  const { items } = await management.call<EnvironmentListBody>('/environments');
  const environments: EnvironmentChange[] = [];
  for (const one of wanted.environments) {
    const existing = items.find(({ key }) => key === one.key);
    if (existing === undefined && !options.makesEnvironments) throw noSuchEnvironment(one.key, items);
    environments.push(await planChange(management, one, existing, options));
  }
  const known = [...new Set([...items, ...wanted.environments].map(({ key }) => key))];
  const users =
    wanted.users && (await planUsers(management, wanted.users, { environments: known, prune: options.prune }));
  const plan = planOf(environments, users);
  options.show(plan);
  refuseOther(plan, options.expected);
  if (options.dryRun) return plan;
  for (const environment of environments.filter(isDifferent)) {
    await makeChange(management, environment, options);
    options.progress(environment.key);
  }
  if (users !== undefined) await changeUsers(management, users);
  return plan;
}

/** @throws CenterError when a plan cannot be carried out, or is another one than was expected. */
export function refuseOther({ faults, plan }: ApplyPlan, expected: string | undefined): void {
  if (faults.length > 0) {
    throw new CenterError('invalid-config', 'Nothing was changed: put right what is named above');
  }
  if (expected === undefined || expected === plan) return;
  const message = 'Something has changed since the dry run with this plan: nothing was changed. Look at a new dry run';
  throw new CenterError('unreachable', message);
}

/** Says which environments there are instead. */
export function noSuchEnvironment(key: string, items: readonly { readonly key: string }[]): CenterError {
  const known = items.map((item) => item.key).join(', ');
  return new CenterError(
    'unreachable',
    `There is no environment ${key}: there ${known === '' ? 'is none' : `are ${known}`}`,
  );
}

export function planOf(environments: readonly EnvironmentChange[], users?: UsersChange): ApplyPlan {
  const hash = createHash('sha256');
  for (const { key, description, changes, digest } of environments) {
    hash.update(JSON.stringify([key, description, changes, digest]));
  }
  if (users !== undefined) hash.update(users.digest);
  return {
    environments,
    users,
    faults: [...environments, ...(users === undefined ? [] : [users])].flatMap(({ faults }) => faults),
    isDifferent: environments.some(isDifferent) || (users?.changes.length ?? 0) > 0,
    plan: hash.digest('hex').slice(0, 32),
  };
}
