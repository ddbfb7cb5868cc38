import type { IterationSums, MetricSums, UncountedEvents } from '../../model/experiment.js';
import type { Counting } from './counting.js';
import { IN_EXCLUDED_SEGMENT, type Participant, SEVERAL, TARGETED } from './participant.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly number[] ? number[] : T[K] };

interface VariationSums {
  users: number;
  readonly metrics: readonly Mutable<MetricSums>[];
}

/**
 * The sums of an iteration, kept in step with its users: whenever one changes, what that user was part of is replaced. So the
 * order in which events come does not matter.
 */
export class RunningSums {
  readonly #counting: Counting;
  readonly #variations: readonly VariationSums[];
  readonly #excluded: Mutable<IterationSums['excluded']>;
  readonly #uncounted: Mutable<UncountedEvents>;
  #replays: number;
  #newest: number | null;

  /** @param sums those so far; absent = nobody yet. */
  constructor(counting: Counting, sums: IterationSums = emptySums(counting)) {
    this.#counting = counting;
    this.#variations = counting.variations.map((_, variation) => ({
      users: sums.variations[variation]?.users ?? 0,
      metrics: counting.metrics.map((_, metric) => copyOf(sums.variations[variation]?.metrics[metric] ?? NOTHING)),
    }));
    this.#excluded = { ...sums.excluded };
    this.#uncounted = { late: sums.late, oversized: sums.oversized, undeclared: sums.undeclared };
    this.#replays = sums.replays;
    this.#newest = sums.newest;
  }

  /** Notes the time of an event that counts. */
  saw(at: number): void {
    if (this.#newest === null || at > this.#newest) this.#newest = at;
  }

  /** Notes events that count for nothing. */
  leaveOut({ late, oversized, undeclared }: UncountedEvents): void {
    this.#uncounted.late += late;
    this.#uncounted.oversized += oversized;
    this.#uncounted.undeclared += undeclared;
  }

  /** Notes a request that was delivered again. */
  replayed(): void {
    this.#replays += 1;
  }

  /** Puts a user in the place of what the same user was before. */
  replace(before: Participant | undefined, after: Participant): void {
    if (before === after) return;
    if (before?.variation === after.variation) {
      if (after.variation >= 0) this.#change(after.variation, before, after);
      return;
    }
    if (before !== undefined) this.#move(before, -1);
    this.#move(after, 1);
  }

  build(): IterationSums {
    return {
      variations: this.#variations.map(({ users, metrics }) => ({ users, metrics: metrics.map(copyOf) })),
      excluded: { ...this.#excluded },
      ...this.#uncounted,
      replays: this.#replays,
      newest: this.#newest,
    };
  }

  /** In or out. */
  #move(participant: Participant, by: 1 | -1): void {
    const { variation } = participant;
    if (variation === SEVERAL) this.#excluded.several += by;
    else if (variation === TARGETED) this.#excluded.targeted += by;
    else if (variation === IN_EXCLUDED_SEGMENT) this.#excluded.segment += by;
    const sums = this.#variations[variation];
    if (sums === undefined) return;
    sums.users += by;
    if (by === 1) this.#change(variation, undefined, participant);
    else this.#change(variation, participant, undefined);
  }

  /** Changes sums by the differences alone: what a user's other metrics are part of is not rounded anew. */
  #change(variation: number, before: Participant | undefined, after: Participant | undefined): void {
    const all = this.#variations[variation]?.metrics ?? [];
    for (const [metric, sums] of all.entries()) {
      const places = this.#counting.metrics[metric];
      if (places === undefined) continue;
      const [was, value] = [this.#capped(places.value, before), this.#capped(places.value, after)];
      const [otherWas, other] =
        places.other === undefined ? [0, 0] : [this.#capped(places.other, before), this.#capped(places.other, after)];
      if (was === value && otherWas === other) continue;
      sums.nonzero += Number(value !== 0) - Number(was !== 0);
      change(sums, 'sum', 0, was, value);
      change(sums, 'sumSquares', 1, was * was, value * value);
      change(sums, 'denominatorSum', 2, otherWas, other);
      change(sums, 'denominatorSumSquares', 3, otherWas * otherWas, other * other);
      change(sums, 'sumProducts', 4, was * otherWas, value * other);
      sums.largest = Math.max(sums.largest, Math.abs(value));
    }
  }

  #capped(measure: number, participant: Participant | undefined): number {
    const total = participant?.totals[measure] ?? 0;
    const cap = this.#counting.measures[measure]?.cap ?? null;
    return cap === null ? total : Math.min(cap, total);
  }
}

type SumName = 'sum' | 'sumSquares' | 'denominatorSum' | 'denominatorSumSquares' | 'sumProducts';

/** Puts what a user is of a sum now in the place of what that was. `index` is the sum's place in `rests`. */
function change(sums: Mutable<MetricSums>, name: SumName, index: number, was: number, now: number): void {
  if (now === was) return;
  add(sums, name, index, now);
  add(sums, name, index, -was);
}

/**
 * Adds to a sum that has twice the digits of a number: one user with a huge value, who is taken out later, leaves the others'
 * values as they were.
 */
function add(sums: Mutable<MetricSums>, name: SumName, index: number, part: number): void {
  const sum = sums[name];
  const rounded = sum + part;
  const added = rounded - sum;
  const rest = (sums.rests[index] ?? 0) + (sum - (rounded - added) + (part - added));
  sums[name] = rounded + rest;
  sums.rests[index] = rest - (sums[name] - rounded);
}

const NOTHING: MetricSums = {
  nonzero: 0,
  sum: 0,
  sumSquares: 0,
  denominatorSum: 0,
  denominatorSumSquares: 0,
  sumProducts: 0,
  rests: [0, 0, 0, 0, 0],
  largest: 0,
};

function copyOf(sums: MetricSums): Mutable<MetricSums> {
  return { ...sums, rests: [...sums.rests] };
}

/** The sums of nobody. */
export function emptySums({ variations, metrics }: Counting): IterationSums {
  return {
    variations: variations.map(() => ({ users: 0, metrics: metrics.map(() => NOTHING) })),
    excluded: { several: 0, targeted: 0, segment: 0 },
    late: 0,
    oversized: 0,
    undeclared: 0,
    replays: 0,
    newest: null,
  };
}
