import type { Line } from '../verdict.js';

/** What was measured. Durations in milliseconds; infinite for what never came. */
export interface Measured {
  /** Answers to whether the center is alive. */
  readonly life: readonly number[];
  /** From each commit to the last SDK that heard of it. */
  readonly delays: readonly number[];
  /** The part of these that the center took to hand a commit to the sockets; the rest is the network and the SDKs. */
  readonly toSockets: readonly number[];
  /** From each commit to a stream in a process that has nothing else to do. */
  readonly toProbe: readonly number[];
  /** Longest delay of the event loop that all SDKs and writers share. */
  readonly ownDelay: number;
  /** The longest garbage collection of the center, and of the process of the SDKs. */
  readonly collections: readonly [center: number, sdks: number];
  /** Requests of the writers. */
  readonly writes: readonly number[];
  /** Polls of the large environment. */
  readonly syncs: readonly number[];
  /** The center's memory when it was most, in bytes; absent when none was seen. */
  readonly memory: NodeJS.MemoryUsage | undefined;
  /** Longest delay of the center's event loop. */
  readonly loopDelay: number;
  /** What the center, and the process of the SDKs and writers, used of the processors; and how long it all took. */
  readonly processor: { readonly center: number; readonly sdks: number };
  readonly wall: number;
  readonly stoppedIn: number;
  /** Connections that SDKs lost. */
  readonly interruptions: number;
  /** How often each attack was made. */
  readonly attempts: Readonly<Record<string, number>>;
}

const LIMITS = { life: 100, delay: 500, resident: 400_000_000, stop: 5_000 };

/** Holds what was measured to what is promised. */
export function linesOf(measured: Measured): readonly Line[] {
  const {
    life,
    delays,
    toSockets,
    toProbe,
    ownDelay,
    collections,
    writes,
    syncs,
    memory,
    loopDelay,
    processor,
    wall,
    stoppedIn,
    interruptions,
    attempts,
  } = measured;
  return [
    {
      what: 'liveness: median, p99, worst',
      figure: `${figures(life)} of ${life.length}`,
      good: life.length > 0 && quantile(life, 0.99) < LIMITS.life,
    },
    {
      what: 'a change at every SDK: median, p99, worst',
      figure: `${figures(delays)} of ${delays.length}`,
      good: delays.length > 0 && Math.max(...delays) < LIMITS.delay,
    },
    {
      what: 'memory of the center',
      figure: memoryFigure(memory),
      good: (memory?.rss ?? Number.POSITIVE_INFINITY) < LIMITS.resident,
    },
    { what: 'SIGTERM ends it within', figure: shown(stoppedIn), good: stoppedIn < LIMITS.stop },
    { what: 'connections that SDKs lost', figure: `${interruptions}`, good: interruptions === 0 },
    { what: 'a change at every socket of the center: median, p99, worst', figure: figures(toSockets) },
    { what: 'a change in a process that has nothing else to do: median, p99, worst', figure: figures(toProbe) },
    {
      what: 'longest delay of its event loop; of that of all SDKs',
      figure: `${shown(loopDelay)}; ${shown(ownDelay)}`,
    },
    { what: 'longest garbage collection of either', figure: collections.map(shown).join('; ') },
    {
      what: 'share of a processor: center; SDKs and writers',
      figure: `${percent(processor.center / wall)}; ${percent(processor.sdks / wall)}`,
    },
    { what: 'writes: median, p99, worst', figure: `${figures(writes)} of ${writes.length}` },
    {
      what: 'a poll of 11 MB by somebody who reads it: median, p99, worst',
      figure: `${figures(syncs)} of ${syncs.length}`,
    },
    ...Object.entries(attempts).map(([name, count]) => ({ what: name, figure: `${count}` })),
  ];
}

function figures(values: readonly number[]): string {
  return [0.5, 0.99, 1].map((share) => shown(quantile(values, share))).join(', ');
}

/** The least value that a share of the values does not exceed; infinite when there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.POSITIVE_INFINITY;
}

function shown(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? `${Math.round(milliseconds)} ms` : 'never';
}

function memoryFigure(memory: NodeJS.MemoryUsage | undefined): string {
  if (memory === undefined) return 'never seen';
  const { rss, heapTotal, heapUsed, external } = memory;
  const [all, heap, used, outside] = [rss, heapTotal, heapUsed, external].map((bytes) => Math.round(bytes / 1e6));
  return `${all} MB (heap ${heap} MB, ${used} MB of it in use; buffers ${outside} MB)`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
