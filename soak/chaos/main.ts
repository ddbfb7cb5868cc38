/** `npm run chaos`: two centers on one PostgreSQL, with faults of the database and of the centers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FBClient } from 'fbclient';
import { findPostgres, PostgresServer } from '../../scripts/test-support/postgres-server.js';
import { Random } from '../random.js';
import { Center } from './centers.js';
import { FAULTS } from './faults.js';
import { KEYS, Ledger, METRIC, report, write } from './load.js';
import { BareStream, differences, sdkOf } from './streams.js';

const HELP = `Usage: npm run chaos -- [--minutes <n>] [--seed <n>] [--sdks <n>] [--writers <n>]

Two centers on one PostgreSQL, which is restarted, crashes, hangs and loses its connections, while centers are
killed, writers change flags through both, SDKs follow them, and insights are reported. Afterwards: no change that
was acknowledged is lost, none that was refused was made, versions only grew in every stream, everybody is in sync
within 10 s of the last fault, and every insight is accounted for.

  --minutes <n>  how long faults happen, 0.1 to 120                   (default 10)
  --seed <n>     a whole number that decides what is left to chance   (default: another each time, printed)
  --sdks <n>     SDKs, half of them at each center, 2 to 1,000        (default 300)
  --writers <n>  writers, 1 to 100                                    (default 10)
  --help         this text

Needs a PostgreSQL: npm run check:postgres installs one. Exit code: 0 when every promise was kept, 1 when one was
not, 2 for arguments that cannot be used. Ctrl-C ends it at once.`;

interface Arguments {
  readonly minutes: number;
  readonly seed: number;
  readonly sdks: number;
  readonly writers: number;
}

/** Bare streams at each center. */
const STREAMS = 10;
/** How soon after the last fault everybody must be in sync, in milliseconds. */
const SYNC_LIMIT = 10_000;

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const options = { minutes: text, seed: text, sdks: text, writers: text, help: { type: 'boolean' } } as const;
    const { values } = parseArgs({ options });
    if (values.help === true) return 'help';
    const numbers = {
      minutes: Number(values.minutes ?? 10),
      seed: Number(values.seed ?? Math.floor(Math.random() * 1_000_000)),
      sdks: Number(values.sdks ?? 300),
      writers: Number(values.writers ?? 10),
    };
    if (!(numbers.minutes >= 0.1 && numbers.minutes <= 120)) return { problem: '--minutes must be from 0.1 to 120' };
    if (!Number.isSafeInteger(numbers.seed)) return { problem: '--seed must be a whole number' };
    const isCount = (value: number, least: number, most: number) =>
      Number.isInteger(value) && value >= least && value <= most;
    if (!isCount(numbers.sdks, 2, 1_000)) return { problem: '--sdks must be from 2 to 1000' };
    if (!isCount(numbers.writers, 1, 100)) return { problem: '--writers must be from 1 to 100' };
    return numbers;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function run({ minutes, seed, sdks, writers }: Arguments): Promise<number> {
  console.log(`chaos: --minutes ${minutes} --seed ${seed} --sdks ${sdks} --writers ${writers}`);
  const random = new Random(seed);
  // What was acknowledged must outlive a crash of PostgreSQL, as it does where its settings are left alone.
  await using server = await PostgresServer.start(['synchronous_commit=on']);
  const centers = [await Center.start(server.url()), await Center.start(server.url())] as const;
  const ledger = new Ledger();
  const stop = new AbortController();
  const load = [
    ...Array.from({ length: writers }, (_, index) => write(centers, new Random(seed + index), ledger, stop.signal)),
    ...[1, 2, 3].map((index) => report(centers, new Random(seed - index), ledger, stop.signal)),
  ];
  const streams = centers.flatMap((center) => Array.from({ length: STREAMS }, () => new BareStream(center)));
  const clients = Array.from({ length: sdks }, (_, index) => sdkOf(centers[index % 2 === 0 ? 0 : 1]));
  try {
    const faults = new Map<string, number>();
    for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
      await sleep(random.between(1_000, 6_000));
      const fault = random.pick(FAULTS);
      console.log(`${new Date().toISOString().slice(11, 19)}  ${fault.title}`);
      await fault.happen({ server, centers, random });
      faults.set(fault.title, (faults.get(fault.title) ?? 0) + 1);
    }
    // Long enough to be written to after the last fault: nobody is in sync by standing still.
    const last = performance.now();
    await sleep(2_000);
    stop.abort();
    await Promise.all(load);
    const truth = await truthIn(server);
    const behind = () => [
      ...streams.filter((stream) => differences(truth, (key) => stream.changeOf(key)).length > 0),
      ...clients.filter((sdk) => behindOf(sdk, truth)),
    ];
    while (behind().length > 0 && performance.now() - last < 6 * SYNC_LIMIT) await sleep(50);
    const inSync = performance.now() - last;
    for (const sdk of clients.filter((one) => behindOf(one, truth)).slice(0, 3)) {
      console.log(`behind: ${JSON.stringify(sdk.diagnostics())}`);
    }
    return await verdict(server, ledger, { faults, inSync, behind: behind().length, streams });
  } finally {
    stop.abort();
    await Promise.allSettled(load);
    for (const stream of streams) stream.close();
    await Promise.all(clients.map((sdk) => sdk.close()));
    await Promise.all(centers.map((center) => center.kill('SIGTERM')));
  }
}

