import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BEFORE } from '../adapters/before.js';
import { featbitEnvelope } from '../adapters/featbit-format.js';
import { makeEnvironment, makeSegments } from '../environment/generate.js';
import { seededRandom } from '../environment/random.js';
import { inTurns } from '../measure/rounds.js';
import { medians } from '../measure/statistics.js';
import { Child } from '../process/child.js';
import { inFreshProcess } from '../process/job.js';
import type { FullSync, SyncJob } from '../sync/child.js';
import { RECEIVERS, type Receiver } from '../sync/connect.js';
import type { Listening } from '../sync/server.js';

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
  try {
    await using server = new Child<never, Listening>(
      'the server of full syncs',
      fork(new URL('../sync/server.js', import.meta.url), [file]),
    );
    const { url } = await server.next('listening');
    const flagKey = environment.flags[0]?.key ?? '';
    const receivers = RECEIVERS.filter((receiver) => receiver !== BEFORE || before !== undefined);
    const child = new URL('../sync/child.js', import.meta.url);
    const syncs = await inTurns(receivers, rounds, (receiver) =>
      inFreshProcess<SyncJob, FullSync>(receiver, child, { receiver, url, flagKey, before: before ?? '' }),
    );
    return Array.from(syncs, ([receiver, results]) => {
      const worstStall = Math.max(...results.map(({ stall }) => stall));
      return { receiver, middle: medians(results), worstStall, bytes: Buffer.byteLength(text) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
