import type { DataSink, FBClient } from 'fbclient';
import type { Build } from '../adapters/fbclient.js';
import { featbitEnvelope, PATCHED_AT } from '../adapters/featbit-format.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import type { Environment } from '../environment/model.js';
import { seededRandom } from '../environment/random.js';
import { median } from '../measure/statistics.js';

export const COMMIT_FLAGS = 10_000;

/** CPU time from the text to the new state, medians; of many flags with all that is done for them later. */
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

/** Patches in one measurement: one alone is too short for the clock, and of a few the compiler takes the most. */
export const PATCHES = 200;

/** Measures what it costs builds, in turns, to load an environment anew, and to commit a newer version of one of its flags. */
export async function measureCommit(builds: readonly Build[], rounds: number): Promise<readonly CommitResult[]> {
  const random = seededRandom(10_000);
  const environment = makeEnvironment(random, COMMIT_FLAGS, makeSegments(random, 200, [20, 200]));
  const full = featbitEnvelope(environment);
  const sides = await Promise.all(
    builds.map(async (build) => {
      const times: Record<keyof CommitResult, number[]> = {
        load: [],
        reload: [],
        patch: [],
        parseAll: [],
        parseOne: [],
      };
      return { build, times, ...(await fedClient(build)) };
    }),
  );
  let version = Date.parse(PATCHED_AT);
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round++) {
    const patches = Array.from({ length: PATCHES }, (_, i) => patchOf(environment, round * PATCHES + i, ++version));
    for (const { build, client, sink, times } of sides) {
      const result = {
        load: await loadAnew(build, full),
        reload: await cpuTime(() => acceptAll(sink, full)),
        patch: await patchTime(sink, patches),
        parseAll: await cpuTime(() => JSON.parse(full)),
        parseOne: (await cpuTime(() => patches.map((patch) => JSON.parse(patch)))) / PATCHES,
      };
      if (client.diagnostics().data.version !== version) throw new Error('a patch was not committed');
      if (round === 0) continue;
      for (const name of Object.keys(result) as (keyof CommitResult)[]) times[name].push(result[name]);
    }
  }
  await Promise.all(sides.map(({ client }) => client.close()));
  return sides.map(({ times }) => ({
    load: median(times.load),
    reload: median(times.reload),
    patch: median(times.patch),
    parseAll: median(times.parseAll),
    parseOne: median(times.parseOne),
  }));
}

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
