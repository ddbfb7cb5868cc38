import type { LookUpTable } from './look-up.js';
import { END, firstFrom, lowerBound, type Positions } from './positions.js';

/** Numbers between two bounds, either of which may be infinite. The bounds count as inside: the rule is tried in any case. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BoundedRule extends Interval {
  readonly position: number;
}

/** Rules with one bound each, all on the same side: found in the order of their positions. */
export class BoundTable implements LookUpTable<number, number> {
  readonly #positions: readonly number[];
  readonly #intervals: IntervalTree;

  /** @param rules in order. */
  constructor(rules: readonly BoundedRule[]) {
    this.#positions = rules.map(({ position }) => position);
    this.#intervals = new IntervalTree(rules);
  }

  find(number: number): number {
    return number;
  }

  nextFrom(number: number, from: number): number {
    return this.#positions[this.#intervals.next(number, lowerBound(this.#positions, from))] ?? END;
  }
}

/** With more rules for one number they need not be found: all are tried. */
const MAX_FOUND = 16;

/** Rules with two bounds each. */
export class BandTable implements LookUpTable<number, Positions> {
  readonly #all: readonly number[];
  /** In the order of the lower bounds: what begins above a number is not looked at. */
  readonly #positions: readonly number[];
  readonly #intervals: IntervalTree;

  /** @param rules in order. */
  constructor(rules: readonly BoundedRule[]) {
    this.#all = rules.map(({ position }) => position);
    const ascending = rules.toSorted((one, other) => one.low - other.low);
    this.#positions = ascending.map(({ position }) => position);
    this.#intervals = new IntervalTree(ascending);
  }

  find(number: number): Positions {
    const found: number[] = [];
    for (let at = this.#intervals.next(number, 0); at !== END; at = this.#intervals.next(number, at + 1)) {
      if (found.length === MAX_FOUND) return this.#all;
      found.push(this.#positions[at] as number);
    }
    return found.sort((one, other) => one - other);
  }

  nextFrom(found: Positions, from: number): number {
    return firstFrom(found, from);
  }
}

/** Intervals in a list: which of them hold a number. */
export class IntervalTree {
  readonly #leaves: number;
  // The least and the greatest bound of each node, whose children are at twice its place; the leaves are at the end.
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;

  constructor(intervals: readonly Interval[]) {
    let leaves = 1;
    while (leaves < intervals.length) leaves *= 2;
    this.#leaves = leaves;
    this.#lows = new Float64Array(2 * leaves).fill(Number.POSITIVE_INFINITY);
    this.#highs = new Float64Array(2 * leaves).fill(Number.NEGATIVE_INFINITY);
    intervals.forEach(({ low, high }, index) => {
      this.#lows[leaves + index] = low;
      this.#highs[leaves + index] = high;
    });
    for (let node = leaves - 1; node > 0; node--) {
      this.#lows[node] = Math.min(this.#lows[2 * node] as number, this.#lows[2 * node + 1] as number);
      this.#highs[node] = Math.max(this.#highs[2 * node] as number, this.#highs[2 * node + 1] as number);
    }
  }

  /** The index of the first interval from one on that holds a number; {@link END} when none does. */
  next(number: number, from: number): number {
    if (from >= this.#leaves) return END;
    let node = this.#leaves + from;
    while (node !== 0) {
      if ((this.#lows[node] as number) <= number && number <= (this.#highs[node] as number)) {
        if (node >= this.#leaves) return node - this.#leaves;
        node *= 2;
      } else {
        // Past this node: up to where one lies to the right, and there. Past the root is 0.
        while ((node & 1) === 1) node >>= 1;
        if (node !== 0) node += 1;
      }
    }
    return END;
  }
}
