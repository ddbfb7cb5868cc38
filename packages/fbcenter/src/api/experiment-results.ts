import type { AnalysisComparison } from '../experiments/statistics/analysis.js';
import type { Split } from '../experiments/statistics/split.js';
import type { Verdict } from '../experiments/statistics/verdict.js';
import { DecisionBody, MethodBody, OverallVerdictBody, StateBody } from './experiments.js';
import { MetricTypeBody, RoleOfMetric } from './metrics.js';
import {
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  openObject,
  type Schema,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** What an experiment has come to, as it goes over HTTP. */

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

const WarningBody = object({
  code: oneOf(['several-variations', 'no-expected-split', 'one-user', 'oversized', 'undeclared']),
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
    covariateDays: nullable(whole('For how many days before the exposure users’ own values are subtracted (CUPED).')),
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
    undeclared: whole('Evaluations by SDKs that do not say whether they count; they do not.'),
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
