import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BEFORE } from '../adapters/before.js';
import { featbitEnvelope } from '../adapters/featbit-format.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import { seededRandom } from '../environment/random.js';
import { median } from '../measure/statistics.js';
import type { FullSync } from '../sync/child.js';
import { RECEIVERS, type Receiver } from '../sync/connect.js';

/** So many that they take about 20 MB. */
export const SYNC_FLAGS = 16_000;

export interface SyncResult {
  readonly receiver: Receiver;
  /** Medians of the runs, but of `stall` the worst as well. */
  readonly middle: FullSync;
  readonly worstStall: number;
  /** The text's length in bytes. */
  readonly bytes: number;
}

const run = promisify(execFile);

/**
 * Measures full syncs over a connection, each in a fresh process, in turns.
 *
 * @param before the folder of an earlier build to measure beside ours.
 */
export async function measureSync(rounds: number, before: string | undefined): Promise<readonly SyncResult[]> {
  const random = seededRandom(16_000);
  const environment = makeEnvironment(random, SYNC_FLAGS, makeSegments(random, 200, [20, 200]));
  const text = featbitEnvelope(environment);
  const folder = mkdtempSync(join(tmpdir(), 'fbclient-bench-'));
  const file = join(folder, 'full.json');
  writeFileSync(file, text);
  const server = fork(fileURLToPath(new URL('../sync/server.js', import.meta.url)), [file]);
  try {
    const [url] = (await once(server, 'message')) as [string];
    const flagKey = environment.flags[0]?.key ?? '';
    const receivers = RECEIVERS.filter((receiver) => receiver !== BEFORE || before !== undefined);
    const syncs = new Map<Receiver, FullSync[]>(receivers.map((receiver) => [receiver, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [receiver, results] of syncs) results.push(await receive([url, receiver, flagKey, before ?? '']));
    }
    return [...syncs].map(([receiver, results]) => {
      const of = (field: keyof FullSync): number => median(results.map((result) => result[field]));
      const middle = { stall: of('stall'), ready: of('ready'), peak: of('peak'), kept: of('kept') };
      const worstStall = Math.max(...results.map(({ stall }) => stall));
      return { receiver, middle, worstStall, bytes: Buffer.byteLength(text) };
    });
  } finally {
    server.disconnect();
    await once(server, 'exit');
    rmSync(folder, { recursive: true });
  }
}

async function receive(given: readonly string[]): Promise<FullSync> {
  const child = fileURLToPath(new URL('../sync/child.js', import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', child, ...given]);
  return JSON.parse(stdout) as FullSync;
}
