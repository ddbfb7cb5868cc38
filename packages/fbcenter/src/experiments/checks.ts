import type { FlagDocument } from 'fbclient/core';
import type { ExperimentSettings, MetricDefinition } from '../model/experiment.js';
import { enteringShare, expectedShares, type Feed, feedsOf } from './flag-shares.js';
import { daysUntil, type Traffic } from './traffic/traffic.js';

export type CheckCode =
  | 'flag-missing'
  | 'flag-archived'
  | 'flag-off'
  | 'not-served'
  | 'not-let-in'
  | 'not-by-chance'
  | 'shares-differ'
  | 'divided-by-attribute'
  | 'targets'
  | 'segment-missing'
  | 'no-goal'
  | 'metric-missing'
  | 'metric-unseen'
  | 'other-experiment'
  | 'planned-size'
  | 'traffic-unknown'
  | 'covariate-days';

/** What was found before a start. */
export interface Check {
  readonly code: CheckCode;
  /** An `error` keeps the experiment from starting; a `warning` is to be read; `ok` says what is as it should be. */
  readonly level: 'error' | 'warning' | 'ok';
  readonly message: string;
  /** The start can put this right when it is asked to. */
  readonly isAdjustable: boolean;
}

/** What is known before a start. */
export interface Situation {
  readonly settings: ExperimentSettings;
  /** As it is now, or as it would be once it is adjusted; `undefined` when there is none. */
  readonly flag: (FlagDocument & { readonly isArchived?: boolean }) | undefined;
  readonly metrics: readonly MetricDefinition[];
  /** When each event was last seen, in milliseconds since 1970. */
  readonly seen: ReadonlyMap<string, number>;
  /** Whether the segment of users who are left out is there. */
  readonly hasExcludedSegment: boolean;
  /** The keys of other experiments that run on the same flag. */
  readonly others: readonly string[];
  /** Since when single events of its metrics may be kept, in milliseconds since 1970; `undefined` = from now on. */
  readonly keptSince?: number | undefined;
  readonly now?: number;
  /** How many different users the flag has had; `undefined` = not known. */
  readonly traffic?: Traffic | undefined;
  /** How many users a day an earlier iteration had, of all variations; `undefined` = not known. */
  readonly usersPerDay: number | undefined;
}

/** What speaks against a start, what is to be known before, and what is right, each in a sentence. */
export function checksOf(situation: Situation): readonly Check[] {
  return [
    ...flagChecks(situation),
    ...metricChecks(situation),
    ...covariateChecks(situation),
    ...sizeChecks(situation),
  ];
}

const error = (code: CheckCode, message: string, isAdjustable = false): Check => ({
  code,
  level: 'error',
  message,
  isAdjustable,
});
const warning = (code: CheckCode, message: string): Check => ({ code, level: 'warning', message, isAdjustable: false });
const ok = (code: CheckCode, message: string): Check => ({ code, level: 'ok', message, isAdjustable: false });

function flagChecks({ settings, flag, hasExcludedSegment, others }: Situation): readonly Check[] {
  const { flagKey, control, treatments, excludedSegment } = settings;
  if (flag === undefined)
    return [error('flag-missing', `There is no flag ${flagKey}: make it, or choose another one.`)];
  if (flag.isArchived === true) return [error('flag-archived', `The flag ${flagKey} is archived: restore it first.`)];
  const checks = servingChecks(feedsOf(flag), [control, ...treatments], flag);
  if (!flag.isEnabled) {
    checks.push(warning('flag-off', 'The flag is off: nobody enters the experiment until it is switched on.'));
  }
  const targeted = new Set(flag.targetUsers.flatMap(({ keyIds }) => keyIds)).size;
  if (targeted > 0) {
    const them = targeted === 1 ? 'One user is' : `${targeted.toLocaleString('en')} users are`;
    checks.push(
      warning('targets', `${them} given a variation by name. Chance has not chosen for them, so they are left out.`),
    );
  }
  if (excludedSegment !== null && !hasExcludedSegment) {
    checks.push(error('segment-missing', `There is no segment ${excludedSegment} whose users could be left out.`));
  }
  if (others.length > 0) {
    const message =
      others.length === 1
        ? `The experiment ${others[0]} also runs on this flag: both compare the same users.`
        : `The experiments ${others.join(', ')} also run on this flag: all of them compare the same users.`;
    checks.push(warning('other-experiment', message));
  }
  return checks;
}

