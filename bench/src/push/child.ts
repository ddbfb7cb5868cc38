/**
 * The clients of one SDK in a process of their own: `child.js LISTENER URL SECRET BEFORE`. A number as a message opens so many, in place of
 * those that were open; then it says `open`, and after every change when the clients heard of it.
 */
import { median } from '../measure/statistics.js';
import { type Listener, listen } from './listeners.js';

/** When the clients heard of a change, by the wall clock in Unix milliseconds with a fraction, as a center stamps its commits. */
export interface Heard {
  readonly kind: 'heard';
  readonly middle: number;
  readonly last: number;
  /** CPU time of the process since the last change, in milliseconds. */
  readonly cpu: number;
}

export type FromListeners = { readonly kind: 'open' } | Heard;

const report = (message: FromListeners): unknown => process.send?.(message);

const [listener = 'fbclient', url = '', serverSecret = '', before = ''] = process.argv.slice(2);

let arrivals: number[] = [];
let closes: (() => unknown)[] = [];

let usage = process.cpuUsage();

function usedSince(): number {
  const { user, system } = process.cpuUsage(usage);
  usage = process.cpuUsage();
  return (user + system) / 1_000;
}

process.on('message', (count: number) => void reopen(count));
process.on('disconnect', () => process.exit());

async function reopen(count: number): Promise<void> {
  await Promise.all(closes.map((close) => close()));
  const changed = (): void => {
    arrivals.push(performance.timeOrigin + performance.now());
    if (arrivals.length < count) return;
    const heard = { kind: 'heard', middle: median(arrivals), last: Math.max(...arrivals) } as const;
    arrivals = [];
    // What the last of them makes of it, and what is left for the next turn, belongs to it.
    setImmediate(() => setImmediate(() => report({ ...heard, cpu: usedSince() })));
  };
  const open = () => listen(listener as Listener, { url, serverSecret }, changed, before);
  closes = await Promise.all(Array.from({ length: count }, open));
  report({ kind: 'open' });
}
