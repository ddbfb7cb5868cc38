import type { IterationSums, MetricSums, UncountedEvents } from '../../model/experiment.js';
import type { Counting } from './counting.js';
import { MetricTotals } from './metric-totals.js';
import { IN_EXCLUDED_SEGMENT, type Participant, SEVERAL, TARGETED } from './participant.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface VariationSums {
  users: number;
  readonly metrics: readonly MetricTotals[];
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
      metrics: counting.metrics.map(
        (_, metric) => new MetricTotals(sums.variations[variation]?.metrics[metric] ?? NOTHING),
      ),
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
      variations: this.#variations.map(({ users, metrics }) => ({
        users,
        metrics: metrics.map((metric) => metric.build()),
      })),
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

  #change(variation: number, before: Participant | undefined, after: Participant | undefined): void {
    const { metrics } = this.#counting;
    const all = this.#variations[variation]?.metrics ?? [];
    for (let metric = 0; metric < all.length; metric++) {
      const places = metrics[metric];
      if (places === undefined) continue;
      const { value, other } = places;
      all[metric]?.replace(
        this.#capped(value, before),
        this.#capped(value, after),
        this.#capped(other, before),
        this.#capped(other, after),
      );
    }
  }

  #capped(measure: number | undefined, participant: Participant | undefined): number {
    if (measure === undefined) return 0;
    const total = participant?.totals[measure] ?? 0;
    const cap = this.#counting.measures[measure]?.cap ?? null;
    return cap === null ? total : Math.min(cap, total);
  }
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
