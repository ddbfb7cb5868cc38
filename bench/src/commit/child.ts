/** Loads and patches of one build in a fresh process. */
import type { DataSink, FBClient } from 'fbclient';
import { loadBuild } from '../adapters/before.js';
import type { Build } from '../adapters/fbclient-build.js';
import { featbitEnvelope, PATCHED_AT } from '../adapters/featbit-format.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import type { Environment } from '../environment/model.js';
import { seededRandom } from '../environment/random.js';
import { medians } from '../measure/statistics.js';
import { doJob } from '../process/job.js';

const FLAGS = 10_000;

export interface CommitJob {
  /** The folder of an earlier build; absent for ours. */
  readonly before?: string;
  /** Patches in one measurement: one alone is too short for the clock, and of a few the compiler takes the most. */
  readonly patches: number;
  /** How often everything is measured. */
  readonly repeats: number;
}

/** CPU time from the text to the new state, the middle of the repeats; of many flags with all that is done for them later. */
export interface CommitResult {
  /** All flags, in milliseconds. */
  readonly load: number;
  /** All flags once more, in milliseconds; those that were patched meanwhile are other ones. */
  readonly reload: number;
  /** One flag among them, in milliseconds. */
  readonly patch: number;
  /** A bare JSON.parse of the text with all flags, in milliseconds. */
  readonly parseAll: number;
  /** A bare JSON.parse of the text with one flag, in milliseconds. */
  readonly parseOne: number;
}

doJob(async ({ before, patches: count, repeats }: CommitJob): Promise<CommitResult> => {
  const build = before === undefined ? await import('fbclient') : await loadBuild(before);
  const random = seededRandom(10_000);
  const environment = makeEnvironment(random, FLAGS, makeSegments(random, 200, [20, 200]));
  const full = featbitEnvelope(environment);
  const { client, sink } = await fedClient(build);
  const results: CommitResult[] = [];
  let version = Date.parse(PATCHED_AT);
  // Once more than is measured, for the compiler.
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const patches = Array.from({ length: count }, (_, i) => patchOf(environment, repeat * count + i, ++version));
    results.push({
      load: await loadAnew(build, full),
      reload: await cpuTime(() => acceptAll(sink, full)),
      patch: await patchTime(sink, patches),
      parseAll: await cpuTime(() => JSON.parse(full)),
      parseOne: (await cpuTime(() => patches.map((patch) => JSON.parse(patch)))) / count,
    });
    if (client.diagnostics().data.version !== version) throw new Error('a patch was not committed');
  }
  return medians(results.slice(1));
});

async function patchTime(sink: DataSink, patches: readonly string[]): Promise<number> {
  const time = await cpuTime(async () => {
    for (const patch of patches) await accept(sink, patch);
  });
  return time / patches.length;
}

/** Turns of the event loop after which nothing goes on that a load has left for later: slices are of 8 ms. */
const TURNS = 200;

async function loadAnew(build: Build, full: string): Promise<number> {
  const { client, sink } = await fedClient(build);
  const time = await cpuTime(() => acceptAll(sink, full));
  await client.close();
  return time;
}

async function acceptAll(sink: DataSink, text: string): Promise<void> {
  await accept(sink, text);
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function fedClient(build: Build): Promise<{ readonly client: FBClient; readonly sink: DataSink }> {
  let given: DataSink | undefined;
  const client = new build.FBClient({
    disableEvents: true,
    proxy: false,
    dataSource: {
      start: (sink) => {
        given = sink;
      },
      close: () => undefined,
    },
  });
  if (given === undefined) throw new Error('the client did not start its data source');
  return { client, sink: given };
}

function patchOf(environment: Environment, index: number, version: number): string {
  const flag = environment.flags[index % environment.flags.length];
  if (flag === undefined) throw new Error('the environment has no flags');
  const text = featbitEnvelope({ flags: [flag], segments: environment.segments }, 'patch');
  const envelope = JSON.parse(text);
  for (const one of envelope.data.featureFlags) one.updatedAt = new Date(version).toISOString();
  envelope.data.segments = [];
  return JSON.stringify(envelope);
}

async function accept(sink: DataSink, text: string): Promise<void> {
  if (!(await sink.accept(text))) throw new Error('an envelope was not committed');
}

/** In milliseconds. */
async function cpuTime(work: () => unknown): Promise<number> {
  globalThis.gc?.({ type: 'minor' });
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
