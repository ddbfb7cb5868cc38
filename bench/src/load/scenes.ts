import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from '../measure/statistics.js';
import type { Scene } from './help.js';
import { insightsRequest, sendEvents } from './insights.js';
import { BareServer, Clients, LoadedCenter } from './processes.js';
import { push, pushesOf, SETTLED } from './pushes.js';
import { inFolder } from './temporary-folder.js';

/** What was measured, beside what it is held to. */
export interface Figure {
  readonly title: string;
  readonly value: string;
  /** Absent when nothing is promised of it. */
  readonly target?: { readonly text: string; readonly isMet: boolean };
}

export interface SceneOptions {
  /** Of the scene with most of them. */
  readonly connections: number;
  /** Connections that a process can have. */
  readonly most: number;
  readonly flags: number;
  readonly pushes: number;
  readonly offersDeflate: boolean;
  /** Makes a database of its own; absent when there is no PostgreSQL. */
  readonly newDatabase?: (name: string) => Promise<string>;
}

type Measure = (options: SceneOptions) => Promise<readonly Figure[]>;

const MIB = 1024 * 1024;
/** Bytes of a push of {@link BareServer}, about those of a flag. */
const PUSHED = 1_000;
/** Rounds of events: at first the compiler works, too, for longer than one would think. */
const ROUNDS = { warmUp: 8, measured: 7 };
const EVENTS = 15_000;
/** Connections that the memory of a center is promised for, and the memory in MiB; fewer than `least` say nothing about so many. */
const PROMISED = { connections: 50_000, memory: 500, least: 1_000 };

const atMost = (value: number, most: number, unit: string) => ({
  text: `≤ ${most} ${unit}`,
  isMet: value <= most,
});

const connections: Measure = ({ connections: wanted, most, flags, offersDeflate, pushes }) =>
  inFolder(async (folder) => {
    const count = Math.min(wanted, most);
    await using center = await LoadedCenter.start({ flags, folder });
    const before = await center.usage();
    await using clients = new Clients(center, count, { offersDeflate });
    const { seconds, cut } = await clients.synced();
    const full = await center.usage();
    await sleep(SETTLED);
    await push(center, clients, Math.min(pushes, 3));
    await sleep(SETTLED);
    const { rss } = await center.usage();
    const perConnection = (rss - before.rss) / count;
    const promised = Math.round((rss + perConnection * (PROMISED.connections - count)) / MIB);
    const title = (of: number) => `memory of a center, ${of} connections × ${flags} flags`;
    const target = atMost(promised, PROMISED.memory, 'MiB');
    const measured = { title: title(count), value: `${Math.round(rss / MIB)} MiB` };
    const workedOut = { title: `${title(PROMISED.connections)}, as each takes`, value: `${promised} MiB`, target };
    return [
      ...(count === PROMISED.connections ? [{ ...measured, target }] : [measured]),
      ...(count >= PROMISED.least && count < PROMISED.connections ? [workedOut] : []),
      { title: 'before anybody was connected', value: `${Math.round(before.rss / MIB)} MiB` },
      { title: 'for each connection', value: `${(perConnection / 1024).toFixed(1)} KiB` },
      { title: 'when the last one had just everything', value: `${Math.round(full.rss / MIB)} MiB` },
      { title: 'until all had everything', value: `${seconds.toFixed(1)} s` },
      { title: 'connections that were cut meanwhile because they took nothing, and came back', value: String(cut) },
      {
        title: 'processor time for each, to let it in and send everything',
        value: `${((full.cpu - before.cpu) / count).toFixed(0)} µs`,
      },
    ];
  });

const pushing: Measure = ({ connections: fifty, most, flags, ...options }) =>
  inFolder(async (folder) => {
    const to = { ...options, count: Math.min(Math.round(fifty / 5), most) };
    const ofCenter = async () => {
      await using center = await LoadedCenter.start({ flags, folder });
      return await pushesOf(center, to);
    };
    const ofBareServer = async () => {
      await using server = await BareServer.start(PUSHED);
      return await pushesOf(server, to);
    };
    const [{ each, p99, waits, lasts }, bare] = [await ofCenter(), await ofBareServer()];
    return [
      {
        title: `a change to ${to.count} clients, request to client, 99 %`,
        value: `${p99.toFixed(0)} ms`,
        target: atMost(Math.round(p99), 200, 'ms'),
      },
      { title: 'the same, median', value: `${median(waits).toFixed(0)} ms` },
      { title: 'to the last client, median of the changes', value: `${median(lasts).toFixed(0)} ms` },
      {
        title: 'processor time of the center for a push and connection',
        value: `${each.toFixed(1)} µs`,
        target: atMost(Number(each.toFixed(1)), 6, 'µs'),
      },
      {
        title: `of a process that only writes ${PUSHED} bytes to as many sockets, the same; and until they are there, 99 %`,
        value: `${bare.each.toFixed(1)} µs; ${bare.p99.toFixed(0)} ms`,
      },
    ];
  });

