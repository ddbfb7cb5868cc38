import type { EventConsumer } from '../packages/fbclient/test/support/fault-requests.js';

/** What the server saw of numbered events. */
export interface LedgerSummary {
  /** Different events that were received. */
  readonly received: number;
  /** Receipts beyond the first of an event. */
  readonly duplicates: number;
  /** Different events that only something else in the event service's place answered, with success. */
  readonly swallowed: number;
}

const RECEIVED = 1;
const SWALLOWED = 2;

/** The name of the soak's metric; its value is the event's number. */
export const METRIC = 'soak';
/** Before the event's number in the user key of an evaluation. */
export const USER_PREFIX = 'user-';

/** Tells numbered events apart: metrics by their value, evaluations by their user's key. */
export class Ledger {
  readonly #seen = new Map<string, number>();
  #duplicates = 0;

  readonly consume: EventConsumer = (payloads, fate) => {
    for (const { user, metrics } of payloads) {
      const id = metrics === undefined ? user.keyId : `${METRIC}-${metrics[0]?.numericValue}`;
      const before = this.#seen.get(id) ?? 0;
      if (fate === 'received' && (before & RECEIVED) !== 0) this.#duplicates += 1;
      this.#seen.set(id, before | (fate === 'received' ? RECEIVED : SWALLOWED));
    }
  };

  get summary(): LedgerSummary {
    let received = 0;
    let swallowed = 0;
    for (const fates of this.#seen.values()) {
      if ((fates & RECEIVED) !== 0) received += 1;
      else swallowed += 1;
    }
    return { received, duplicates: this.#duplicates, swallowed };
  }
}
