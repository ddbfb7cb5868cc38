import type { EvaluationCount, MetricCount, Tally } from '../model/tally.js';

interface VariationCount {
  count: number;
  experimentCount: number;
}

/** Adds insights up, one entry per flag and variation and one per event name. */
export class TallyBuilder {
  readonly #evaluations = new Map<string, Map<string, VariationCount>>();
  readonly #metrics = new Map<string, { count: number; sum: number; min: number; max: number }>();
  #entries = 0;
  #identifications = 0;
  #rejected = 0;

  /** Distinct entries held, which is what memory is used for. */
  get entries(): number {
    return this.#entries;
  }

  addEvaluations({ flagKey, variationId, count, experimentCount }: EvaluationCount): void {
    const variations = this.#evaluations.get(flagKey) ?? new Map<string, VariationCount>();
    this.#evaluations.set(flagKey, variations);
    const entry = variations.get(variationId);
    if (entry === undefined) {
      variations.set(variationId, { count, experimentCount });
      this.#entries += 1;
    } else {
      entry.count += count;
      entry.experimentCount += experimentCount;
    }
  }

  addMetrics({ eventName, count, sum, min, max }: MetricCount): void {
    const entry = this.#metrics.get(eventName);
    if (entry === undefined) {
      this.#metrics.set(eventName, { count, sum, min, max });
      this.#entries += 1;
    } else {
      entry.count += count;
      entry.sum = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, entry.sum + sum));
      entry.min = Math.min(entry.min, min);
      entry.max = Math.max(entry.max, max);
    }
  }

  addIdentifications(count: number): void {
    this.#identifications += count;
  }

  addRejected(count: number): void {
    this.#rejected += count;
  }

  add(tally: Tally): void {
    for (const evaluation of tally.evaluations) this.addEvaluations(evaluation);
    for (const metric of tally.metrics) this.addMetrics(metric);
    this.addIdentifications(tally.identifications);
    this.addRejected(tally.rejected);
  }

  build(): Tally {
    const evaluations: EvaluationCount[] = [];
    for (const [flagKey, variations] of this.#evaluations) {
      for (const [variationId, entry] of variations) evaluations.push({ flagKey, variationId, ...entry });
    }
    const metrics = [...this.#metrics].map(([eventName, entry]) => ({ eventName, ...entry }));
    return { evaluations, metrics, identifications: this.#identifications, rejected: this.#rejected };
  }
}
