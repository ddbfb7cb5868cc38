import type { ExperimentMetricBody, ExperimentResultsBody, ExperimentWarning } from '../api/experiment-results.js';
import type { Iteration, IterationSums, MetricDefinition, MetricSums, Plan, SeriesPoint } from '../model/experiment.js';
import { conclusionOf, overallOf } from './conclusions.js';
import { isUnsound } from './fingerprints.js';
import { analyze } from './statistics/analysis.js';
import type { AnalysisInput, MetricSums as AnalysisSums } from './statistics/analysis-input.js';

/** How long after its end an iteration may still change, in milliseconds: as long as events may be late. */
export const SETTLING = 72 * 3_600_000;

/** Of the exposed users, and in number, from which on it is said that users were seen with several variations. */
const SEVERAL = { share: 0.01, users: 10 };
/** The part of a metric's sum that one user may be, and the users with a value from which on it is said. */
const ONE_USER = { share: 0.01, users: 500 };

/** What the results are made of. */
export interface Counted {
  readonly iteration: Iteration;
  readonly sums: IterationSums;
  /** New users a day, of all variations; `undefined` = not known yet. */
  readonly usersPerDay: number | undefined;
}

export type ResultsPart = Omit<
  ExperimentResultsBody,
  'key' | 'name' | 'state' | 'hypothesis' | 'decision' | 'refusedRequests'
>;

/** What may be concluded from an iteration, with all that it depends on. */
export function resultsOf(counted: Counted): ResultsPart {
  const { iteration, sums } = counted;
  const { plan } = iteration;
  const analysis = analyze(analysisInput(counted));
  const [control] = plan.variations;
  const variations = plan.variations.map(({ id, value, weight }, at) => ({
    id,
    value,
    weight,
    isControl: id === control?.id,
    users: sums.variations[at]?.users ?? 0,
  }));
  const metrics = plan.metrics.map(({ definition, role, margin, plannedEffect }, index): ExperimentMetricBody => {
    const comparisons = analysis.metrics[index]?.comparisons ?? [];
    return {
      ...{ key: definition.key, name: definition.name, type: definition.type, role, margin, plannedEffect },
      lowerIsBetter: definition.lowerIsBetter,
      values: plan.variations.map(({ id }, at) => valueIn(id, sums.variations[at], index, definition.type === 'ratio')),
      comparisons: comparisons.map((comparison) => ({
        ...comparison,
        conclusion: conclusionOf(comparison, definition, plan),
      })),
    };
  });
  const warnings = warningsOf(iteration, sums);
  const unsound = iteration.marks.some(({ what }) => isUnsound(what));
  const users = variations.reduce((sum, one) => sum + one.users, 0);
  return {
    iteration: {
      number: iteration.number,
      start: iso(iteration.start),
      end: isoOrNull(iteration.end),
      frozenAt: isoOrNull(iteration.end === null ? null : iteration.end + SETTLING),
      isFrozen: iteration.isFrozen,
      isSound: !unsound,
      pauses: iteration.pauses.map(({ from, to }) => ({ from: iso(from), to: isoOrNull(to) })),
      marks: iteration.marks.map(({ at, what, flagVersion, by }) => ({
        ...{ at: iso(at), what, flagVersion, by },
        isUnsound: isUnsound(what),
      })),
    },
    flagKey: plan.flagKey,
    method: plan.method,
    alpha: plan.alpha,
    power: plan.power,
    plannedUsers: plan.plannedUsers,
    covariateDays: plan.covariateDays ?? null,
    users,
    usersPerDay: counted.usersPerDay ?? null,
    lastEventAt: isoOrNull(sums.newest),
    variations,
    split: analysis.split,
    metrics,
    excluded: sums.excluded,
    late: sums.late,
    oversized: sums.oversized,
    undeclared: sums.undeclared,
    replays: sums.replays,
    warnings,
    ...overallOf({ metrics, variations, users, unsound, iteration }),
  };
}

function analysisInput({ iteration, sums, usersPerDay }: Counted): AnalysisInput {
  const { plan } = iteration;
  return {
    control: plan.variations[0]?.id ?? '',
    variations: plan.variations.map(({ id, weight }, at) => ({
      key: id,
      users: sums.variations[at]?.users ?? 0,
      weight,
    })),
    metrics: plan.metrics.map(({ definition, role, margin, plannedEffect }, index) => ({
      key: definition.key,
      role,
      lowerIsBetter: definition.lowerIsBetter,
      margin,
      plannedEffect,
      sums: Object.fromEntries(
        plan.variations.map(({ id }, at) => {
          const { users = 0, metrics = [] } = sums.variations[at] ?? {};
          return [id, analysisSums(users, metrics[index], otherIn(plan, definition))] as const;
        }),
      ),
    })),
    method: plan.method,
    alpha: plan.alpha,
    power: plan.power,
    plannedUsers: plan.plannedUsers,
    usersPerDay,
  };
}

