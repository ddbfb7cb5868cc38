import { UNCLEAR } from './attributes.js';
import type { Occasion } from './occasion.js';
import { END, firstFrom } from './positions.js';

/** Some of many rules, and how those among them are found that may hold. */
export interface RuleSource {
  /** The position of the first of them. */
  readonly first: number;
  /** The first rule from a position on that may hold; {@link END} when there is none. */
  nextFrom(occasion: Occasion, from: number): number;
}

/** What rules ask of a value, so that those that hold for one are found. */
export interface LookUpTable<Value, Found> {
  /** @returns `undefined` when none holds. */
  find(value: Value): Found | undefined;
  /** The first of the found rules from a position on; {@link END} when there is none. */
  nextFrom(found: Found, from: number): number;
}

/** Rules that are found by an attribute of the user. It is looked up once in an evaluation call. */
export class LookUp<Value, Found> implements RuleSource {
  readonly first: number;
  readonly #all: readonly number[];
  readonly #read: (occasion: Occasion) => Value | undefined | typeof UNCLEAR;
  readonly #table: LookUpTable<Value, Found>;
  #found: Found | undefined | typeof UNCLEAR;
  #foundOn = 0;

  /** @param all the positions of the rules, in order; at least one. */
  constructor(
    all: readonly number[],
    read: (occasion: Occasion) => Value | undefined | typeof UNCLEAR,
    table: LookUpTable<Value, Found>,
  ) {
    this.first = all[0] ?? END;
    this.#all = all;
    this.#read = read;
    this.#table = table;
  }

  nextFrom(occasion: Occasion, from: number): number {
    if (this.#foundOn !== occasion.number) {
      const value = this.#read(occasion);
      if (value === UNCLEAR) this.#found = UNCLEAR;
      // An absent attribute fails every condition on it.
      else this.#found = value === undefined ? undefined : this.#table.find(value);
      this.#foundOn = occasion.number;
    }
    const found = this.#found;
    if (found === undefined) return END;
    return found === UNCLEAR ? firstFrom(this.#all, from) : this.#table.nextFrom(found, from);
  }
}

/** Rules that must be tried each. */
export class EveryRule implements RuleSource {
  readonly first: number;
  readonly #all: readonly number[];

  /** @param all their positions, in order; at least one. */
  constructor(all: readonly number[]) {
    this.first = all[0] ?? END;
    this.#all = all;
  }

  nextFrom(_occasion: Occasion, from: number): number {
    return firstFrom(this.#all, from);
  }
}
