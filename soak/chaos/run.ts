import { setTimeout as sleep } from 'node:timers/promises';
import type { FBClient } from 'fbclient';
import { PostgresServer } from '../../scripts/test-support/postgres-server.js';
import { bundled } from '../bundled.js';
import { Random } from '../random.js';
import type { Line } from '../verdict.js';
import type { ChaosArguments } from './arguments.js';
import { Center } from './centers.js';
import { FAULTS } from './faults.js';
import { Ledger } from './ledger.js';
import { KEYS, METRIC, report, setUp, write } from './load.js';
import { measureQuiet } from './quiet.js';
import { BareStream, differences, sdkOf } from './streams.js';
import { linesOf, SYNC_LIMIT } from './verdict.js';

/** Bare streams at each center. */
const STREAMS = 10;

/** Those who insights are reported by. */
const REPORTERS = 3;

/** How long SDKs and streams may take to be there at first, in milliseconds: they all come at once. */
const START_LIMIT = 60_000;

/**
 * Two centers on one PostgreSQL, with faults of both.
 *
 * @param stop ends it early, once the fault is over that is under way.
 * @param progress receives a line for each step.
 * @returns `undefined` when it was ended early.
 */
export async function runChaos(
  { minutes, seed, sdks, writers }: ChaosArguments,
  stop: AbortSignal,
  progress: (line: string) => void,
): Promise<readonly Line[] | undefined> {
  const random = new Random(seed);
  const program = await bundled(new URL('./center.ts', import.meta.url));
  // What was acknowledged must outlive a crash of PostgreSQL, as it does where its settings are left alone.
  await using server = await PostgresServer.start(['synchronous_commit=on']);
  const failed = (reason: string) => progress(`a center does not start, and is started again: ${reason}`);
  const startCenter = () => Center.start(program, server.url(), failed);
  const centers = [await startCenter(), await startCenter()] as const;
  const ledger = new Ledger();
  const over = new AbortController();
  const load: Promise<void>[] = [];
  const streams: BareStream[] = [];
  const clients: FBClient[] = [];
  try {
    await setUp(centers[0]);
    for (const center of centers) for (let one = 0; one < STREAMS; one++) streams.push(new BareStream(center));
    for (let one = 0; one < sdks; one++) clients.push(sdkOf(centers[one % 2 === 0 ? 0 : 1]));
    const behind = (truth: ReadonlyMap<string, string>) => [
      ...streams.filter(({ received }) => differences(truth, (key) => received.changeOf(key)).length > 0),
      ...clients.filter((sdk) => isBehind(sdk, truth)),
    ];
    /** @returns how many never got there. */
    const untilInSync = async (truth: ReadonlyMap<string, string>, limit: number) => {
      for (const end = performance.now() + limit; behind(truth).length > 0; await sleep(50)) {
        if (performance.now() > end || stop.aborted) break;
      }
      return behind(truth).length;
    };
    const late = await untilInSync(await truthIn(server), START_LIMIT);
    if (stop.aborted) return undefined;
    if (late > 0) throw new Error(`${late} of the SDKs and streams do not get the flags while nothing fails`);
    progress(`${clients.length} SDKs and ${streams.length} streams are in sync; measuring while nothing fails`);
    const quiet = await measureQuiet(centers, stop);
    if (stop.aborted) return undefined;
    for (let one = 0; one < writers; one++) load.push(write(centers, new Random(seed + one), ledger, over.signal));
    for (let one = 1; one <= REPORTERS; one++) load.push(report(centers, new Random(seed - one), ledger, over.signal));
    const faults = new Map<string, number>();
    for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
      await sleep(random.between(1_000, 6_000), undefined, { signal: stop }).catch(() => {});
      if (stop.aborted) return undefined;
      const fault = random.pick(FAULTS);
      progress(`${fault.title} (${ledger.changes.acknowledged.size} changes acknowledged)`);
      const begin = performance.now();
      await fault.happen({ server, centers, random });
      progress(`  over after ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
      faults.set(fault.title, (faults.get(fault.title) ?? 0) + 1);
    }
    const last = performance.now();
    progress('no more faults');
    // Long enough to be written to after the last fault: nobody is in sync by standing still.
    await sleep(2_000);
    over.abort();
    await Promise.all(load);
    const truth = await truthIn(server);
    const left = await untilInSync(truth, 6 * SYNC_LIMIT);
    const inSync = performance.now() - last;
    for (const sdk of clients.filter((one) => isBehind(one, truth)).slice(0, 3)) {
      progress(`behind: ${JSON.stringify(sdk.diagnostics())}`);
    }
    return linesOf({
      ...{ quiet, faults, ledger, inSync, behind: left },
      applied: await appliedIn(server),
      counted: await countedIn(server),
      disorder: streams.flatMap(({ received }) => received.disorder),
    });
  } finally {
    over.abort();
    await Promise.allSettled(load);
    for (const stream of streams) stream.close();
    await Promise.all(clients.map((sdk) => sdk.close()));
    await Promise.all(centers.map((center) => center.kill('SIGKILL')));
  }
}

function isBehind(sdk: FBClient, truth: ReadonlyMap<string, string>): boolean {
  return differences(truth, (key) => sdk.variation(key, { key: 'ada' }, '')).length > 0;
}

/** The change that each flag is in. */
async function truthIn(server: PostgresServer): Promise<ReadonlyMap<string, string>> {
  const rows = await server.query("SELECT key, text FROM fbcenter.documents WHERE kind = 'flag'");
  return new Map(
    (rows as readonly { readonly key: string; readonly text: string }[])
      .filter(({ key }) => KEYS.includes(key))
      .map(({ key, text }) => [key, JSON.parse(text).variations[0].value]),
  );
}

/** The numbers of all changes that were ever made. */
async function appliedIn(server: PostgresServer): Promise<ReadonlySet<number>> {
  const rows = await server.query(
    `SELECT text::json -> 'variations' -> 0 ->> 'value' AS change FROM fbcenter.audit
     JOIN fbcenter.audit_texts AS texts ON texts.digest = after_digest WHERE kind = 'flag'`,
  );
  return new Set((rows as readonly { readonly change: string }[]).map(({ change }) => Number(change)));
}

async function countedIn(server: PostgresServer): Promise<number> {
  const rows = await server.query(`SELECT count FROM fbcenter.metrics WHERE event_name = '${METRIC}'`);
  const [row] = rows as readonly { readonly count: number }[];
  return row?.count ?? 0;
}
