import { BEFORE } from '../adapters/before.js';
import { LIMITS } from '../evaluation/limits.js';
import { BURSTS } from '../events/bursts.js';
import { EVALUATION_WORKLOADS, type EvaluationWorkload } from '../help.js';
import type { CommitResults } from '../sections/commit.js';
import type { EvaluationResult } from '../sections/evaluation.js';
import type { EventResults } from '../sections/events.js';
import { JSON_PARSE, type StartUpResult } from '../sections/start-up.js';
import type { SyncResult } from '../sections/sync.js';
import { rounded, times } from './numbers.js';

/** One thing that must be so before a release. */
export interface Bar {
  readonly what: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  /** What it must be. */
  readonly wanted: string;
  readonly isMet: boolean;
}

const FEATBIT = '@featbit/node-server-sdk';

/** At least so many times as fast as FeatBit's SDK, and as the best of all the others. */
const EVALUATION_BARS = {
  target: { featbit: 20, best: 15 },
  rules: { featbit: 40, best: 4 },
  rollout: { featbit: 10, best: 1.6 },
  segment: { featbit: 120, best: 10 },
  bulk: { featbit: 12, best: 4 },
} as const satisfies Partial<Record<EvaluationWorkload, { featbit: number; best: number }>>;

/**
 * At least so many times as fast as the better of LaunchDarkly and GrowthBook, with an engine that is linear. For users who
 * come back; what the engine costs for ever new texts is shown beside it, and is re2js's business.
 */
const REGEX_BAR = 1.5;
/** A rollout may take so many times as long as the platform's hash of its input. */
const HASH_BAR = 1.3;

export function evaluationBars(results: readonly EvaluationResult[]): Bar[] {
  return results.flatMap(({ workload, sdks, limits }) => {
    const name = EVALUATION_WORKLOADS[workload];
    const ours = sdks.get('fbclient') ?? Number.NaN;
    const others = [...sdks]
      .filter(([sdk]) => sdk !== 'fbclient' && sdk !== BEFORE)
      .map(([sdk, time]) => [sdk, time / ours] as const);
    const featbit = others.find(([sdk]) => sdk === FEATBIT)?.[1] ?? Number.NaN;
    const best = Math.min(...others.map(([, factor]) => factor));
    const bars: Bar[] = [];
    if (workload === 'regex') bars.push(atLeast(`${name}, of the fastest peer`, best, REGEX_BAR));
    if (workload in EVALUATION_BARS) {
      const wanted = EVALUATION_BARS[workload as keyof typeof EVALUATION_BARS];
      bars.push(atLeast(`${name}, of FeatBit`, featbit, wanted.featbit));
      bars.push(atLeast(`${name}, of the fastest peer`, best, wanted.best));
    }
    const hash = limits.get(LIMITS.md5);
    if (hash !== undefined) bars.push(atMost(`${name}, of a bare MD5`, ours / hash, HASH_BAR));
    return bars;
  });
}

/**
 * FeatBit's protocol has an event for every evaluation, so LaunchDarkly's SDK is compared as it is when it sends one too. A
 * summary tells less: see `docs/performance.md`. FeatBit's own SDK sends one event for a burst in which nothing differs,
 * and is not compared there.
 */
export function eventBars(results: EventResults): Bar[] {
  return [...results].flatMap(
    ([
      burst,
      {
        recorders: { fbclient, featbit, launchdarklyEach },
      },
    ]) => [
      atMost(`events, ${BURSTS[burst]}: CPU of LaunchDarkly's`, fbclient.cpu / launchdarklyEach.cpu, 0.5),
      atMost(`events, ${BURSTS[burst]}: longest stall of LaunchDarkly's`, fbclient.stall / launchdarklyEach.stall, 1),
      ...(burst === 'same'
        ? []
        : [
            atMost(`events, ${BURSTS[burst]}: CPU of FeatBit's`, fbclient.cpu / featbit.cpu, 0.2),
            atMost(`events, ${BURSTS[burst]}: longest stall of FeatBit's`, fbclient.stall / featbit.stall, 1 / 12),
          ]),
      {
        what: `events, ${BURSTS[burst]}: lost`,
        measured: rounded(fbclient.lost),
        wanted: '0',
        isMet: fbclient.lost === 0,
      },
    ],
  );
}

export function startUpBars(results: ReadonlyMap<string, StartUpResult>): Bar[] {
  const ours = results.get('fbclient');
  const parse = results.get(JSON_PARSE);
  if (ours === undefined || parse === undefined) return [];
  return [
    atMost('start-up, time of JSON.parse', ours.wall / parse.wall, 1.4),
    atMost('start-up, heap of JSON.parse', ours.heap / parse.heap, 0.8),
  ];
}

/** The machine's speed is in the second of them, and so is that of what comes before us. */
export function syncBars(results: readonly SyncResult[]): Bar[] {
  const ours = results.find(({ receiver }) => receiver === 'fbclient');
  const parse = results.find(({ receiver }) => receiver === 'ws and JSON.parse');
  if (ours === undefined || parse === undefined) return [];
  return [
    atMost('full sync of 20 MB, longest stall of one that parses it', ours.middle.stall / parse.middle.stall, 0.15),
    atMost('full sync of 20 MB, until ready of one that parses it', ours.middle.ready / parse.middle.ready, 0.6),
    atMost('full sync of 20 MB, peak of the text', ours.middle.peak / ours.bytes, 2.5),
  ];
}

export function commitBars({ ours }: CommitResults): Bar[] {
  return [atLeast('loading 10,000 flags, of committing one', ours.load / ours.patch, 500)];
}

/** One line a bar, those that are not met marked. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map(
      ({ what, measured, wanted, isMet }) => `${isMet ? 'ok    ' : 'MISSED'}  ${what}: ${measured}, wanted ${wanted}`,
    )
    .join('\n');
}

/** The same as a Markdown table. */
export function barTable(bars: readonly Bar[]): string {
  const rows = bars.map(({ what, measured, wanted, isMet }) => {
    return `| ${what} | ${isMet ? measured : `**${measured}**`} | ${wanted} | ${isMet ? 'yes' : '**no**'} |`;
  });
  return ['| bar | measured | wanted | met |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function atLeast(what: string, measured: number, wanted: number): Bar {
  return { what, measured: times(measured), wanted: `at least ${times(wanted)}`, isMet: measured >= wanted };
}

function atMost(what: string, measured: number, wanted: number): Bar {
  return { what, measured: times(measured), wanted: `at most ${times(wanted)}`, isMet: measured <= wanted };
}
