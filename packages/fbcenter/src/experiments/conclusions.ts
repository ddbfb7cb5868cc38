import type { ExperimentMetricBody, ExperimentResultsBody } from '../api/experiment-results.js';
import type { OverallVerdict } from '../api/experiments.js';
import type { Iteration, MetricDefinition, Plan } from '../model/experiment.js';
import { shortened } from '../model/shortened.js';
import type { AnalysisComparison } from './statistics/analysis.js';
import type { Verdict } from './statistics/verdict.js';

/** What may be concluded from a comparison, and what may not, for somebody who knows no statistics. */
export function conclusionOf(comparison: AnalysisComparison, { name }: MetricDefinition, plan: Plan): string {
  const { variation, verdict, result } = comparison;
  const shown = shownValue(variation, plan);
  const range = rangeOf(comparison);
  switch (verdict) {
    case 'better':
      return `${shown} is better in ${name}: ${range}. By exactly how much is not known, nor whether for every group of users.`;
    case 'worse':
      return `${shown} is worse in ${name}: ${range}. Another form of the idea may do better.`;
    case 'harm':
      return `${shown} does harm to ${name}: ${range}.`;
    case 'safe':
      return `${name} loses less with ${shown} than would be accepted: ${range}. That it is untouched is not said.`;
    case 'undecided':
      return `Not decided yet: ${range}${isOnOneSide(result) ? ALONE : ONLY_OUTSIDE}${timeLeft(comparison)}`;
    case 'collecting':
      return `Nothing may be concluded yet, however clear it looks.${timeLeft(comparison)}`;
    case 'wrong-split':
      return 'The users did not come in the planned shares, so the groups are different people. Nothing may be concluded: find the cause first.';
    case 'no-users':
      return `A variation has no users yet.`;
    case 'too-few-users':
      return 'A variation has a single user.';
    case 'no-variance':
      return `All users have the same value of ${name}; mostly nobody has done anything yet.`;
    case 'zero-denominator':
      return `What ${name} is divided by is 0 in a variation.`;
    case 'invalid-data':
      return `The sums of ${name} contradict themselves${result.status === 'invalid-data' ? ` (${result.problems.map(({ input, message }) => `${input} ${message}`).join('; ')})` : ''}: have them counted anew.`;
  }
}

const ONLY_OUTSIDE = '. What is outside of that is ruled out; “no difference” is not what this says.';

/** Several tests together are stricter than the interval of each. */
const ALONE =
  ', taken alone. Of several metrics and variations that are judged together, one is like that by chance too often.';

/** Whether the interval of the difference leaves 0 out. */
function isOnOneSide(result: AnalysisComparison['result']): boolean {
  return result.status === 'ok' && (result.low > 0 || result.high < 0);
}

/** What was decided, such as: rolled out “true”. */
export function decidedText(
  { kind, variation }: NonNullable<ExperimentResultsBody['decision']>,
  shown: Pick<ExperimentResultsBody, 'variations'>,
): string {
  return `${kind === 'roll-out' ? 'rolled out' : 'put back'} ${shownValue(variation, shown)}`;
}

function shownValue(variation: string, { variations }: Pick<Plan, 'variations'>): string {
  const { value = variation } = variations.find(({ id }) => id === variation) ?? {};
  return `“${shortened(value, 41)}”`;
}

/** The uplift with its interval, or the difference where there is no uplift. */
function rangeOf({ result }: AnalysisComparison): string {
  if (result.status !== 'ok') return 'no numbers yet';
  const { relative, difference, low, high } = result;
  if (relative.status === 'ok') {
    return `${percent(relative.uplift)}, between ${percent(relative.low)} and ${percent(relative.high)}`;
  }
  return `${signed(difference)}, between ${signed(low)} and ${signed(high)}`;
}

/** A share in percent with its sign, to as many digits as say something. */
export function percent(share: number): string {
  const value = 100 * share;
  // What rounds to 10 is written as 10 is.
  const digits = Math.abs(value) >= 9.95 ? 0 : 1;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(3))}`;
}

function timeLeft({ remaining }: AnalysisComparison): string {
  if (remaining === null || remaining.additionalUsers === 0) return '';
  const { additionalUsers, days } = remaining;
  const users = Math.ceil(additionalUsers);
  const needed = users === 1 ? 'one more user is needed' : `${users.toLocaleString('en')} more users are needed`;
  return days === null ? ` About ${needed}.` : ` About ${needed}, ${daysText(days)}.`;
}

function daysText(days: number): string {
  if (days < 1 / 24) return 'less than an hour';
  if (days <= 1.5 / 24) return 'about an hour';
  if (days < 1) return `about ${Math.ceil(days * 24)} hours`;
  return days <= 1.5 ? 'about a day' : `about ${Math.ceil(days)} days`;
}

interface Whole extends Pick<ExperimentResultsBody, 'metrics' | 'users'> {
  readonly variations: ExperimentResultsBody['variations'];
  readonly unsound: boolean;
  readonly iteration: Iteration;
}

/** The verdict on the whole iteration, in a word and in a sentence. */
export function overallOf(whole: Whole): { readonly verdict: OverallVerdict; readonly sentence: string } {
  const { metrics, users, unsound, iteration } = whole;
  if (users === 0) {
    const sentence = 'Nobody has been exposed yet: SDKs have to evaluate the flag, and the flag has to let users in.';
    return { verdict: 'no-users', sentence };
  }
  const goals = comparisonsOf(metrics, 'goal');
  const verdicts = new Set(goals.map(({ verdict }) => verdict));
  if (verdicts.has('wrong-split')) return { verdict: 'wrong-split', sentence: goals[0]?.conclusion ?? '' };
  if (unsound) {
    const parts = [...new Set(iteration.marks.flatMap(({ what }) => what))].join(', ');
    const sentence = `The flag was changed while the experiment ran (${parts}): users before and after are different ones, so nothing sound can be concluded. Start a new iteration.`;
    return { verdict: 'unsound', sentence };
  }
  const harmed = comparisonsOf(metrics, 'guardrail').filter(({ verdict }) => verdict === 'harm');
  const [harm] = harmed;
  const verdict = goalVerdict(verdicts);
  const leading = goals.find((one) => one.verdict === verdict) ?? goals[0];
  const sentence = verdict === 'mixed' ? mixedSentence(goals) : (leading?.conclusion ?? 'No goal was chosen.');
  if (harm === undefined) return { verdict, sentence };
  return {
    verdict: 'harm',
    sentence: verdict === 'undecided' || verdict === 'collecting' ? harm.conclusion : `${harm.conclusion} ${sentence}`,
  };
}

type Comparison = ExperimentMetricBody['comparisons'][number];

function comparisonsOf(
  metrics: readonly ExperimentMetricBody[],
  role: ExperimentMetricBody['role'],
): readonly Comparison[] {
  return metrics.filter((metric) => metric.role === role).flatMap(({ comparisons }) => comparisons);
}

/** From what decides to what does not say anything yet. */
const ORDER: readonly Verdict[] = [
  'better',
  'worse',
  'undecided',
  'collecting',
  'invalid-data',
  'zero-denominator',
  'no-variance',
  'too-few-users',
];

function goalVerdict(verdicts: ReadonlySet<Verdict>): OverallVerdict {
  if (verdicts.has('better') && verdicts.has('worse')) return 'mixed';
  return ORDER.find((verdict) => verdicts.has(verdict)) ?? 'no-users';
}

function mixedSentence(goals: readonly Comparison[]): string {
  const sentences = goals.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
  return sentences.map(({ conclusion }) => conclusion).join(' ');
}
