/**
 * One full sync over a connection, in a fresh process, while evaluations go on: `child.js URL RECEIVER FLAG BEFORE` prints a
 * {@link FullSync}.
 */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect, type Receiver } from './connect.js';

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

const [url = '', receiver = 'ws', flagKey = '', earlier = ''] = process.argv.slice(2);

let lastByteAt = 0;
// The moment at which the runtime gets a piece of the message from the system, whoever reads it then.
Socket.prototype.push = function push(chunk: unknown, encoding?: BufferEncoding): boolean {
  lastByteAt = performance.now();
  return Readable.prototype.push.call(this, chunk, encoding);
};

const before = await settled();
let stall = 0;
let peak = 0;
let isRunning = true;
const { evaluate, ready } = await connect(receiver as Receiver, url, earlier);
const startedAt = performance.now();
beat(startedAt, startedAt, 0);
const held = await ready;
const readyAfter = performance.now() - lastByteAt;
await new Promise((resolve) => setTimeout(resolve, REST));
isRunning = false;
const result: FullSync = { stall, ready: readyAfter, peak: peak - before, kept: (await settled()) - before };
console.log(JSON.stringify(result));
process.exit(held === null ? 1 : 0);

/** One turn of the event loop: looks how long the last one took, and makes up for the evaluations that are due. */
function beat(last: number, looked: number, evaluations: number): void {
  const now = performance.now();
  stall = Math.max(stall, now - last);
  const looks = now - looked > LOOK;
  if (looks) peak = Math.max(peak, memory());
  const due = ((now - startedAt) / 1_000) * EVALUATIONS_PER_SECOND;
  let count = evaluations;
  for (; count < due; count++) evaluate?.(flagKey);
  if (isRunning) setImmediate(() => beat(now, looks ? now : looked, count));
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
