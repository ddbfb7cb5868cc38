import type { Verdict } from '../experiments/statistics/verdict.js';
import { ActorBody } from './answers.js';
import { RoleOfMetric } from './metrics.js';
import {
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** What goes over HTTP about experiments that are set up, each as a schema and as the type that follows from it. */

export const StateBody = oneOf(['draft', 'running', 'paused', 'stopped', 'archived']);
export const MethodBody = oneOf(['always-valid', 'fixed']);

const settingsMembers = {
  name: text(),
  hypothesis: text('What is believed, in the words of whoever believes it.'),
  flagKey: text(),
  control: text('The id of the variation that the others are compared with.'),
  treatments: list(text(), 'The ids of those that are compared with it.'),
  metrics: list(
    object({
      key: text(),
      role: RoleOfMetric,
      margin: nullable(number('Of a guardrail: the relative loss that would be accepted.')),
      plannedEffect: nullable(number('The smallest relative effect that would matter.')),
    }),
  ),
  method: MethodBody,
  alpha: number(),
  power: number(),
  plannedUsers: number('Of two compared variations together.'),
  excludedSegment: nullable(text('A segment whose users are left out.')),
  covariateDays: nullable(whole('For how many days before the exposure users’ own values are subtracted (CUPED).')),
};

export const ExperimentInput = named(
  'ExperimentInput',
  object({
    key: optional(text()),
    name: optional(nullable(text())),
    hypothesis: optional(nullable(text())),
    flagKey: text(),
    control: optional(nullable(text())),
    treatments: optional(nullable(list(text()))),
    metrics: optional(
      nullable(
        list(
          object({
            key: text(),
            role: optional(nullable(RoleOfMetric)),
            margin: optional(nullable(number())),
            plannedEffect: optional(nullable(number())),
          }),
        ),
      ),
    ),
    method: optional(nullable(MethodBody)),
    alpha: optional(nullable(number())),
    power: optional(nullable(number())),
    plannedUsers: optional(nullable(number())),
    excludedSegment: optional(nullable(text())),
    covariateDays: optional(nullable(whole())),
  }),
);

export const DecisionBody = nullable(
  object({ kind: oneOf(['roll-out', 'put-back']), variation: text(), at: time(), by: ActorBody }),
);

/** An experiment as it was set up. */
export const ExperimentBody = named(
  'Experiment',
  object({
    key: text(),
    state: StateBody,
    revision: whole('For `If-Match`.'),
    ...settingsMembers,
    createdAt: time(),
    createdBy: ActorBody,
    updatedAt: time(),
    decision: DecisionBody,
    iterations: list(object({ number: whole(), start: time(), end: nullable(time()) })),
  }),
);
export type ExperimentBody = TypeOf<typeof ExperimentBody>;

/**
 * The verdict in a word. Beside those of a comparison: `not-started`; `mixed`: better in one goal and worse in another; `unsound`: the
 * flag was changed while it ran.
 */
export type OverallVerdict = Verdict | 'not-started' | 'mixed' | 'unsound';

export const OverallVerdictBody = text(
  'A verdict, or `not-started`, `mixed` (better in one goal, worse in another), `unsound` (the flag was changed meanwhile).',
) as Schema<string> as Schema<OverallVerdict>;

export const ExperimentListItem = object({
  key: text(),
  name: text(),
  flagKey: text(),
  state: StateBody,
  start: nullable(time('Of the latest iteration.')),
  end: nullable(time()),
  users: whole(),
  plannedUsers: number(),
  daysLeft: nullable(number('Until the planned effect would be found.')),
  verdict: OverallVerdictBody,
  sentence: text(),
});
export type ExperimentListItem = TypeOf<typeof ExperimentListItem>;

export const ExperimentListBody = object({ items: list(ExperimentListItem) });
export type ExperimentListBody = TypeOf<typeof ExperimentListBody>;

/** What is to be known before a start. */
export const ChecksBody = object({
  canStart: truth(),
  canStartAdjusted: truth('Whether it could start if the flag’s experiment fields were set (`adjustFlag`).'),
  usersPerDay: nullable(
    number('New users a day who would enter, from the flag’s different users in the last 28 days.'),
  ),
  plannedDays: nullable(number('Until the planned users have come.')),
  checks: list(
    object({ code: text(), level: oneOf(['error', 'warning', 'ok']), message: text(), isAdjustable: truth() }),
  ),
});
export type ChecksBody = TypeOf<typeof ChecksBody>;
