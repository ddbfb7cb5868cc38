import type { AnalysisComparison } from '../experiments/statistics/analysis.js';
import type { Split } from '../experiments/statistics/split.js';
import type { Verdict } from '../experiments/statistics/verdict.js';
import type { MetricDefinition } from '../model/experiment.js';
import { ActorBody } from './answers.js';
import {
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  openObject,
  optional,
  type Schema,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** What goes over HTTP about experiments, each as a schema and as the type that follows from it. */

const MetricTypeBody = oneOf(['conversion', 'count', 'sum', 'ratio', 'retention']);
const AggregationBody = oneOf(['count', 'sum']);
const RoleOfMetric = oneOf(
  ['goal', 'guardrail', 'secondary'],
  'Goals decide, guardrails warn of harm, secondary metrics are explored.',
);
const StateBody = oneOf(['draft', 'running', 'paused', 'stopped', 'archived']);
const MethodBody = oneOf(['always-valid', 'fixed']);

/** Members that a schema takes and that need not be sent. */
const RatioPartBody = object({ event: text(), aggregation: AggregationBody });

export const MetricBody: Schema<MetricDefinition> = named(
  'Metric',
  object(
    {
      key: text(),
      name: text(),
      type: MetricTypeBody,
      event: text('The name of the events; of a ratio that of the numerator.'),
      aggregation: nullable(AggregationBody),
      denominator: nullable(RatioPartBody),
      lowerIsBetter: truth(),
      cap: nullable(number('The greatest value of one user.')),
      windowHours: nullable(number('For how long events count after the exposure.')),
      delayDays: nullable(number('Of a retention: when the window begins.')),
    },
    'Something that an environment measures.',
  ),
);

export const MetricInput = named(
  'MetricInput',
  object({
    key: optional(text()),
    name: optional(nullable(text())),
    type: MetricTypeBody,
    event: optional(nullable(text())),
    aggregation: optional(nullable(AggregationBody)),
    denominator: optional(nullable(object({ event: text(), aggregation: optional(nullable(AggregationBody)) }))),
    lowerIsBetter: optional(nullable(truth())),
    cap: optional(nullable(number())),
    windowHours: optional(nullable(number())),
    delayDays: optional(nullable(number())),
  }),
);

export const MetricListBody = object({
  items: list(MetricBody),
  offered: list(
    object({ event: text(), count: whole(), lastAt: time() }),
    'Events that have arrived and that no metric counts.',
  ),
});
export type MetricListBody = TypeOf<typeof MetricListBody>;

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
  }),
);

const DecisionBody = nullable(
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

const VerdictBody: Schema<Verdict> = oneOf([
  'invalid-data',
  'no-users',
  'too-few-users',
  'zero-denominator',
  'no-variance',
  'wrong-split',
  'collecting',
  'better',
  'worse',
  'harm',
  'safe',
  'undecided',
]);

const OverallVerdictBody = text(
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
  usersPerDay: nullable(number()),
  checks: list(
    object({ code: text(), level: oneOf(['error', 'warning', 'ok']), message: text(), isAdjustable: truth() }),
  ),
});
export type ChecksBody = TypeOf<typeof ChecksBody>;

const WarningBody = object({
  code: oneOf(['several-variations', 'no-expected-split', 'one-user', 'oversized']),
  message: text(),
});
export type ExperimentWarning = TypeOf<typeof WarningBody>;

/** As `fbcenter/statistics` gives it. */
type ComparisonResult = AnalysisComparison['result'];
const ComparisonResultBody = openObject(
  { status: text('`ok`, or why there is no test.') },
  'Difference, interval, p-value and uplift, as fbcenter/statistics gives them.',
) as Schema<unknown> as Schema<ComparisonResult>;

const BayesBody = object({
  mean: number(),
  standardDeviation: number(),
  low: number(),
  high: number(),
  chanceToWin: number(),
  riskOfTreatment: number(),
  riskOfControl: number(),
});

const ComparisonBody = object({
  variation: text('That is compared with the control.'),
  verdict: VerdictBody,
  result: ComparisonResultBody,
  adjustedPValue: nullable(number('For all goals, or all secondary metrics, together.')),
  bayes: nullable(BayesBody),
  remaining: nullable(object({ usersNeeded: number(), additionalUsers: number(), days: nullable(number()) })),
  conclusion: text('What may be concluded, and what may not.'),
});

const ExperimentMetric = object({
  key: text(),
  name: text(),
  type: MetricTypeBody,
  role: RoleOfMetric,
  lowerIsBetter: truth(),
  margin: nullable(number()),
  plannedEffect: nullable(number()),
  values: list(
    object({ variation: text(), users: whole(), nonzero: whole(), total: number(), value: nullable(number()) }),
    'Of each variation: the mean of its users, of a ratio the quotient of both sums.',
  ),
  comparisons: list(ComparisonBody),
});
export type ExperimentMetricBody = TypeOf<typeof ExperimentMetric>;

const IterationBody = object({
  number: whole(),
  start: time(),
  end: nullable(time()),
  frozenAt: nullable(time('When nothing changes any more: events may be 72 hours late.')),
  isFrozen: truth(),
  isSound: truth('Whether nothing was changed meanwhile that makes users before and after different ones.'),
  pauses: list(object({ from: time(), to: nullable(time()) })),
  marks: list(
    object({ at: time(), what: list(text()), flagVersion: whole(), by: text(), isUnsound: truth() }),
    'Changes of the flag while it ran.',
  ),
});

type SplitBody = Split | { readonly status: 'no-expectation' };

/** What an iteration of an experiment has come to. */
export const ExperimentResultsBody = named(
  'ExperimentResults',
  object({
    key: text(),
    name: text(),
    state: StateBody,
    hypothesis: text(),
    decision: DecisionBody,
    verdict: OverallVerdictBody,
    sentence: text('The verdict in a sentence.'),
    flagKey: text(),
    iteration: IterationBody,
    method: MethodBody,
    alpha: number(),
    power: number(),
    plannedUsers: number(),
    users: whole('Of all variations.'),
    usersPerDay: nullable(number()),
    lastEventAt: nullable(time()),
    variations: list(
      object({ id: text(), value: text(), weight: nullable(number()), isControl: truth(), users: whole() }),
    ),
    split: openObject(
      { status: text() },
      'Whether users came in the planned shares.',
    ) as Schema<unknown> as Schema<SplitBody>,
    metrics: list(ExperimentMetric),
    excluded: object({ several: whole(), targeted: whole(), segment: whole() }, 'Users who are left out.'),
    late: whole('Events that came more than 72 hours after their time.'),
    oversized: whole('Events whose value is too large.'),
    replays: whole('Requests that were delivered again.'),
    refusedRequests: whole('Since the start of the center, because the storage did not keep up; SDKs send them again.'),
    warnings: list(WarningBody),
  }),
);
export type ExperimentResultsBody = TypeOf<typeof ExperimentResultsBody>;

/** How the intervals have narrowed. */
export const ExperimentSeriesBody = object({
  points: list(
    object({
      at: time(),
      users: whole(),
      intervals: list(
        object({
          metric: text(),
          variation: text(),
          uplift: nullable(number()),
          low: nullable(number()),
          high: nullable(number()),
        }),
      ),
    }),
  ),
});
export type ExperimentSeriesBody = TypeOf<typeof ExperimentSeriesBody>;