function servingChecks(feeds: readonly Feed[], compared: readonly string[], flag: FlagDocument): Check[] {
  const isServed = (rollout: FlagDocument['fallthrough']) =>
    compared.every((id) => rollout.variations.some((part) => part.id === id && part.rollout[1] > part.rollout[0]));
  if (![...flag.rules, flag.fallthrough].some(isServed)) {
    const message =
      'No rule of the flag serves all compared variations: give each of them a share in the default rule, or in a rule.';
    return [error('not-served', message)];
  }
  const letsIn = feeds.filter(({ shares }) => compared.some((id) => shares.has(id)));
  const byChance = letsIn.filter(({ shares }) => compared.every((id) => shares.has(id)));
  if (byChance.length === 0) {
    const message =
      'The flag lets nobody into an experiment: no rule that serves the variations is included in one (includedInExpt, exptRollout).';
    return [error('not-let-in', message, true)];
  }
  const checks: Check[] = [];
  const partial = letsIn.filter((feed) => !byChance.includes(feed));
  if (partial.length > 0) {
    const where = partial.map((feed) => feed.where).join(', ');
    const message =
      `Not all variations are served by ${where}, and the users there are let in as well: they are no fair sample. ` +
      'Let in only those for whom chance decides.';
    checks.push(error('not-by-chance', message, true));
  }
  if (expectedShares(letsIn, compared) === null) {
    const message =
      'Rules let users in with different shares. There is no split to be expected then, so it cannot be checked, and the groups differ by what the rules ask.';
    checks.push(warning('shares-differ', message));
  }
  const attributes = [...new Set(byChance.flatMap(({ dispatchKey }) => (dispatchKey === null ? [] : [dispatchKey])))];
  if (attributes.length > 0) {
    const message = `Users are divided by ${attributes.join(', ')}: those who share it get the same variation, so they count as more evidence than they are.`;
    checks.push(warning('divided-by-attribute', message));
  }
  if (checks.length === 0)
    checks.push(ok('not-served', 'The flag serves the compared variations by chance, and lets the users in.'));
  return checks;
}

function metricChecks({ settings, metrics, seen }: Situation): readonly Check[] {
  const checks: Check[] = [];
  if (!settings.metrics.some(({ role }) => role === 'goal')) {
    checks.push(error('no-goal', 'Choose a metric as the goal: it decides.'));
  }
  for (const { key } of settings.metrics) {
    const metric = metrics.find((one) => one.key === key);
    if (metric === undefined) {
      checks.push(error('metric-missing', `There is no metric ${key}: define it, or choose another one.`));
      continue;
    }
    const events = [metric.event, ...(metric.denominator === null ? [] : [metric.denominator.event])];
    const unseen = events.filter((event) => !seen.has(event));
    if (unseen.length === 0) {
      checks.push(ok('metric-unseen', `Events of ${metric.name} arrive.`));
      continue;
    }
    const message = `No event ${unseen.join(', ')} has arrived so far, which ${metric.name} counts: is it tracked?`;
    checks.push(warning('metric-unseen', message));
  }
  return checks;
}

/** Whether there is something that could be subtracted. */
function covariateChecks({ settings: { covariateDays = null }, keptSince, now = 0 }: Situation): readonly Check[] {
  if (covariateDays === null) return [];
  // The clock may have been set back meanwhile.
  const kept = Math.max(0, Math.floor((now - (keptSince ?? now)) / 86_400_000));
  if (kept >= covariateDays) {
    return [ok('covariate-days', `What users did in the ${covariateDays} days before they enter is known.`)];
  }
  const left = covariateDays - kept;
  const message =
    `What users did before they enter is kept for ${kept === 1 ? 'a day' : `${kept} days`} now, and ${covariateDays} are to be subtracted: ` +
    `in ${left === 1 ? 'a day' : `${left} days`} more of it is known, and the intervals are narrower.`;
  return [warning('covariate-days', message)];
}

/** How long it takes until the planned users have come. */
export interface PlannedTime {
  /** New users a day who enter, on average. */
  readonly usersPerDay: number;
  /** `undefined` = they never all come. */
  readonly days: number | undefined;
  /** What it was reckoned from, for people. */
  readonly because: string;
}

/** From the different users of the flag in the last 28 days, otherwise from an earlier iteration; `undefined` = from nothing. */
export function plannedTime({ settings, flag, traffic, usersPerDay }: Situation): PlannedTime | undefined {
  const planned = plannedUsersIn(settings);
  const share = flag === undefined ? 0 : enteringShare(flag, [settings.control, ...settings.treatments]);
  const users = traffic?.users.at(-1) ?? 0;
  if (traffic !== undefined && users > 0 && share > 0) {
    const known = traffic.users.length;
    const entering = share === 1 ? '' : `, of whom ${Number((100 * share).toPrecision(3))} % enter`;
    return {
      usersPerDay: (share * users) / known,
      days: daysUntil(planned / share, traffic),
      because: `the flag had ${count(users)} different users in ${known === 1 ? 'a day' : `${known} days`}${entering}`,
    };
  }
  if (usersPerDay === undefined || usersPerDay <= 0) return undefined;
  return { usersPerDay, days: planned / usersPerDay, because: `${count(usersPerDay)} a day entered it before` };
}

/** Of all variations: what is planned are users of two of them together. */
function plannedUsersIn({ plannedUsers, treatments }: Situation['settings']): number {
  return (plannedUsers / 2) * (treatments.length + 1);
}

function count(users: number): string {
  return Math.round(users).toLocaleString('en');
}

function sizeChecks(situation: Situation): readonly Check[] {
  const time = plannedTime(situation);
  if (time === undefined) {
    const message = 'How many users the flag has is not known yet, so neither is how long it takes.';
    return [warning('traffic-unknown', message)];
  }
  const planned = `${count(plannedUsersIn(situation.settings))} users in all are planned; ${time.because}`;
  if (time.days === undefined) {
    return [
      warning(
        'planned-size',
        `${planned}: hardly any new ones come, and so many never will. Plan for a larger effect.`,
      ),
    ];
  }
  const days = Math.max(1, Math.ceil(time.days));
  const message = `${planned}: that takes ${days === 1 ? 'a day' : `${days.toLocaleString('en')} days`}.`;
  return [
    days > 90
      ? warning('planned-size', `${message} Plan for a larger effect, or find more users.`)
      : ok('planned-size', message),
  ];
}
