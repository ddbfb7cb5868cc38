import type { Failure } from './failure.js';
import type { Flag } from './flag.js';
import type { Occasion } from './occasion.js';
import type { Serving } from './serving.js';
import type { Targeting } from './targeting.js';

/** A flag that depends on the user. */
interface Dependent {
  readonly position: number;
  readonly targeting: Targeting;
}

/**
 * Flags of which all are asked for. What everybody gets of a flag stands ready, so that a call fetches only those flags into the processor's
 * cache that depend on the user: of thousands of flags that takes longer than to evaluate them.
 */
export class AllFlags {
  readonly keys: readonly string[];
  /** What everybody gets, by position; `undefined` of a flag that depends on the user. */
  readonly #always: readonly (Serving | Failure | undefined)[];
  readonly #dependents: readonly Dependent[];

  /** @param flags are compiled if that has not been done. */
  constructor(flags: readonly Flag[]) {
    const targetings = flags.map((flag) => flag.targeting());
    this.keys = flags.map(({ key }) => key);
    this.#always = targetings.map(({ always }) => always);
    this.#dependents = targetings
      .map((targeting, position) => ({ targeting, position }))
      .filter(({ targeting }) => targeting.always === undefined);
  }

  /** What the user gets of each flag, in the order of the keys. */
  evaluate(occasion: Occasion): (Serving | Failure)[] {
    const outcomes = this.#always.slice();
    for (const { position, targeting } of this.#dependents) outcomes[position] = targeting.serve(occasion);
    // None is left `undefined`.
    return outcomes as (Serving | Failure)[];
  }
}
