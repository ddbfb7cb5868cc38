import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sdk as fbclientSdk } from '../adapters/fbclient.js';
import type { Sdk } from '../adapters/sdk.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import { seededRandom } from '../environment/random.js';
import { inTurns } from '../measure/rounds.js';
import { medians } from '../measure/statistics.js';
import { inFreshProcess } from '../process/job.js';
import type { StartUp, StartUpJob } from '../start-up/child.js';

export const START_UP_FLAGS = 5_000;
export const START_UP_SEGMENTS = 200;

/** As it is called in the results: what our own text costs to parse and to keep, and nothing else. */
export const JSON_PARSE = 'JSON.parse';

/** Limits on the same text: what has to be done at least, and what has to be kept. */
export const ONE_PASS = 'one pass over its bytes';
export const BARE_TABLES = 'bare tables of what decides';

const LIMITS: readonly { readonly name: string; readonly module: string | undefined }[] = [
  { name: JSON_PARSE, module: undefined },
  { name: ONE_PASS, module: new URL('../start-up/one-pass.js', import.meta.url).href },
  { name: BARE_TABLES, module: new URL('../start-up/bare-tables.js', import.meta.url).href },
];

export interface StartUpResult extends StartUp {
  /** The text's length in bytes. */
  readonly bytes: number;
}

/** Measures starts with a large environment, each in a fresh process, in turns; medians by SDK, and by limit. */
export async function measureStartUp(
  sdks: readonly Sdk[],
  rounds: number,
): Promise<ReadonlyMap<string, StartUpResult>> {
  const random = seededRandom(5_000);
  const environment = makeEnvironment(random, START_UP_FLAGS, makeSegments(random, START_UP_SEGMENTS, [20, 200]));
  const folder = mkdtempSync(join(tmpdir(), 'fbclient-bench-'));
  try {
    const limits = LIMITS.map((limit) => ({ ...limit, text: fbclientSdk.encode(environment) }));
    const encoded = sdks.map((sdk) => ({ name: sdk.name, module: sdk.module, text: sdk.encode(environment) }));
    const starts = [...encoded, ...limits].map(({ name, module, text }, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, text);
      const job: StartUpJob = module === undefined ? { file } : { file, module };
      return { name, job, bytes: Buffer.byteLength(text) };
    });
    const child = new URL('../start-up/child.js', import.meta.url);
    const measured = await inTurns(starts, rounds, ({ name, job }) =>
      inFreshProcess<StartUpJob, StartUp>(name, child, job),
    );
    return new Map(Array.from(measured, ([{ name, bytes }, results]) => [name, { ...medians(results), bytes }]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
