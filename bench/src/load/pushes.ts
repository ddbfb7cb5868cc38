import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../measure/statistics.js';
import { monotonic } from './messages.js';
import { Clients, type Loaded } from './processes.js';

/** A server has let go of what it had put together for those who connected, in milliseconds. */
export const SETTLED = 8_000;
/** Between two changes, in milliseconds. */
const PAUSE = 300;

/** Changes a flag again and again. @returns for each connection and change how long it took from the request; and the times to the last of each change. */
export async function push(center: Pick<Loaded, 'change'>, clients: Clients, pushes: number) {
  const waits: number[] = [];
  const lasts: number[] = [];
  for (let change = 0; change < pushes; change++) {
    await sleep(PAUSE);
    const arrived = clients.pushed();
    const begun = monotonic();
    await center.change();
    const at = (await arrived).map((time) => time - begun);
    waits.push(...at);
    lasts.push(Math.max(...at));
  }
  return { waits, lasts };
}

interface PushedTo {
  readonly count: number;
  readonly pushes: number;
  readonly offersDeflate: boolean;
}

/** What pushes take, and how long: of a center, or of what only writes. */
export async function pushesOf(server: Loaded, { count, pushes, offersDeflate }: PushedTo) {
  await using clients = new Clients(server, count, { offersDeflate });
  await clients.synced();
  await push(server, clients, 5);
  const before = await server.usage();
  const { waits, lasts } = await push(server, clients, pushes);
  const { cpu } = await server.usage();
  return { each: (cpu - before.cpu) / (pushes * count), p99: quantile(waits, 0.99), waits, lasts };
}
