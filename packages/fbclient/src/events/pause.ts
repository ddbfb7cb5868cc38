import type { Cancel } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Platform } from '../runtime/platform.js';
import { halfJitter } from './next-step.js';

/** The longest pause, in milliseconds. */
const MAX_PAUSE = 600_000;

/**
 * Holds delivery back while the event server refuses this client's events: for a secret that was rotated, a wrong URL, a
 * proxy in the way. Most of these pass, so delivery goes on by itself; one message reports each cause.
 */
export class Pause {
  readonly #platform: Platform;
  readonly #log: Log;
  /** In a row. */
  #refusals = 0;
  #reported: string | undefined;
  #end: Cancel | undefined;

  constructor(platform: Platform, log: Log) {
    this.#platform = platform;
    this.#log = log;
  }

  get active(): boolean {
    return this.#end !== undefined;
  }

  /**
   * @param first milliseconds: the ceiling of the first pause, which doubles with each one in a row. Half of it is jitter.
   * @param atLeast milliseconds that the server asked for.
   * @param ended is called when the pause is over, unless {@link end} comes first.
   */
  begin(problem: string, first: number, atLeast: number, ended: () => void): void {
    if (this.active) return;
    const ceiling = Math.min(first * 2 ** this.#refusals, MAX_PAUSE);
    const wait = Math.max(halfJitter(ceiling, this.#platform.random()), atLeast);
    this.#refusals += 1;
    this.#end = this.#platform.clock.background(wait, () => {
      this.#end = undefined;
      ended();
    });
    if (this.#reported === problem) return;
    this.#reported = problem;
    this.#log.write(
      'error',
      'events-refused',
      `the event server refuses this client's events (${problem}): check eventUrl and envSecret; they wait in the queue, and delivery is tried again by itself`,
    );
  }

  /** Ends a pause early, without a call. */
  end(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** The server has taken events. */
  delivered(): void {
    this.#refusals = 0;
    if (this.#reported === undefined) return;
    this.#reported = undefined;
    this.#log.write('info', 'events-accepted', 'the event server takes events again');
  }
}
