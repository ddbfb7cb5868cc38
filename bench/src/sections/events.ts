import { setImmediate as nextTurn } from 'node:timers/promises';
import { BEFORE } from '../adapters/before.js';
import { sdk as fbclientSdk } from '../adapters/fbclient.js';
import { sdk as featbitSdk } from '../adapters/featbit.js';
import { sdk as launchdarklySdk } from '../adapters/launchdarkly.js';
import type { Client, Sdk } from '../adapters/sdk.js';
import { type MixedStep, makeWorkloads, type Workloads } from '../environment/workloads.js';
import { median } from '../measure/statistics.js';
import { type Sink, startSink } from '../sink/start-sink.js';

/** Evaluations in a burst. */
export const BURST = 8_000;
/** Evaluations in one turn of the event loop, as requests to a service come in. */
const TURN = 100;
/** Bursts that each SDK does before any is measured: clients' HTTP code is a long way, and compiled by and by. */
const WARM_UP = 16;

/** The evaluation workloads that record events, and one in which nothing ever differs: the best case of a summary. */
export const BURSTS = {
  target: 'individual target, 1,000 users',
  rules: 'five rules, 1,000 users',
  rollout: 'percentage rollout, 8,000 users',
  segment: 'segment, 1,000 users',
  regex: 'regex rule, 1,000 users',
  mixed: 'mixed day, 1,000 users',
  same: 'one flag, one user',
} as const;

export type Burst = keyof typeof BURSTS;

interface RecorderSettings {
  readonly sdk: Sdk;
  readonly everyEvaluation: boolean;
  readonly label: string;
}

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
} as const satisfies Record<string, RecorderSettings>;

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

/** Medians over the rounds. */
export interface BurstResult {
  /** Nanoseconds of CPU time an evaluation: evaluating, recording, encoding and sending. */
  readonly cpu: number;
  readonly bytes: number;
  readonly requests: number;
  /** The longest time between two turns of the event loop, in milliseconds. */
  readonly stall: number;
  /** Evaluations that the sink was not told of. */
  readonly lost: number;
}

export interface BurstResults {
  readonly recorders: Readonly<Record<keyof typeof RECORDERS, BurstResult>> & { readonly before?: BurstResult };
  /** Nanoseconds of CPU time that a bare `JSON.stringify` of ours takes for each event, the objects being there. */
  readonly stringify: number;
}

export type EventResults = ReadonlyMap<Burst, BurstResults>;

interface Round {
  readonly sample: string;
  readonly cpu: number;
  readonly bytes: number;
  readonly requests: number;
  readonly lost: number;
  readonly stall: number;
}

/**
 * Measures bursts of evaluations with events on, the SDKs in turns. A round is done twice: once for the CPU time alone, and
 * once with a watch on the event loop, which costs CPU time itself.
 *
 * @param before an earlier build of fbclient.
 */
export async function measureEvents(
  bursts: readonly Burst[],
  rounds: number,
  before: Sdk | undefined,
): Promise<EventResults> {
  const sink = await startSink();
  const workloads = makeWorkloads();
  const recorders = new Map<Recorder, RecorderSettings>(
    Object.entries(RECORDERS) as [keyof typeof RECORDERS, RecorderSettings][],
  );
  if (before !== undefined) recorders.set('before', { sdk: before, everyEvaluation: true, label: BEFORE });
  const clients = new Map<Recorder, { readonly client: Client; readonly isAsync: boolean }>();
  try {
    for (const [recorder, { sdk, everyEvaluation }] of recorders) {
      const text = sdk.encode(workloads.environment, everyEvaluation);
      const client = await sdk.open(text, { eventsUrl: sink.url });
      clients.set(recorder, { client, isAsync: sdk.isAsync });
    }
    const warmUp = burstSteps(workloads, 'mixed');
    for (let round = 0; round < WARM_UP; round++) {
      for (const { client, isAsync } of clients.values()) await playBurst(client, isAsync, warmUp)();
    }
    const results = new Map<Burst, BurstResults>();
    for (const burst of bursts) {
      const steps = burstSteps(workloads, burst);
      const measured = new Map<Recorder, Round[]>(Array.from(recorders.keys(), (recorder) => [recorder, []]));
      // The first round is for what this burst needs more of the compiler.
      for (let round = 0; round <= rounds; round++) {
        // There and back, so that nobody always has the same one's garbage before him.
        const order = round % 2 === 0 ? [...clients] : [...clients].reverse();
        for (const [recorder, { client, isAsync }] of order) {
          const result = await runRound(client, isAsync, steps, sink);
          if (round > 0) measured.get(recorder)?.push(result);
        }
      }
      const row = Array.from(measured, ([recorder, all]) => [recorder, summary(all)]);
      results.set(burst, {
        recorders: Object.fromEntries(row) as BurstResults['recorders'],
        stringify: stringifyTime(measured.get('fbclient')?.[0]?.sample ?? '[]'),
      });
    }
    return results;
  } finally {
    for (const { client } of clients.values()) await client.close();
    await sink.stop();
  }
}