/** What each user's value goes with. */
function otherIn({ covariateDays = null }: Plan, { type }: MetricDefinition): 'denominator' | 'covariate' | undefined {
  if (type === 'ratio') return 'denominator';
  return covariateDays === null ? undefined : 'covariate';
}

function analysisSums(n: number, sums: MetricSums | undefined, other: ReturnType<typeof otherIn>): AnalysisSums {
  const { sum = 0, sumSquares = 0, nonzero = 0 } = sums ?? {};
  const plain = { n, nonzero, sum, sumSquares };
  if (other === undefined) return plain;
  const { denominatorSum = 0, denominatorSumSquares = 0, sumProducts = 0 } = sums ?? {};
  if (other === 'covariate') {
    return { ...plain, covariateSum: denominatorSum, covariateSumSquares: denominatorSumSquares, sumProducts };
  }
  return { ...plain, denominatorSum, denominatorSumSquares, sumProducts };
}

function valueIn(
  variation: string,
  sums: IterationSums['variations'][number] | undefined,
  index: number,
  isRatio: boolean,
): ExperimentMetricBody['values'][number] {
  const { users = 0, metrics = [] } = sums ?? {};
  const { sum = 0, nonzero = 0, denominatorSum = 0 } = metrics[index] ?? {};
  const divisor = isRatio ? denominatorSum : users;
  return { variation, users, nonzero, total: sum, value: divisor === 0 ? null : sum / divisor };
}

function warningsOf({ plan }: Iteration, sums: IterationSums): readonly ExperimentWarning[] {
  const warnings: ExperimentWarning[] = [];
  const users = sums.variations.reduce((sum, variation) => sum + variation.users, 0);
  const { several } = sums.excluded;
  if (several >= SEVERAL.users && several >= SEVERAL.share * (users + several)) {
    const share = ((100 * several) / (users + several)).toFixed(1);
    const message = `${share} % of the users were seen with several variations and are left out. Is the user's key the same everywhere, and was the flag changed?`;
    warnings.push({ code: 'several-variations', message });
  }
  if (plan.variations.some(({ weight }) => weight === null)) {
    const message = 'Rules let users in with different shares, so there is no split to compare the users with.';
    warnings.push({ code: 'no-expected-split', message });
  }
  for (const [index, { definition }] of plan.metrics.entries()) {
    if (definition.type === 'conversion' || definition.type === 'retention') continue;
    const all = sums.variations.flatMap(({ metrics }) => metrics[index] ?? []);
    const total = Math.abs(all.reduce((sum, one) => sum + one.sum, 0));
    const largest = Math.max(0, ...all.map((one) => one.largest));
    const nonzero = all.reduce((sum, one) => sum + one.nonzero, 0);
    if (nonzero < ONE_USER.users || largest <= ONE_USER.share * total) continue;
    const message = `${definition.name}: one user alone makes more than 1 % of the sum. A cap on what a user can come to would make the result steadier.`;
    warnings.push({ code: 'one-user', message });
  }
  if (sums.oversized > 0) {
    const message = `${sums.oversized} events had values above a million million, which were taken for mistakes.`;
    warnings.push({ code: 'oversized', message });
  }
  if (sums.undeclared > 0) {
    const message = `${sums.undeclared} evaluations came from an SDK that does not say whether they count, so they do not. FeatBit's SDKs for Python from 1.2.1 on are such ones.`;
    warnings.push({ code: 'undeclared', message });
  }
  return warnings;
}

/** A look at the results, to be kept for the picture of how they became clear. */
export function pointOf(counted: Counted, at: number): SeriesPoint {
  const { metrics, users } = resultsOf(counted);
  return {
    at,
    users,
    intervals: metrics.flatMap(({ key, comparisons }) =>
      comparisons.map(({ variation, result }) => {
        const relative = result.status === 'ok' && result.relative.status === 'ok' ? result.relative : undefined;
        const { uplift = null, low = null, high = null } = relative ?? {};
        return { metric: key, variation, uplift, low, high };
      }),
    ),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : iso(time);
}
