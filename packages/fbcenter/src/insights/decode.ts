import { parseDecimal } from 'fbclient/core';
import type { Tally } from '../model/tally.js';
import { TallyBuilder } from './tally.js';

/** Longest flag key, variation id or event name that is counted, in UTF-16 units. */
const MAX_NAME_LENGTH = 256;

/** Items, evaluations and metrics together, that are read of one request. SDKs send 50 events at a time. */
const MAX_EVENTS = 10_000;

/** Whether a flag has a variation, so that evaluations of it can be counted: names that are made up take nobody's room. */
export type IsServed = (flagKey: string, variationId: string) => boolean;

/** Hears of each evaluation and metric that is taken, with its user as it was sent. */
export interface InsightListener {
  /** @param place of the event in its request: the same when the request is delivered again. */
  evaluated(place: number, user: SentUser, event: SentEvaluation): void;
  measured?(place: number, user: SentUser, event: SentMetric): void;
}

export interface SentUser {
  readonly keyId: string;
  readonly name?: unknown;
  readonly customizedProperties?: unknown;
}

export interface SentEvaluation {
  readonly featureFlagKey: string;
  readonly variation: { readonly id: string };
  readonly sendToExperiment?: unknown;
  readonly timestamp?: unknown;
}

export interface SentMetric {
  readonly eventName: string;
  readonly numericValue: number;
  readonly timestamp?: unknown;
}

/**
 * Reads what SDKs send to `insight/track`: an array of items, each with a user and evaluations, metrics, both or neither.
 * Each evaluation and metric stands alone: one that cannot be understood is counted as rejected and touches no other.
 *
 * @returns the counts, without the users; `undefined` when the body is not an array.
 */
export function decodeInsights(
  body: unknown,
  isServed: IsServed = () => true,
  ...listeners: readonly (InsightListener | undefined)[]
): Tally | undefined {
  if (!Array.isArray(body)) return undefined;
  const decoding = new Decoding(
    isServed,
    listeners.flatMap((listener) => listener ?? []),
  );
  for (const item of body) decoding.addItem(item);
  return decoding.tally.build();
}

class Decoding {
  readonly tally = new TallyBuilder();
  readonly #isServed: IsServed;
  readonly #listeners: readonly InsightListener[];
  #left = MAX_EVENTS;

  constructor(isServed: IsServed, listeners: readonly InsightListener[]) {
    this.#isServed = isServed;
    this.#listeners = listeners;
  }

  addItem(item: unknown): void {
    const { user, variations, metrics } = asRecord(item);
    if (!this.#mayGoOn() || !isName(asRecord(user).keyId, Number.POSITIVE_INFINITY)) {
      this.tally.addRejected(1);
      return;
    }
    if (isAbsent(variations) && isAbsent(metrics)) this.tally.addIdentifications(1);
    this.#addEach(variations, (entry) => {
      if (!isEvaluation(entry, this.#isServed)) return false;
      addEvaluation(entry, this.tally);
      for (const listener of this.#listeners) listener.evaluated(MAX_EVENTS - this.#left, user as SentUser, entry);
      return true;
    });
    this.#addEach(metrics, (entry) => {
      const metric = metricIn(entry);
      if (metric === undefined) return false;
      addMetric(metric, this.tally);
      for (const listener of this.#listeners) listener.measured?.(MAX_EVENTS - this.#left, user as SentUser, metric);
      return true;
    });
  }

  #addEach(list: unknown, add: (entry: unknown) => boolean): void {
    if (isAbsent(list)) return;
    if (!Array.isArray(list)) {
      this.tally.addRejected(1);
      return;
    }
    for (const entry of list) if (!this.#mayGoOn() || !add(entry)) this.tally.addRejected(1);
  }

  #mayGoOn(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

function isEvaluation(entry: unknown, isServed: IsServed): entry is SentEvaluation {
  const { featureFlagKey, variation } = asRecord(entry);
  const { id } = asRecord(variation);
  return isName(featureFlagKey) && isName(id) && isServed(featureFlagKey, id);
}

function addEvaluation({ featureFlagKey, variation, sendToExperiment }: SentEvaluation, tally: TallyBuilder): void {
  const experimentCount = sendToExperiment === true ? 1 : 0;
  tally.addEvaluations({ flagKey: featureFlagKey, variationId: variation.id, count: 1, experimentCount });
}

function metricIn(entry: unknown): SentMetric | undefined {
  const { eventName, numericValue: sent, timestamp } = asRecord(entry);
  const numericValue = numberIn(sent);
  return isName(eventName) && numericValue !== undefined ? { eventName, numericValue, timestamp } : undefined;
}

/** A number that is finite; FeatBit takes it as text too. JSON can name numbers that are infinite once they are read, such as 1e999. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'string') return parseDecimal(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function addMetric({ eventName, numericValue }: SentMetric, tally: TallyBuilder): void {
  tally.addMetrics({ eventName, count: 1, sum: numericValue, min: numericValue, max: numericValue });
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Text that can be an entry of its own: not blank, not endless, nothing that a database or a screen would garble. */
function isName(value: unknown, maxLength = MAX_NAME_LENGTH): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
