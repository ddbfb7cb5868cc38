/** One full sync over a connection, in a fresh process, while evaluations go on. */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { doJob } from '../process/job.js';
import { connect, type Receiver } from './connect.js';

export interface SyncJob {
  readonly receiver: Receiver;
  /** Of a server that answers with a full sync. */
  readonly url: string;
  /** What is evaluated meanwhile. */
  readonly flagKey: string;
  /** The folder of the earlier build. */
  readonly before: string;
}

/** What a full sync cost. Times are in milliseconds, sizes in bytes of heap and external memory. */
export interface FullSync {
  /** The longest time in which the event loop stood still. */
  readonly stall: number;
  /** From the last byte to the state in which flags can be evaluated. */
  readonly ready: number;
  /** The most that was in use beyond what was before, garbage included. */
  readonly peak: number;
  /** What is in use a while later, beyond what was before. */
  readonly kept: number;
}

const EVALUATIONS_PER_SECOND = 1_000;
/** Some work goes on afterwards; milliseconds. */
const REST = 2_000;
/** How often memory is looked at; milliseconds. */
const LOOK = 2;

let lastByteAt = 0;
// The moment at which the runtime gets a piece of the message from the system, whoever reads it then.
Socket.prototype.push = function push(chunk: unknown, encoding?: BufferEncoding): boolean {
  lastByteAt = performance.now();
  return Readable.prototype.push.call(this, chunk, encoding);
};

doJob(async ({ receiver, url, flagKey, before }: SyncJob): Promise<FullSync> => {
  const used = await settled();
  const { evaluate, ready } = await connect(receiver, url, before);
  const stop = watchTurns(() => evaluate?.(flagKey));
  const held = await ready;
  const readyAfter = performance.now() - lastByteAt;
  await new Promise((resolve) => setTimeout(resolve, REST));
  const { stall, peak } = stop();
  const kept = (await settled()) - used;
  // It is still needed here, so that it was not collected.
  if (held === null) throw new Error('nothing was received');
  return { stall, ready: readyAfter, peak: peak - used, kept };
});

/**
 * In each turn of the event loop it looks how long the last one took, and makes up for the evaluations that are due.
 *
 * @returns a function that ends it, and returns the longest turn and the most memory.
 */
function watchTurns(evaluate: () => unknown): () => Pick<FullSync, 'stall' | 'peak'> {
  const startedAt = performance.now();
  let [last, looked, evaluations, stall, peak] = [startedAt, startedAt, 0, 0, 0];
  let isRunning = true;
  const turn = (): void => {
    const now = performance.now();
    stall = Math.max(stall, now - last);
    last = now;
    if (now - looked > LOOK) {
      looked = now;
      peak = Math.max(peak, memory());
    }
    const due = ((now - startedAt) / 1_000) * EVALUATIONS_PER_SECOND;
    for (; evaluations < due; evaluations++) evaluate();
    if (isRunning) setImmediate(turn);
  };
  turn();
  return () => {
    isRunning = false;
    return { stall, peak };
  };
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Waits, and collects until nothing more is freed. */
async function settled(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('start with --expose-gc');
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return memory();
}
