import type { Line } from '../verdict.js';
import type { Ledger } from './ledger.js';
import type { Quiet } from './quiet.js';

/** Everything that a run found out. Durations in milliseconds. */
export interface Findings {
  readonly quiet: Quiet;
  /** How often each fault came. */
  readonly faults: ReadonlyMap<string, number>;
  readonly ledger: Pick<Ledger, 'changes' | 'insights' | 'refusals' | 'doubts'>;
  /** The numbers of all changes that the database says were ever made. */
  readonly applied: ReadonlySet<number>;
  /** Insights that the database has counted. */
  readonly counted: number;
  /** What came at streams in the wrong order. */
  readonly disorder: readonly string[];
  /** From the end of the last fault until everybody had what the database has. */
  readonly inSync: number;
  /** Streams and SDKs that still had something else when nobody waited any more. */
  readonly behind: number;
}

/** How soon everybody must have a change of another center, and refuse a token that was revoked there. */
const AGREE_LIMIT = 250;
/** How soon after the last fault everybody must be in sync. */
export const SYNC_LIMIT = 10_000;
/** How long the answer may take that refuses a change: 2 s, and what a machine adds that has all of this to do. */
const REFUSAL_LIMIT = 2_500;

/** Holds what was found out to what is promised. */
export function linesOf(findings: Findings): readonly Line[] {
  const { quiet, faults, ledger, applied, counted, disorder, inSync, behind } = findings;
  const { acknowledged, refused, unknown } = ledger.changes;
  const lost = [...acknowledged].filter((change) => !applied.has(change));
  const made = [...refused].filter((change) => applied.has(change));
  const { insights } = ledger;
  const refusals = [...ledger.refusals.values()].flat();
  const taken = quiet.takenHere.reduce((sum, count) => sum + count, 0);
  return [
    spread('change → its answer', quiet.answered),
    spread('change at one center → SDK stream at the other', quiet.toStreams, AGREE_LIMIT),
    spread('change at one center → page at the other', quiet.toPages, AGREE_LIMIT),
    {
      what: 'requests with a revoked token, taken by the center that revoked it',
      figure: `${taken} of ${quiet.takenHere.length} tokens`,
      good: taken === 0 && quiet.takenHere.length > 0,
    },
    spread('token revoked at one center → refused by the other', quiet.refusedThere, AGREE_LIMIT),
    spread('token revoked at one center → its events end at the other', quiet.endedThere, AGREE_LIMIT),
    { what: 'the process that measured this was late itself by, p99', figure: milliseconds(quiet.ownDelay) },
    ...[...faults].map(([title, count]) => ({ what: `fault: ${title}`, figure: String(count) })),
    {
      what: 'changes acknowledged, refused, unknown',
      figure: `${acknowledged.size}, ${refused.size}, ${unknown.size}`,
      good: acknowledged.size > 0,
    },
    listed('acknowledged changes that were lost', lost),
    listed('refused changes that were made', made),
    spread('answers that refuse a change', refusals, REFUSAL_LIMIT),
    ...[...ledger.refusals].map(([reason, times]) => spread(`  ${reason.slice(0, 60)}`, times)),
    ...[...ledger.doubts].map(([reason, count]) => ({
      what: `  unknown: ${reason.slice(0, 50)}`,
      figure: String(count),
    })),
    listed('versions that did not grow in a stream', disorder),
    {
      what: 'everybody in sync after the last fault',
      figure: behind === 0 ? `${(inSync / 1_000).toFixed(1)} s` : `${behind} never`,
      good: behind === 0 && inSync <= SYNC_LIMIT,
    },
    {
      what: 'insights acknowledged, refused, unknown; counted',
      figure: `${insights.acknowledged}, ${insights.refused}, ${insights.unknown}; ${counted}`,
      good: counted >= insights.acknowledged && counted <= insights.acknowledged + insights.unknown,
    },
  ];
}

/** @param limit what all but a hundredth must stay below, where there are any. */
function spread(what: string, times: readonly number[], limit?: number): Line {
  if (times.length === 0) return { what, figure: 'none' };
  const [half, most, last] = [0.5, 0.99, 1].map((share) => milliseconds(quantile(times, share)));
  const line = { what, figure: `p50 ${half}, p99 ${most}, at most ${last} (${times.length})` };
  return limit === undefined ? line : { ...line, good: quantile(times, 0.99) <= limit };
}

function listed(what: string, all: readonly unknown[]): Line {
  const some = all.slice(0, 10).join('; ');
  return { what, figure: all.length === 0 ? '0' : `${all.length}: ${some}`, good: all.length === 0 };
}

/** The least time that at least this share of all is not above; infinite where nothing was measured. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY;
}

function milliseconds(time: number): string {
  return Number.isFinite(time) ? `${time.toFixed(time < 10 ? 1 : 0)} ms` : 'never';
}
