import { parseDecimal } from 'fbclient/core';
import type { Tally } from '../model/tally.js';
import { TallyBuilder } from './tally.js';

/** Longest flag key, variation id or event name that is counted, in UTF-16 units. */
const MAX_NAME_LENGTH = 256;

/** Items, evaluations and metrics together, that are read of one request. SDKs send 50 events at a time. */
const MAX_EVENTS = 10_000;

const NONE: readonly unknown[] = [];
const NO_MEMBERS: Readonly<Record<string, unknown>> = {};

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
    if (!this.#mayGoOn() || !isUser(user)) {
      this.tally.addRejected(1);
      return;
    }
    if (isAbsent(variations) && isAbsent(metrics)) this.tally.addIdentifications(1);
    for (const entry of this.#listOf(variations)) {
      if (!this.#mayGoOn() || !this.#addEvaluation(user, entry)) this.tally.addRejected(1);
    }
    for (const entry of this.#listOf(metrics)) {
      if (!this.#mayGoOn() || !this.#addMetric(user, entry)) this.tally.addRejected(1);
    }
  }

  #listOf(list: unknown): readonly unknown[] {
    if (Array.isArray(list)) return list;
    if (!isAbsent(list)) this.tally.addRejected(1);
    return NONE;
  }

  /** @returns whether it is one. */
  #addEvaluation(user: SentUser, entry: unknown): boolean {
    const { featureFlagKey: flagKey, variation, sendToExperiment } = asRecord(entry);
    const { id } = asRecord(variation);
    if (typeof flagKey !== 'string' || typeof id !== 'string') return false;
    const isOfExperiment = sendToExperiment === true;
    // Most events of a request are of a few flags: what was judged once is not judged again.
    if (!this.tally.evaluatedAgain(flagKey, id, isOfExperiment)) {
      if (!isName(flagKey) || !isName(id) || !this.#isServed(flagKey, id)) return false;
      this.tally.addEvaluations({ flagKey, variationId: id, count: 1, experimentCount: isOfExperiment ? 1 : 0 });
    }
    for (const listener of this.#listeners) listener.evaluated(MAX_EVENTS - this.#left, user, entry as SentEvaluation);
    return true;
  }

  /** @returns whether it is one. */
  #addMetric(user: SentUser, entry: unknown): boolean {
    const { eventName, numericValue: sent, timestamp } = asRecord(entry);
    const numericValue = numberIn(sent);
    if (typeof eventName !== 'string' || numericValue === undefined) return false;
    if (!this.tally.measuredAgain(eventName, numericValue)) {
      if (!isName(eventName)) return false;
      this.tally.addMetrics({ eventName, count: 1, sum: numericValue, min: numericValue, max: numericValue });
    }
    for (const listener of this.#listeners)
      listener.measured?.(MAX_EVENTS - this.#left, user, { eventName, numericValue, timestamp });
    return true;
  }

  #mayGoOn(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

function isUser(user: unknown): user is SentUser {
  return isName(asRecord(user).keyId, Number.POSITIVE_INFINITY);
}

/** A number that is finite; FeatBit takes it as text too. JSON can name numbers that are infinite once they are read, such as 1e999. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'string') return parseDecimal(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Text that can be an entry of its own: not blank, not endless, nothing that a database or a screen would garble. */
function isName(value: unknown, maxLength = MAX_NAME_LENGTH): value is string {
  if (typeof value !== 'string' || value.length > maxLength) return false;
  return isPlain(value) || (value.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(value));
}

/** Whether a text has nothing but printable ASCII, without blanks, as most names: the rest takes a closer and slower look. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return text !== '';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : NO_MEMBERS;
}
