/** A time in which the event loop stood still, in milliseconds. */
export interface Stall {
  readonly wall: number;
  /** At most what the process itself took of it: other processes may have had the processor for the rest. */
  readonly own: number;
}

/** Shorter ones are not kept, in milliseconds. */
const LEAST_STALL = 2;
/** How often memory is looked at, at most, in milliseconds. */
const LOOK = 2;
const CALLS_PER_SECOND = 1_000;

/** Watches in every turn of the event loop how long it stands still and how much memory is in use, while calls go on at a steady rate. */
export class StallWatch {
  readonly stalls: Stall[] = [];
  /** The most heap and external memory that was in use, garbage included, in bytes. */
  peak = 0;
  readonly #call: (due: number) => void;
  readonly #started = performance.now();
  #looked = 0;
  #running = true;

  /** @param call gets how many calls are due since the start; what a stall held up is made up for, as requests that wait would be. */
  constructor(call: (due: number) => void) {
    this.#call = call;
    this.#beat(this.#started, process.cpuUsage());
  }

  stop(): void {
    this.#running = false;
  }

  #beat(last: number, lastUsage: NodeJS.CpuUsage): void {
    const now = performance.now();
    const usage = process.cpuUsage();
    const wall = now - last;
    const used = (usage.user - lastUsage.user + usage.system - lastUsage.system) / 1_000;
    if (wall > LEAST_STALL) this.stalls.push({ wall, own: Math.min(wall, used) });
    if (now - this.#looked > LOOK) {
      this.#looked = now;
      const { heapUsed, external } = process.memoryUsage();
      this.peak = Math.max(this.peak, heapUsed + external);
    }
    this.#call(((now - this.#started) / 1_000) * CALLS_PER_SECOND);
    if (this.#running) setImmediate(() => this.#beat(now, usage));
  }
}

/** The longest of them, in milliseconds. */
export function longest(stalls: readonly Stall[], by: keyof Stall): number {
  return Math.max(0, ...stalls.map((stall) => stall[by]));
}
