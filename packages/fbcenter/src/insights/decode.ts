import type { Tally } from '../model/tally.js';
import { TallyBuilder } from './tally.js';

/** Longest flag key, variation id or event name that is counted, in UTF-16 units. */
const MAX_NAME_LENGTH = 256;

/** Items, evaluations and metrics together, that are read of one request. SDKs send 50 events at a time. */
const MAX_EVENTS = 10_000;

/** Whether a flag has a variation, so that evaluations of it can be counted: names that are made up take nobody's room. */
export type IsServed = (flagKey: string, variationId: string) => boolean;

/**
 * Reads what SDKs send to `insight/track`: an array of items, each with a user and evaluations, metrics, both or neither.
 * Each evaluation and metric stands alone: one that cannot be understood is counted as rejected and touches no other.
 *
 * @returns the counts, without the users; `undefined` when the body is not an array.
 */
export function decodeInsights(body: unknown, isServed: IsServed = () => true): Tally | undefined {
  if (!Array.isArray(body)) return undefined;
  const decoding = new Decoding(isServed);
  for (const item of body) decoding.addItem(item);
  return decoding.tally.build();
}

class Decoding {
  readonly tally = new TallyBuilder();
  readonly #isServed: IsServed;
  #left = MAX_EVENTS;

  constructor(isServed: IsServed) {
    this.#isServed = isServed;
  }

  addItem(item: unknown): void {
    const { user, variations, metrics } = asRecord(item);
    if (!this.#mayGoOn() || !isName(asRecord(user).keyId, Number.POSITIVE_INFINITY)) {
      this.tally.addRejected(1);
      return;
    }
    if (isAbsent(variations) && isAbsent(metrics)) this.tally.addIdentifications(1);
    this.#addEach(variations, (entry) => addEvaluation(entry, this.tally, this.#isServed));
    this.#addEach(metrics, (entry) => addMetric(entry, this.tally));
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

function addEvaluation(entry: unknown, tally: TallyBuilder, isServed: IsServed): boolean {
  const { featureFlagKey, variation, sendToExperiment } = asRecord(entry);
  const { id } = asRecord(variation);
  if (!isName(featureFlagKey) || !isName(id) || !isServed(featureFlagKey, id)) return false;
  const experimentCount = sendToExperiment === true ? 1 : 0;
  tally.addEvaluations({ flagKey: featureFlagKey, variationId: id, count: 1, experimentCount });
  return true;
}

function addMetric(entry: unknown, tally: TallyBuilder): boolean {
  const { eventName, numericValue } = asRecord(entry);
  // JSON text can name numbers that are infinite once they are read, such as 1e999.
  if (!isName(eventName) || typeof numericValue !== 'number' || !Number.isFinite(numericValue)) return false;
  tally.addMetrics({ eventName, count: 1, sum: numericValue, min: numericValue, max: numericValue });
  return true;
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
