import type { Iteration } from '../../model/experiment.js';
import { countingOf } from '../counting/counting.js';
import type { Pseudonyms } from './pseudonyms.js';

/** An iteration whose flag is evaluated. */
interface WatchedIteration {
  readonly iteration: Iteration;
  /** The places of the compared variations in the plan, by their ids. */
  readonly variations: ReadonlyMap<string, number>;
}

/** An iteration that counts events of a name. */
interface MeasuringIteration {
  readonly iteration: Iteration;
  /** From when on. */
  readonly since: number;
}

/** The iterations of an environment that may still change, as each event asks for them. */
export class Watched {
  readonly iterations: readonly Iteration[];
  readonly pseudonyms: Pseudonyms;
  readonly awaited: ReadonlySet<string>;
  readonly #byFlag = new Map<string, WatchedIteration[]>();
  readonly #byEvent = new Map<string, MeasuringIteration[]>();

  /** @param awaited names of events that are kept although no iteration counts them yet. */
  constructor(iterations: readonly Iteration[], pseudonyms: Pseudonyms, awaited: ReadonlySet<string> = new Set()) {
    this.iterations = iterations;
    this.pseudonyms = pseudonyms;
    this.awaited = awaited;
    for (const event of awaited) this.#byEvent.set(event, []);
    for (const iteration of iterations) {
      const { flagKey, variations } = iteration.plan;
      append(this.#byFlag, flagKey, { iteration, variations: new Map(variations.map(({ id }, at) => [id, at])) });
      const { measures, since } = countingOf(iteration);
      for (const event of new Set(measures.map((measure) => measure.event))) {
        append(this.#byEvent, event, { iteration, since });
      }
    }
  }

  ofFlag(flagKey: string): readonly WatchedIteration[] | undefined {
    return this.#byFlag.get(flagKey);
  }

  ofEvent(event: string): readonly MeasuringIteration[] | undefined {
    return this.#byEvent.get(event);
  }
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
