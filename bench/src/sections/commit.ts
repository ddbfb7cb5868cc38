import type { DataSink, FBClient } from 'fbclient';
import type { Build } from '../adapters/fbclient.js';
import { featbitEnvelope, PATCHED_AT } from '../adapters/featbit-format.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import type { Environment } from '../environment/model.js';
import { seededRandom } from '../environment/random.js';
import { median } from '../measure/statistics.js';

export const COMMIT_FLAGS = 10_000;

/** CPU time from the text to the new state, medians. */
export interface CommitResult {
  /** All flags, in milliseconds. */
  readonly load: number;
  /** One flag among them, in milliseconds. */
  readonly patch: number;
  /** A bare JSON.parse of the text with all flags, in milliseconds. */
  readonly parseAll: number;
  /** A bare JSON.parse of the text with one flag, in milliseconds. */
  readonly parseOne: number;
}

/** Patches in one measurement: one alone is too short for the clock. */
const PATCHES = 200;

/** Measures what it costs a build to load an environment anew, and to commit a newer version of one of its flags. */
export async function measureCommit(build: Build, rounds: number): Promise<CommitResult> {
  const random = seededRandom(10_000);
  const environment = makeEnvironment(random, COMMIT_FLAGS, makeSegments(random, 200, [20, 200]));
  const full = featbitEnvelope(environment);
  const { client, sink } = await fedClient(build);
  const times: Record<keyof CommitResult, number[]> = { load: [], patch: [], parseAll: [], parseOne: [] };
  let version = Date.parse(PATCHED_AT);
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round++) {
    const patches = Array.from({ length: PATCHES }, (_, i) => patchOf(environment, round * PATCHES + i, ++version));
    const result = {
      load: await cpuTime(() => accept(sink, full)),
      patch:
        (await cpuTime(async () => {
          for (const patch of patches) await accept(sink, patch);
        })) / PATCHES,
      parseAll: await cpuTime(() => JSON.parse(full)),
      parseOne: (await cpuTime(() => patches.map((patch) => JSON.parse(patch)))) / PATCHES,
    };
    if (client.diagnostics().data.version !== version) throw new Error('a patch was not committed');
    if (round === 0) continue;
    for (const name of Object.keys(times) as (keyof CommitResult)[]) times[name].push(result[name]);
  }
  await client.close();
  return {
    load: median(times.load),
    patch: median(times.patch),
    parseAll: median(times.parseAll),
    parseOne: median(times.parseOne),
  };
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
