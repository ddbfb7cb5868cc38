import type { LedgerSummary } from './ledger.js';
import type { Sample } from './protocol.js';

/** Everything that a soak found out. */
export interface Findings {
  readonly faults: Readonly<Record<string, number>>;
  /** How often each fault should have come at least. */
  readonly expectedOfEach: number;
  /** The last sample; absent when the process did not live to give it. */
  readonly last: Sample | undefined;
  /** The heap after a garbage collection, in bytes, the oldest first. */
  readonly heap: readonly number[];
  readonly ledger: LedgerSummary;
  /** Whether an event may arrive twice. */
  readonly losesAnswers: boolean;
  /** The longest that a value was seen that was the server's no more, in milliseconds; absent where nobody looked. */
  readonly stalest?: number | undefined;
  /** Flags whose value is not the server's. */
  readonly differing: number;
  readonly flags: number;
  /** From the end of the last fault to the server's state, in milliseconds; absent when it was not reached. */
  readonly recovery: number | undefined;
  /** How long close() took, in milliseconds. */
  readonly closing: number | undefined;
  /** How long the process took to end by itself afterwards, in milliseconds; absent when it did not. */
  readonly exit: number | undefined;
  /** How the process ended before it was asked to. */
  readonly died: string | undefined;
}

/** One line of the table at the end. */
export interface Line {
  readonly what: string;
  readonly figure: string;
  /** Absent where a figure is only told. */
  readonly good?: boolean;
}

/** Growth of the heap that garbage collection's own noise does not explain, in bytes. */
const HEAP_GROWTH = 3 * 1024 * 1024;
/** Samples of the heap that are needed to say anything of it. */
const HEAP_SAMPLES = 6;
/** What close() may take, in milliseconds: fbclient's default and the lateness of a timer. */
const CLOSE_LIMIT = 5_500;
/** How long a value may be wrong, in milliseconds: an absence, a full after it, and what waits behind others. */
const STALE_LIMIT = 20_000;
/** What a process may take to end by itself when all is closed, in milliseconds. */
export const EXIT_LIMIT = 5_000;

/** Judges what a soak found out. */
export function judge(findings: Findings): readonly Line[] {
  const { last, ledger, recovery } = findings;
  const counts = Object.values(findings.faults);
  return [
    {
      what: 'faults, the rarest kind',
      figure: `${counts.reduce((sum, count) => sum + count, 0)}, ${Math.min(...counts)} (at least ${findings.expectedOfEach})`,
      good: Math.min(...counts) >= findings.expectedOfEach,
    },
    { what: 'the process', figure: findings.died ?? 'lived', good: findings.died === undefined },
    {
      what: 'unhandled rejections and uncaught exceptions',
      figure: `${last?.unhandled.length ?? 'unknown'}`,
      good: last?.unhandled.length === 0,
    },
    { what: 'evaluations that threw', figure: `${last?.thrown} of ${last?.evaluations}`, good: last?.thrown === 0 },
    connectionsLine(last),
    {
      what: 'flags that differ from the server at the end',
      figure: `${findings.differing} of ${findings.flags}`,
      good: findings.differing === 0,
    },
    {
      what: 'the server’s state was reached after the last fault in',
      figure: recovery === undefined ? 'never' : seconds(recovery),
      good: recovery !== undefined,
    },
    ...(findings.stalest === undefined ? [] : [staleLine(findings.stalest)]),
    ...eventLines(last, ledger, findings.losesAnswers),
    heapLine(findings.heap),
    {
      what: 'longest stall of the event loop',
      figure: last === undefined ? 'unknown' : `${last.longestStall.toFixed(0)} ms`,
    },
    {
      what: 'close()',
      figure: findings.closing === undefined ? 'never ended' : seconds(findings.closing),
      good: (findings.closing ?? Number.POSITIVE_INFINITY) <= CLOSE_LIMIT,
    },
    {
      what: 'the process ended by itself after',
      figure: findings.exit === undefined ? `not within ${seconds(EXIT_LIMIT)}` : seconds(findings.exit),
      good: findings.exit !== undefined,
    },
  ];
}

function connectionsLine(last: Sample | undefined): Line {
  const what = 'connections made, the most at once';
  if (last === undefined) return { what, figure: 'unknown', good: false };
  const { connections, mostConnections } = last;
  if (mostConnections === undefined)
    return { what: 'connections made, those for events included', figure: `${connections}` };
  return { what, figure: `${connections}, ${mostConnections}`, good: mostConnections <= 1 };
}

function staleLine(stalest: number): Line {
  return { what: 'the longest that a value was wrong', figure: seconds(stalest), good: stalest <= STALE_LIMIT };
}

function eventLines(last: Sample | undefined, ledger: LedgerSummary, losesAnswers: boolean): readonly Line[] {
  const { received, duplicates, swallowed } = ledger;
  const recorded = last?.recorded ?? 0;
  const own = last?.own;
  const lines: Line[] = [
    { what: 'events recorded', figure: `${recorded}` },
    { what: 'events received, once each', figure: `${received}` },
    losesAnswers
      ? { what: 'receipts beyond the first (answers got lost)', figure: `${duplicates}` }
      : { what: 'receipts beyond the first', figure: `${duplicates}`, good: duplicates === 0 },
    { what: 'events that were answered with status 200 and lost', figure: `${swallowed}` },
  ];
  const missing = recorded - received - swallowed;
  if (own === undefined) {
    return [...lines, { what: 'events missing, and nothing counts them', figure: `${missing}`, good: missing === 0 }];
  }
  const arrived = received + swallowed;
  return [
    ...lines,
    { what: 'events that the SDK counts as sent, as lost', figure: `${own.sent}, ${own.lost}` },
    {
      what: 'recorded − sent − lost by the SDK’s own count',
      figure: `${recorded - own.sent - own.lost}`,
      good: recorded === own.sent + own.lost,
    },
    {
      // Lost to the SDK may have arrived all the same: its answer was lost. Sent must have arrived.
      what: 'events missing that the SDK does not count as lost',
      figure: `${Math.max(missing - own.lost, own.sent - arrived, 0)}`,
      good: missing <= own.lost && own.sent <= arrived,
    },
  ];
}

function heapLine(heap: readonly number[]): Line {
  const what = 'heap after garbage collection, early and late';
  if (heap.length < HEAP_SAMPLES) return { what, figure: 'too few samples' };
  // The first samples belong to the start: code is still being compiled.
  const third = Math.floor(heap.length / 3);
  const early = median(heap.slice(1, 1 + third));
  const late = median(heap.slice(-third));
  return { what, figure: `${megabytes(early)}, ${megabytes(late)}`, good: late - early <= HEAP_GROWTH };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
