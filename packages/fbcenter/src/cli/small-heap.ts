import { setFlagsFromString } from 'node:v8';

/** How much a heap may grow after it was collected before it is collected again, in percent of what was in use. */
const GROWTH = 30;

/**
 * V8 lets a heap grow to between one and a half and four times of what is in use. Much of what a center makes is of one request:
 * collected more often it takes a sixth less memory under attack, and the processor does not feel it (`npm run hostile`).
 * Only the command does so: a process that a center is embedded in is its owner's.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