const sync: Measure = ({ flags }) =>
  inFolder(async (folder) => {
    await using center = await LoadedCenter.start({ flags, folder });
    const bytesOf = async (count: number, offersDeflate: boolean) => {
      const before = await center.usage();
      await using clients = new Clients(center, count, { offersDeflate, processes: 1 });
      const { messageBytes } = await clients.synced();
      const { cpu } = await center.usage();
      return { bytes: messageBytes, cpu: (cpu - before.cpu) / count };
    };
    const plain = await bytesOf(1, false);
    const first = await bytesOf(1, true);
    const many = await bytesOf(1_000, true);
    const manyPlain = await bytesOf(1_000, false);
    const share = first.bytes / plain.bytes;
    return [
      { title: `everything, ${flags} flags, as it is`, value: `${(plain.bytes / 1024).toFixed(0)} KiB` },
      {
        title: 'compressed',
        value: `${(first.bytes / 1024).toFixed(0)} KiB, ${share.toFixed(3)} ×`,
        target: atMost(Number(share.toFixed(3)), 0.15, '×'),
      },
      { title: 'processor time for each of 1,000 that take it compressed', value: `${many.cpu.toFixed(0)} µs` },
      { title: 'the same as it is', value: `${manyPlain.cpu.toFixed(0)} µs` },
    ];
  });

async function insightsOn(settings: { readonly folder?: string; readonly database?: string }, flags: number) {
  await using center = await LoadedCenter.start({ flags, ...settings });
  const each: number[] = [];
  for (let round = -ROUNDS.warmUp; round < ROUNDS.measured; round++) {
    const before = await center.usage();
    await sendEvents(center.url, (events) => insightsRequest(center.secret, events), EVENTS, flags);
    const { cpu } = await center.usage();
    if (round >= 0) each.push((cpu - before.cpu) / EVENTS);
  }
  return median(each);
}

const insights: Measure = async ({ flags, newDatabase }) => {
  const title = (where: string) => `processor time of the center for an event, in requests of 50, ${where}`;
  const inSqlite = await inFolder((folder) => insightsOn({ folder }, flags));
  const figures: Figure[] = [
    { title: title('SQLite in a folder'), value: `${inSqlite.toFixed(1)} µs`, target: atMost(inSqlite, 9, 'µs') },
  ];
  if (newDatabase === undefined) return figures;
  const onPostgres = await insightsOn({ database: await newDatabase('insights') }, flags);
  return [
    ...figures,
    { title: title('PostgreSQL'), value: `${onPostgres.toFixed(1)} µs`, target: atMost(onPostgres, 12, 'µs') },
  ];
};

const twoCenters: Measure = async ({ connections: fifty, most, flags, pushes, offersDeflate, newDatabase }) => {
  if (newDatabase === undefined) return [];
  const count = Math.min(Math.round(fifty / 10), most);
  const database = await newDatabase('two_centers');
  const measured = async (centers: number) => {
    await using one = await LoadedCenter.start({ flags, database });
    await using other = centers === 1 ? undefined : await LoadedCenter.start({ flags, database });
    await using clients = new Clients(other ?? one, count, { offersDeflate });
    await clients.synced();
    await push(one, clients, 5);
    // Not the promise of it: what is used here would be let go of before.
    return await push(one, clients, pushes);
  };
  const [single, two] = [await measured(1), await measured(2)];
  const [before, after] = [quantile(single.lasts, 0.99), quantile(two.lasts, 0.99)];
  const ratio = after / before;
  const p99 = quantile(two.waits, 0.99);
  return [
    {
      title: `a change to the last of ${count} clients of the same center, 99 % of the changes`,
      value: `${before.toFixed(0)} ms`,
    },
    {
      title: 'to the last of those of the other center',
      value: `${after.toFixed(0)} ms, ${ratio.toFixed(2)} ×`,
      target: atMost(ratio, 1.3, '×'),
    },
    {
      title: 'to the clients of the other center, 99 %',
      value: `${p99.toFixed(0)} ms`,
      target: atMost(p99, 250, 'ms'),
    },
  ];
};

export const MEASURES: Readonly<Record<Scene, Measure>> = {
  connections,
  push: pushing,
  sync,
  insights,
  'two-centers': twoCenters,
};
