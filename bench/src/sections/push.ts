import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BEFORE } from '../adapters/before.js';
import type { CenterAddress, CenterCommit } from '../center/pushed-flag.js';
import { ratio } from '../measure/statistics.js';
import type { Heard } from '../push/child.js';
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
  const center = started('../center/center.js', [`${listeners.length}`]);
  const children: ChildProcess[] = [];
  try {
    const { url, serverSecrets } = await next<CenterAddress>(center);
    for (const [index, listener] of listeners.entries()) {
      children.push(started('../push/child.js', [listener, url, serverSecrets[index] ?? '', before ?? '']));
    }
    const results: PushResult[] = [];
    for (const clients of PUSH_CLIENTS) {
      for (const child of children) {
        child.send(clients);
        await next(child);
      }
      const heard = listeners.map((): Record<keyof Heard, number[]> => ({ middle: [], last: [], cpu: [] }));
      for (let change = -WARM_UP; change < changes; change++) {
        for (const [index, child] of children.entries()) {
          const { middle, last, cpu } = await changed(center, index, child);
          if (change < 0) continue;
          heard[index]?.middle.push(middle);
          heard[index]?.last.push(last);
          heard[index]?.cpu.push(cpu);
        }
      }
      results.push(...heard.map((times, index) => ({ listener: listeners[index] ?? 'ws', clients, ...times })));
    }
    return results;
  } finally {
    for (const child of [...children, center]) child.disconnect();
    await Promise.all([...children, center].map((child) => child.exitCode ?? once(child, 'exit')));
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
async function changed(center: ChildProcess, index: number, child: ChildProcess): Promise<Heard> {
  const [{ committedAt }, { middle, last, cpu }] = await Promise.all([
    next<CenterCommit>(center),
    next<Heard>(child),
    center.send(index),
  ]);
  return { middle: middle - committedAt, last: last - committedAt, cpu };
}

function started(file: string, given: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), given);
}

async function next<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message as T;
}
