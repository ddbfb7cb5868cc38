import type { Compared } from './compare.js';
import type { NoEstimate } from './estimate.js';

/**
 * What may be said.
 *
 * - `invalid-data`: the sums cannot be right. `no-users`, `too-few-users`, `zero-denominator`, `no-variance`: there is no
 *   test yet.
 * - `wrong-split`: users were not split as planned, so no comparison is fair.
 * - `collecting`: too few users or events for the statistics to hold, or the planned size is not reached.
 * - `better`, `worse`, `undecided`: of a goal, and of a secondary metric as a hint.
 * - `harm`, `safe`, `undecided`: of a guardrail.
 */
export type Verdict =
  | 'invalid-data'
  | NoEstimate['status']
  | 'wrong-split'
  | 'collecting'
  | 'better'
  | 'worse'
  | 'harm'
  | 'safe'
  | 'undecided';

/** More users may still change it. */
export function isOpen(verdict: Verdict): boolean {
  return verdict === 'collecting' || verdict === 'undecided';
}

/** Users of each variation, and those of them with a value other than 0, below which normal theory does not hold. */
const LEAST = { n: 100, nonzero: 25 } as const;

export interface Evidence {
  readonly role: 'goal' | 'guardrail' | 'secondary';
  readonly result: Compared | NoEstimate | { readonly status: 'invalid-data' };
  readonly adjustedPValue: number | null;
  /** Of the smaller of the two variations. */
  readonly least: { readonly n: number; readonly nonzero: number };
  readonly wrongSplit: boolean;
  readonly method: 'always-valid' | 'fixed';
  readonly plannedUsers: number;
  readonly alpha: number;
  readonly lowerIsBetter?: boolean | undefined;
  readonly margin?: number | null | undefined;
}

/** The verdict on one metric of one variation. */
export function verdictOf(evidence: Evidence): Verdict {
  const { result, least, wrongSplit, method, plannedUsers, role } = evidence;
  if (result.status !== 'ok') return result.status;
  if (wrongSplit) return 'wrong-split';
  if (least.n < LEAST.n || least.nonzero < LEAST.nonzero) return 'collecting';
  if (method === 'fixed' && result.users < plannedUsers) return 'collecting';
  return role === 'guardrail' ? guard(result, evidence) : decide(result, evidence);
}

function decide({ difference }: Compared, { adjustedPValue, alpha, lowerIsBetter = false }: Evidence): Verdict {
  if (adjustedPValue === null || adjustedPValue >= alpha) return 'undecided';
  return difference > 0 !== lowerIsBetter ? 'better' : 'worse';
}

function guard({ low, high, relative }: Compared, { lowerIsBetter = false, margin }: Evidence): Verdict {
  if (lowerIsBetter ? low > 0 : high < 0) return 'harm';
  if (lowerIsBetter ? high < 0 : low > 0) return 'safe';
  if (relative.status !== 'ok') return 'undecided';
  return (lowerIsBetter ? -relative.high : relative.low) > -(margin ?? 0) ? 'safe' : 'undecided';
}