function behindOf(sdk: FBClient, truth: ReadonlyMap<string, string>): boolean {
  return differences(truth, (key) => sdk.variation(key, { key: 'ada' }, '')).length > 0;
}

interface Findings {
  readonly faults: ReadonlyMap<string, number>;
  readonly inSync: number;
  readonly behind: number;
  readonly streams: readonly BareStream[];
}

async function verdict(server: PostgresServer, ledger: Ledger, findings: Findings): Promise<number> {
  const applied = await appliedIn(server);
  const { acknowledged, refused, unknown } = ledger.changes;
  const lost = [...acknowledged].filter((change) => !applied.has(change));
  const made = [...refused].filter((change) => applied.has(change));
  const disorder = findings.streams.flatMap((stream) => stream.disorder);
  const counted = await countedIn(server);
  const { insights } = ledger;
  const isAccountedFor = counted >= insights.acknowledged && counted <= insights.acknowledged + insights.unknown;
  for (const [title, count] of findings.faults) console.log(`${String(count).padStart(6)} times  ${title}`);
  console.log(
    `${acknowledged.size} changes acknowledged, ${refused.size} refused, ${unknown.size} of which nobody knows`,
  );
  console.log(`slowest refusal ${Math.round(ledger.slowestRefusal)} ms`);
  console.log(
    `${insights.acknowledged} insights acknowledged, ${insights.refused} refused, ${insights.unknown} of which nobody knows; ${counted} counted`,
  );
  console.log(`everybody in sync ${(findings.inSync / 1_000).toFixed(1)} s after the last fault`);
  const promises: readonly (readonly [kept: boolean, promise: string, findings: string])[] = [
    [lost.length === 0, 'no acknowledged change was lost', lost.slice(0, 20).join(', ')],
    [made.length === 0, 'no refused change was made', made.slice(0, 20).join(', ')],
    [disorder.length === 0, 'versions only grew in every stream', disorder.slice(0, 20).join('; ')],
    [
      findings.behind === 0 && findings.inSync <= SYNC_LIMIT,
      'everybody in sync within 10 s',
      `${findings.behind} behind`,
    ],
    [isAccountedFor, 'every insight is accounted for', `${counted} counted`],
  ];
  for (const [kept, promise, text] of promises)
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${promise}${kept ? '' : `: ${text}`}`);
  return promises.every(([kept]) => kept) ? 0 : 1;
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

const given = readArguments();
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else if (findPostgres() === undefined) {
  console.error('There is no PostgreSQL: npm run check:postgres installs one.');
  process.exitCode = 2;
} else {
  process.exitCode = await run(given);
}
