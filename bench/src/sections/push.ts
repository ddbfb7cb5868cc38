import { fork } from 'node:child_process';
import { BEFORE } from '../adapters/before.js';
import type { FromCenter } from '../center/pushed-flag.js';
import { ratio } from '../measure/statistics.js';
import { Child, type Message } from '../process/child.js';
import type { FromListeners, Heard } from '../push/child.js';
import { LISTENERS, type Listener } from '../push/listeners.js';

export const PUSH_CLIENTS = [1, 500] as const;

/** From the center's commit to the listener, in milliseconds, for each of the changes. */
export interface PushResult {
  readonly listener: Listener;
  readonly clients: number;
  /** CPU time of the process of the clients. */
  readonly cpu: readonly number[];
  /** The middle one of the clients. */
  readonly middle: readonly number[];
  /** The last of the clients. */
  readonly last: readonly number[];
}

type Times = Omit<Heard, 'kind'>;

/** Changes before those that are measured: they are for the compilers of all processes. */
const WARM_UP = 20;

/**
 * Measures how long a change takes from a center's commit to the listeners in other processes: each SDK has a process and an environment
 * of its own, and these change in turns. The clients of an SDK share its process, so that the last of many waits for the others' work too.
 *
 * @param before the folder of an earlier build to measure beside ours.
 */
export async function measurePush(changes: number, before: string | undefined): Promise<readonly PushResult[]> {
  const listeners = LISTENERS.filter((listener) => listener !== BEFORE || before !== undefined);
  const processes: AsyncDisposable[] = [];
  const started = <Received extends Message>(name: string, file: string, ...given: readonly string[]) => {
    const child = new Child<number, Received>(name, fork(new URL(file, import.meta.url), given));
    processes.push(child);
    return child;
  };
  try {
    const center = started<FromCenter>('the center', '../center/center.js', `${listeners.length}`);
    const { url, serverSecrets } = await center.next('ready');
    const sides = listeners.map((listener, index) => {
      const given = [listener, url, serverSecrets[index] ?? '', before ?? ''];
      return { listener, child: started<FromListeners>(listener, '../push/child.js', ...given) };
    });
    const results: PushResult[] = [];
    for (const clients of PUSH_CLIENTS) {
      const opened = sides.map((side) => {
        const times: Record<keyof Times, number[]> = { middle: [], last: [], cpu: [] };
        return { ...side, times };
      });
      for (const { child } of opened) {
        child.send(clients);
        await child.next('open');
      }
      for (let change = -WARM_UP; change < changes; change++) {
        for (const [index, { child, times }] of opened.entries()) {
          const { middle, last, cpu } = await changed(center, index, child);
          if (change < 0) continue;
          times.middle.push(middle);
          times.last.push(last);
          times.cpu.push(cpu);
        }
      }
      results.push(...opened.map(({ listener, times }) => ({ listener, clients, ...times })));
    }
    return results;
  } finally {
    await Promise.all(processes.map((child) => child[Symbol.asyncDispose]()));
  }
}

/** How many times as long as FeatBit's SDK takes: until the middle one of so many clients has heard, or in CPU time. */
export function pushRatio(
  results: readonly PushResult[],
  listener: Listener,
  clients: number,
  time: 'middle' | 'cpu',
): number {
  const of = (name: Listener) => results.find((one) => one.listener === name && one.clients === clients)?.[time] ?? [];
  return ratio(of(listener), of('@featbit/node-server-sdk'));
}

/** @returns the times from the commit on. */
async function changed(
  center: Child<number, FromCenter>,
  index: number,
  child: Child<number, FromListeners>,
): Promise<Times> {
  const [{ committedAt }, { middle, last, cpu }] = await Promise.all([
    center.next('commit'),
    child.next('heard'),
    center.send(index),
  ]);
  return { middle: middle - committedAt, last: last - committedAt, cpu };
}
