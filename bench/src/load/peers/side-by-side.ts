import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from '../../measure/statistics.js';
import { BATCH } from '../events.js';
import type { PeerName } from '../help.js';
import { sendEvents } from '../insights.js';
import { Clients } from '../processes.js';
import { push, SETTLED } from '../pushes.js';
import { type Asked, Requests } from '../requests.js';
import { inFolder } from '../temporary-folder.js';
import type { Row, Value } from './comparison.js';
import { goFeatureFlag } from './go-feature-flag.js';
import { type Contender, centerContender, type Side } from './side.js';

export interface SideBySideOptions {
  readonly connections: number;
  readonly flags: number;
  readonly pushes: number;
  readonly offersDeflate: boolean;
}

/** What was measured of one of them. */
interface Measured {
  readonly before: number;
  readonly perConnection: number;
  readonly p99: number;
  readonly last: number;
  /** Of a change that nobody hears of. */
  readonly perChange: number;
  /** Beside that, if it can be told. */
  readonly perPush: Value;
  readonly plain: Fetched;
  readonly compressed: Fetched | undefined;
  readonly unchanged: number;
  readonly perEvent: number;
}

/** What a request for everything takes: bytes, and microseconds of the server's processor. */
interface Fetched {
  readonly bytes: number;
  readonly cpu: number;
}

const MIB = 1024 * 1024;
/** Changes while nobody is connected, some of them before it is measured. */
const CHANGES = { warmUp: 3, measured: 10 };
/** Requests for everything: some before it is measured, while the server's compiler works or its cache fills. */
const REQUESTS = { warmUp: 200, measured: 300, connections: 4 };
/** The share of a change that its pushes take at the least for their cost to be known. */
const TOLD = 0.2;
/** Rounds of events, as in the scene of events. */
const ROUNDS = { warmUp: 4, measured: 5, requests: 300 };
/** By then either side has written what it has taken, in milliseconds. */
const WRITTEN = 2_000;

/** Prepares a peer, which may take minutes. @throws when it cannot be had, with what to do. */
export const PREPARE: Readonly<Record<PeerName, () => Promise<Contender>>> = { 'go-feature-flag': goFeatureFlag };

/** Measures a center and a peer, one after the other at each piece of work. */
export async function sideBySide(
  peer: Contender,
  options: SideBySideOptions,
): Promise<{ readonly names: readonly [string, string]; readonly rows: readonly Row[] }> {
  const contenders = [centerContender(), peer] as const;
  const pair = async <T>(work: (contender: Contender) => Promise<T>): Promise<[T, T]> => [
    await work(contenders[0]),
    await work(contenders[1]),
  ];
  const streams = await pair((contender) =>
    withSide(contender, options.flags, (side) => measureStreams(side, options)),
  );
  const requests = await pair((contender) => withSide(contender, options.flags, measureRequests));
  const events = await pair((contender) =>
    withSide(contender, options.flags, (side) => measureEvents(side, options.flags)),
  );
  const ours = { ...streams[0], ...requests[0], perEvent: events[0] };
  const theirs = { ...streams[1], ...requests[1], perEvent: events[1] };
  return { names: [contenders[0].name, contenders[1].name], rows: rowsOf(options, ours, theirs) };
}

function withSide<T>({ name, start }: Contender, flags: number, work: (side: Side) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    console.log(`  ${name} …`);
    await using side = await start(flags, folder);
    return await work(side);
  });
}

async function measureStreams(side: Side, { connections, pushes, offersDeflate }: SideBySideOptions) {
  const { rss: before } = await side.usage();
  const perChange = await measureChanges(side);
  await using clients = new Clients(side, connections, { offersDeflate });
  await clients.synced();
  await sleep(SETTLED);
  await push(side, clients, 3);
  await sleep(SETTLED);
  const settled = await side.usage();
  const { waits, lasts } = await push(side, clients, pushes);
  const { cpu } = await side.usage();
  return {
    before: before / MIB,
    perConnection: (settled.rss - before) / connections / 1024,
    p99: quantile(waits, 0.99),
    last: median(lasts),
    perChange: perChange / 1_000,
    perPush: pushCost((cpu - settled.cpu) / pushes, perChange, connections),
  };
}

