import type { Iteration } from '../../model/experiment.js';
import { countingOf } from '../counting/counting.js';
import type { Pseudonyms } from './pseudonyms.js';

/** An iteration whose flag is evaluated. */
interface WatchedIteration {
  readonly iteration: Iteration;
  /** The places of the compared variations in the plan, by their ids. */
  readonly variations: ReadonlyMap<string, number>;
}

/** The iterations of an environment that may still change, as each event asks for them. */
export class Watched {
  readonly iterations: readonly Iteration[];
  readonly pseudonyms: Pseudonyms;
  readonly #byFlag = new Map<string, WatchedIteration[]>();
  readonly #byEvent = new Map<string, Iteration[]>();

  constructor(iterations: readonly Iteration[], pseudonyms: Pseudonyms) {
    this.iterations = iterations;
    this.pseudonyms = pseudonyms;
    for (const iteration of iterations) {
      const { flagKey, variations } = iteration.plan;
      append(this.#byFlag, flagKey, { iteration, variations: new Map(variations.map(({ id }, at) => [id, at])) });
      const events = new Set(countingOf(iteration).measures.map(({ event }) => event));
      for (const event of events) append(this.#byEvent, event, iteration);
    }
  }

  ofFlag(flagKey: string): readonly WatchedIteration[] | undefined {
    return this.#byFlag.get(flagKey);
  }

  ofEvent(event: string): readonly Iteration[] | undefined {
    return this.#byEvent.get(event);
  }
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
