/** Bursts of evaluations with one SDK, events on, in a fresh process that sends them to a server of its own. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Client, loadSdk } from '../adapters/sdk.js';
import { type MixedStep, makeWorkloads, type Workloads } from '../environment/workloads.js';
import { medians } from '../measure/statistics.js';
import { doJob } from '../process/job.js';
import { type Sink, startSink } from '../sink/start-sink.js';
import type { Burst, BurstResult } from './bursts.js';

/** Evaluations in a burst. */
const BURST = 8_000;
/** Evaluations in one turn of the event loop, as requests to a service come in. */
const TURN = 100;
/** Bursts before any is measured: clients' HTTP code is a long way, and compiled by and by. */
const WARM_UP = 16;

export interface EventsJob {
  /** The adapter's. */
  readonly module: string;
  /** Asks for an event for each evaluation where the SDK would send summaries. */
  readonly everyEvaluation: boolean;
  readonly bursts: readonly Burst[];
  /** How often each burst is measured. */
  readonly repeats: number;
}

export interface MeasuredBurst {
  /** The middle of the repeats. */
  readonly result: BurstResult;
  /** What one of the requests has brought. */
  readonly sample: string;
}

doJob(async ({ module, everyEvaluation, bursts, repeats }: EventsJob): Promise<readonly MeasuredBurst[]> => {
  const sdk = await loadSdk(module);
  const workloads = makeWorkloads();
  await using sink = await startSink();
  const client = await sdk.open(sdk.encode(workloads.environment, everyEvaluation), { eventsUrl: sink.url });
  const warmUp = burstSteps(workloads, 'mixed');
  for (let burst = 0; burst < WARM_UP; burst++) await playBurst(client, sdk.isAsync, warmUp)();
  const measured: MeasuredBurst[] = [];
  for (const burst of bursts) {
    const steps = burstSteps(workloads, burst);
    // Once more than is measured, for what this burst needs more of the compiler.
    const { sample } = await measureBurst(client, sdk.isAsync, steps, sink);
    const results: BurstResult[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      results.push((await measureBurst(client, sdk.isAsync, steps, sink)).result);
    }
    measured.push({ result: medians(results), sample });
  }
  await client.close();
  return measured;
});

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

/** Does a burst twice: once for the CPU time alone, and once with a watch on the event loop, which costs CPU time itself. */
async function measureBurst(
  client: Client,
  isAsync: boolean,
  steps: readonly MixedStep[],
  sink: Sink,
): Promise<MeasuredBurst> {
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
  return { result: { cpu: ((user + system) * 1_000) / BURST, bytes, requests, stall, lost }, sample };
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