function burstSteps(workloads: Workloads, burst: Burst): readonly MixedStep[] {
  const all = stepsOf(workloads, burst);
  return Array.from({ length: BURST }, (_, i) => all[i % all.length]).filter((step) => step !== undefined);
}

function stepsOf(workloads: Workloads, burst: Burst): readonly MixedStep[] {
  switch (burst) {
    case 'mixed':
      return workloads.mixed;
    case 'same':
      return workloads.mixed.filter(({ flag }) => flag.key === 'plainly-on').slice(0, 1);
    default: {
      const { flag, users } = workloads[burst];
      return users.map((user) => ({ flag, user }));
    }
  }
}

/** Prepares a burst; the call that is returned evaluates, and resolves when all has been delivered. */
function playBurst(client: Client, isAsync: boolean, steps: readonly MixedStep[]): () => Promise<void> {
  const prepared = steps.map(({ flag, user }) => ({
    flagKey: flag.key,
    isText: flag.kind === 'variants',
    subject: client.prepare(user),
  }));
  return async () => {
    for (let start = 0; start < prepared.length; start += TURN) {
      for (const { flagKey, isText, subject } of prepared.slice(start, start + TURN)) {
        const answer = isText ? client.text(flagKey, subject) : client.isOn(flagKey, subject);
        if (isAsync) await answer;
      }
      await nextTurn();
    }
    await client.flush();
  };
}

async function runRound(client: Client, isAsync: boolean, steps: readonly MixedStep[], sink: Sink): Promise<Round> {
  const burst = playBurst(client, isAsync, steps);
  await sink.counts();
  globalThis.gc?.({ type: 'minor' });
  const before = process.cpuUsage();
  await burst();
  const { user, system } = process.cpuUsage(before);
  const { bytes, requests, evaluations, sample } = await sink.counts();
  const stall = await longestStall(burst);
  const watched = await sink.counts();
  const lost = Math.max(BURST - evaluations, BURST - watched.evaluations);
  return { cpu: ((user + system) * 1_000) / BURST, bytes, requests, lost, stall, sample };
}

/** What JSON.stringify alone takes for the events of a request. */
function stringifyTime(body: string): number {
  const events = JSON.parse(body) as readonly unknown[];
  const times = Array.from({ length: 21 }, () => {
    const before = process.cpuUsage();
    let written = 0;
    while (written < BURST) {
      JSON.stringify(events);
      written += events.length;
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / written;
  });
  return median(times);
}

/** Does something while it watches how long each turn of the event loop takes. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let watching = true;
  const watch = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(watch);
  };
  setImmediate(watch);
  await work();
  watching = false;
  return longest;
}

function summary(rounds: readonly Round[]): BurstResult {
  const of = (field: keyof BurstResult): number => median(rounds.map((round) => round[field]));
  return { cpu: of('cpu'), bytes: of('bytes'), requests: of('requests'), stall: of('stall'), lost: of('lost') };
}
