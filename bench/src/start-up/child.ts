/**
 * One start of one SDK, or one bare JSON.parse, in a fresh process. The module is loaded before the clock starts, the text is read before,
 * and both stay in memory.
 */
import { readFileSync } from 'node:fs';
import { loadSdk } from '../adapters/sdk.js';
import { doJob } from '../process/job.js';

export interface StartUpJob {
  /** The text is in it. */
  readonly file: string;
  /** The adapter's; absent for a bare JSON.parse. */
  readonly module?: string;
}

/** What a start cost. */
export interface StartUp {
  /** CPU time until the first flag can be evaluated, in milliseconds. */
  readonly cpu: number;
  /** Wall-clock time of the same, in milliseconds. */
  readonly wall: number;
  /** What the JavaScript heap and external memory have grown by, after collecting garbage, in bytes. */
  readonly heap: number;
}

/** Some work goes on after the first flag can be evaluated; milliseconds. */
const REST = 500;
/** It has come to an end when nothing more was freed in so long, in milliseconds; so often it is looked for. */
const LOOK = { interval: 250, times: 40 };
/** What does not count as freed, as a part of all. */
const STEADY = 0.002;

doJob(async ({ file, module }: StartUpJob): Promise<StartUp> => {
  const text = readFileSync(file, 'utf8');
  const sdk = module === undefined ? undefined : await loadSdk(module);
  const heapBefore = await settledHeap();
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const started: unknown = sdk === undefined ? JSON.parse(text) : await sdk.open(text);
  const wall = performance.now() - wallBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  const heap = (await settledHeap()) - heapBefore;
  // Both are still needed here, so that neither was collected.
  if (started === undefined || text === '') throw new Error('nothing was started');
  return { cpu: (user + system) / 1_000, wall, heap };
});

/** Waits until the SDK has come to rest: on a busy machine that takes longer. */
async function settledHeap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, REST));
  let heap = await collected();
  for (let look = 0; look < LOOK.times; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK.interval));
    const before = heap;
    heap = await collected();
    if (heap > before * (1 - STEADY)) break;
  }
  return heap;
}

/** Collects until nothing more is freed: what only finalizers hold goes in a later turn. */
async function collected(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('start with --expose-gc');
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