/**
 * What a push takes for each connection.
 *
 * @param all processor time for a change and all of its pushes.
 * @param change the same while nobody is connected. It differs from run to run by some percent, so that fewer pushes cannot be told from it.
 */
export function pushCost(all: number, change: number, connections: number): Value {
  const pushes = all - change;
  return pushes < change * TOLD ? 'too little beside it' : pushes / connections;
}

/** @returns the processor time for a change that nobody hears of. */
async function measureChanges(side: Side): Promise<number> {
  for (let change = 0; change < CHANGES.warmUp; change++) await side.change();
  const before = await side.usage();
  for (let change = 0; change < CHANGES.measured; change++) await side.change();
  const { cpu } = await side.usage();
  return (cpu - before.cpu) / CHANGES.measured;
}

async function measureRequests(side: Side) {
  using requests = new Requests(side.url, REQUESTS.connections);
  const each = async (asked: Asked, expected = 200) => {
    await requests.askAll(new Array(REQUESTS.warmUp).fill(asked), expected);
    const before = await side.usage();
    await requests.askAll(new Array(REQUESTS.measured).fill(asked), expected);
    const { cpu } = await side.usage();
    return (cpu - before.cpu) / REQUESTS.measured;
  };
  const plain = await requests.ask(side.everything);
  const compressing = withHeaders(side.everything, { 'accept-encoding': 'gzip' });
  const compressed = await requests.ask(compressing);
  const known = withHeaders(side.everything, { 'if-none-match': plain.etag ?? '' });
  return {
    plain: { bytes: plain.bytes, cpu: await each(side.everything) },
    compressed:
      compressed.encoding === undefined ? undefined : { bytes: compressed.bytes, cpu: await each(compressing) },
    unchanged: await each(known, 304),
  };
}

function withHeaders(asked: Asked, headers: Asked['headers']): Asked {
  return { ...asked, headers: { ...asked.headers, ...headers } };
}

async function measureEvents(side: Side, flags: number): Promise<number> {
  const count = ROUNDS.requests * BATCH;
  const each: number[] = [];
  for (let round = -ROUNDS.warmUp; round < ROUNDS.measured; round++) {
    const before = await side.usage();
    await sendEvents(side.url, (events) => side.eventsRequest(events), count, flags);
    await sleep(WRITTEN);
    const { cpu } = await side.usage();
    if (round >= 0) each.push((cpu - before.cpu) / count);
  }
  return median(each);
}

/** The rows of the table, from what was measured of both. */
export function rowsOf(
  { connections, flags }: Pick<SideBySideOptions, 'connections' | 'flags'>,
  ours: Measured,
  theirs: Measured,
): readonly Row[] {
  const row = (title: string, unit: string, of: (measured: Measured) => Value): Row => ({
    title,
    unit,
    values: [of(ours), of(theirs)],
  });
  const packed = (of: (fetched: Fetched) => number) => (measured: Measured) =>
    measured.compressed === undefined ? 'not offered' : of(measured.compressed);
  return [
    row(`memory with ${flags} flags, before anybody was connected`, 'MiB', ({ before }) => before),
    row(`for each of ${connections} connections`, 'KiB', ({ perConnection }) => perConnection),
    row('a change, request to client, 99 %', 'ms', ({ p99 }) => p99),
    row('to the last client, median of the changes', 'ms', ({ last }) => last),
    row('processor time for a change, while nobody is connected', 'ms', ({ perChange }) => perChange),
    row('beside that, for a push and connection', 'µs', ({ perPush }) => perPush),
    row('everything by a request, as it is', 'KiB', ({ plain }) => plain.bytes / 1024),
    row('processor time for it', 'µs', ({ plain }) => plain.cpu),
    row(
      'everything, compressed',
      'KiB',
      packed(({ bytes }) => bytes / 1024),
    ),
    row(
      'processor time for it',
      'µs',
      packed(({ cpu }) => cpu),
    ),
    row('processor time for the same request, when nothing has changed', 'µs', ({ unchanged }) => unchanged),
    row(`processor time for an event, in requests of ${BATCH}`, 'µs', ({ perEvent }) => perEvent),
  ];
}
