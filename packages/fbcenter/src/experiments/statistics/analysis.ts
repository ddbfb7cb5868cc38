import { type AnalysisInput, type AnalysisMetric, type Role, type Settings, settingsOf } from './analysis-input.js';
import { type Bayes, bayes } from './bayes.js';
import { type Compared, compare } from './compare.js';
import type { NoEstimate } from './estimate.js';
import { InputCheck, type InputProblem, InvalidInputError, SMALLEST } from './input.js';
import { benjaminiHochberg, holm } from './multiplicity.js';
import { type RemainingTime, timeTo, timeUntil } from './planning.js';
import { type Split, srm } from './split.js';
import { isOpen, type Verdict, verdictOf } from './verdict.js';

/** Sums that nothing can be made of. The other metrics are not touched by them. */
export interface InvalidData {
  readonly status: 'invalid-data';
  readonly problems: readonly InputProblem[];
}

export interface AnalysisComparison {
  /** The key of the variation that is compared with the control. */
  readonly variation: string;
  readonly verdict: Verdict;
  readonly result: Compared | NoEstimate | InvalidData;
  /** For all goals (Holm) or all secondary metrics (Benjamini-Hochberg) together; null for guardrails and without a test. */
  readonly adjustedPValue: number | null;
  /** A second opinion: prior N(0, 0.3·|control|) on the difference. null without a test. */
  readonly bayes: Bayes | null;
  /**
   * While the verdict is open: until the planned effect would be found, or with the method `fixed` until the planned size.
   * null when no effect is planned, or the time cannot be estimated yet.
   */
  readonly remaining: RemainingTime | null;
}

export interface AnalysisResult {
  /** `no-expectation`: not every variation has a weight. */
  readonly split: Split | { readonly status: 'no-expectation' };
  readonly metrics: readonly {
    readonly key: string;
    readonly role: Role;
    readonly comparisons: readonly AnalysisComparison[];
  }[];
}

/**
 * What may be concluded from an experiment now: every metric of every variation against the control, with the corrections
 * for several tests. May be asked as often as one likes with the method `always-valid`.
 *
 * @throws InvalidInputError for the experiment's own settings; unusable sums of a metric are a verdict.
 */
export function analyze(input: AnalysisInput): AnalysisResult {
  const settings = settingsOf(input);
  const split = splitOf(input);
  const treatments = input.variations.filter(({ key }) => key !== input.control).map(({ key }) => key);
  const tests = input.metrics.flatMap((metric) =>
    treatments.map((variation) => ({ metric, variation, result: resultOf(metric, variation, settings) })),
  );
  const adjusted = new Map([...adjust('goal', tests, holm), ...adjust('secondary', tests, benjaminiHochberg)]);
  // The first of several goals has to pass a stricter test.
  const strictAlpha = settings.alpha / Math.max(1, tests.filter(({ metric }) => metric.role === 'goal').length);
  const wrongSplit = split.status === 'ok' && split.alarm;
  const comparisons = tests.map((test): AnalysisComparison => {
    const { metric, variation, result } = test;
    const adjustedPValue = adjusted.get(test) ?? null;
    const least = smallestOf(metric, [settings.control, variation]);
    const verdict = verdictOf({ ...settings, ...metric, result, adjustedPValue, least, wrongSplit });
    const alpha = metric.role === 'goal' ? strictAlpha : settings.alpha;
    return {
      variation,
      verdict,
      result,
      adjustedPValue,
      bayes: result.status === 'ok' ? secondOpinion(result, metric) : null,
      remaining: isOpen(verdict) ? remainingOf(result, metric, settings, alpha) : null,
    };
  });
  return {
    split,
    metrics: input.metrics.map(({ key, role }, index) => ({
      key,
      role,
      comparisons: comparisons.slice(index * treatments.length, (index + 1) * treatments.length),
    })),
  };
}

function splitOf({ variations }: AnalysisInput): AnalysisResult['split'] {
  const weights = variations.flatMap(({ weight }) => weight ?? []);
  if (weights.length < variations.length) return { status: 'no-expectation' };
  return srm({ observed: variations.map(({ users }) => users), weights });
}

interface Test {
  readonly metric: AnalysisMetric;
  readonly variation: string;
  readonly result: AnalysisComparison['result'];
}

function resultOf({ sums }: AnalysisMetric, variation: string, settings: Settings): Test['result'] {
  const { method, alpha, plannedUsers: tuning } = settings;
  const { [settings.control]: control = null, [variation]: treatment = null } = sums;
  if (control === null || treatment === null) {
    const missing = control === null ? settings.control : variation;
    return { status: 'invalid-data', problems: [{ input: `sums.${missing}`, message: 'is missing' }] };
  }
  try {
    const check = new InputCheck().count('control.nonzero', control.nonzero);
    check.count('treatment.nonzero', treatment.nonzero).done();
    return compare({ control, treatment, method, alpha, tuning });
  } catch (error) {
    if (error instanceof InvalidInputError) return { status: 'invalid-data', problems: error.problems };
    throw error;
  }
}

/** A test that has no p-value yet keeps its place among the others: their number is fixed before the start. */
function adjust(role: Role, tests: readonly Test[], method: typeof holm): readonly (readonly [Test, number])[] {
  const family = tests.filter(({ metric }) => metric.role === role);
  const { adjusted } = method({ pValues: family.map(({ result }) => (result.status === 'ok' ? result.pValue : 1)) });
  return family.flatMap((test, index) => (test.result.status === 'ok' ? [[test, adjusted[index] ?? 1] as const] : []));
}

/** The least of the two variations. */
function smallestOf(
  { sums }: AnalysisMetric,
  keys: readonly string[],
): { readonly n: number; readonly nonzero: number } {
  const both = keys.map((key) => sums[key]);
  return {
    n: Math.min(...both.map((one) => one?.n ?? 0)),
    nonzero: Math.min(...both.map((one) => one?.nonzero ?? 0)),
  };
}

/** How far apart variations usually are, relative to the control; as GrowthBook's default. */
const USUAL_UPLIFT = 0.3;

function secondOpinion({ control, difference, standardError }: Compared, { lowerIsBetter }: AnalysisMetric): Bayes {
  const usual = USUAL_UPLIFT * Math.abs(control);
  const priorStandardDeviation = usual < SMALLEST ? undefined : usual;
  return bayes({ estimate: difference, standardError, priorStandardDeviation, lowerIsBetter });
}

function remainingOf(
  result: Test['result'],
  { plannedEffect }: AnalysisMetric,
  { method, power, plannedUsers, usersPerDay, allUsers }: Settings,
  alpha: number,
): RemainingTime | null {
  if (result.status !== 'ok') return null;
  const { users, upliftStandardError: standardError } = result;
  // The share of the two variations among all users.
  const perDay = allUsers === 0 ? 0 : (usersPerDay * users) / allUsers;
  if (method === 'fixed') return timeTo(Math.ceil(plannedUsers), users, perDay);
  // Without a control's value, or without conversions in the treatment, there is no error of an uplift to go by.
  const effect = plannedEffect ?? null;
  if (effect === null || standardError === null || standardError < SMALLEST) return null;
  return timeUntil({ standardError, users, effect, alpha, power, usersPerDay: perDay, method, tuning: plannedUsers });
}
