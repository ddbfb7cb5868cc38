import type { EvaluationCount, MetricCount, Tally } from '../model/tally.js';

interface VariationCount {
  count: number;
  experimentCount: number;
}

interface Measured {
  count: number;
  sum: number;
  min: number;
  max: number;
}

function measure(entry: Measured, count: number, sum: number, min: number, max: number): void {
  entry.count += count;
  entry.sum = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, entry.sum + sum));
  entry.min = Math.min(entry.min, min);
  entry.max = Math.max(entry.max, max);
}

/** Adds insights up, one entry per flag and variation and one per event name. */
export class TallyBuilder {
  readonly #evaluations = new Map<string, Map<string, VariationCount>>();
  readonly #metrics = new Map<string, Measured>();
  #entries = 0;
  #identifications = 0;
  #rejected = 0;

  /** Distinct entries held, which is what memory is used for. */
  get entries(): number {
    return this.#entries;
  }

  /** Counts one more evaluation. @returns whether the variation had any: otherwise nothing is counted. */
  evaluatedAgain(flagKey: string, variationId: string, isOfExperiment: boolean): boolean {
    const entry = this.#evaluations.get(flagKey)?.get(variationId);
    if (entry === undefined) return false;
    entry.count += 1;
    if (isOfExperiment) entry.experimentCount += 1;
    return true;
  }

  /** The same for a value of an event. */
  measuredAgain(eventName: string, value: number): boolean {
    const entry = this.#metrics.get(eventName);
    if (entry === undefined) return false;
    measure(entry, 1, value, value, value);
    return true;
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
      measure(entry, count, sum, min, max);
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
