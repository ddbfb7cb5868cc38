import { BEFORE } from '../adapters/before.js';
import { sdk as fbclientSdk } from '../adapters/fbclient.js';
import { sdk as featbitSdk } from '../adapters/featbit.js';
import { sdk as launchdarklySdk } from '../adapters/launchdarkly.js';
import type { Sdk } from '../adapters/sdk.js';
import type { Burst, BurstResult } from '../events/bursts.js';
import type { EventsJob, MeasuredBurst } from '../events/child.js';
import { inTurns } from '../measure/rounds.js';
import { median, medians } from '../measure/statistics.js';
import { inFreshProcess } from '../process/job.js';

/** The SDKs that record evaluations; LaunchDarkly's both as it does by default and with an event for each. */
const RECORDERS = {
  fbclient: { sdk: fbclientSdk, everyEvaluation: true, label: 'fbclient' },
  featbit: { sdk: featbitSdk, everyEvaluation: true, label: '@featbit/node-server-sdk' },
  launchdarkly: { sdk: launchdarklySdk, everyEvaluation: false, label: '@launchdarkly/node-server-sdk, summaries' },
  launchdarklyEach: {
    sdk: launchdarklySdk,
    everyEvaluation: true,
    label: '@launchdarkly/node-server-sdk, trackEvents',
  },
} as const satisfies Record<string, { readonly sdk: Sdk; readonly everyEvaluation: boolean; readonly label: string }>;

/** `before`: an earlier build of fbclient, where one is measured. */
export type Recorder = keyof typeof RECORDERS | 'before';

/** As they are called in the table, in its order. */
export const RECORDER_LABELS: readonly (readonly [Recorder, string])[] = [
  ['fbclient', RECORDERS.fbclient.label],
  ['before', BEFORE],
  ['featbit', RECORDERS.featbit.label],
  ['launchdarkly', RECORDERS.launchdarkly.label],
  ['launchdarklyEach', RECORDERS.launchdarklyEach.label],
];

/** What has the events ready is measured beside them. */
const LIMIT = {
  recorder: 'ready',
  sdk: { module: new URL('../events/ready-events.js', import.meta.url).href },
  everyEvaluation: true,
  label: 'ready events',
} as const;

export interface BurstResults {
  /** The middle of the rounds. */
  readonly recorders: Readonly<Record<keyof typeof RECORDERS, BurstResult>> & { readonly before?: BurstResult };
  /** Nanoseconds of CPU time for each event when the texts of the events are there, and have to be sent only. */
  readonly ready: number;
  /** Nanoseconds of CPU time that a bare `JSON.stringify` of ours takes for each event, the objects being there. */
  readonly stringify: number;
}

export type EventResults = ReadonlyMap<Burst, BurstResults>;

/** Events that are written for the limit. */
const WRITTEN = 8_000;

/**
 * Measures bursts of evaluations with events on, the SDKs in turns.
 *
 * @param rounds fresh processes for each SDK, in which it goes through all bursts.
 * @param repeats how often it does each of them.
 * @param before an earlier build of fbclient.
 */
export async function measureEvents(
  bursts: readonly Burst[],
  { rounds, repeats }: { readonly rounds: number; readonly repeats: number },
  before: Sdk | undefined,
): Promise<EventResults> {
  const recorders = [
    ...Object.entries(RECORDERS).map(([recorder, settings]) => ({ recorder, ...settings })),
    ...(before === undefined ? [] : [{ recorder: 'before', sdk: before, everyEvaluation: true, label: BEFORE }]),
    LIMIT,
  ];
  const file = new URL('../events/child.js', import.meta.url);
  const measured = await inTurns(recorders, rounds, ({ sdk: { module }, everyEvaluation, label }) =>
    inFreshProcess<EventsJob, readonly MeasuredBurst[]>(label, file, { module, everyEvaluation, bursts, repeats }),
  );
  return new Map(
    bursts.map((burst, index) => {
      const row = [...measured].map(
        ([{ recorder }, all]) => [recorder, all.flatMap((bursts) => bursts[index] ?? [])] as const,
      );
      const results = row.map(([recorder, all]) => [recorder, medians(all.map(({ result }) => result))] as const);
      const [sample] = row.flatMap(([recorder, all]) => (recorder === 'fbclient' ? all : []));
      const { ready, ...recorders } = Object.fromEntries(results) as BurstResults['recorders'] & { ready: BurstResult };
      return [burst, { recorders, ready: ready.cpu, stringify: stringifyTime(sample?.sample ?? '[]') }];
    }),
  );
}

/** What JSON.stringify alone takes for the events of a request. */
function stringifyTime(body: string): number {
  const events = JSON.parse(body) as readonly unknown[];
  const times = Array.from({ length: 21 }, () => {
    const before = process.cpuUsage();
    let written = 0;
    while (written < WRITTEN) {
      JSON.stringify(events);
      written += events.length;
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / written;
  });
  return median(times);
}
