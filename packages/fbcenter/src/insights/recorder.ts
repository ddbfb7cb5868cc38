import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../model/refusal.js';
import type { Tally } from '../model/tally.js';
import type { Insights } from '../storage/insights.js';
import { TallyBuilder } from './tally.js';

/** Distinct entries that may wait to be written; more than that means that the storage does not keep up. */
const MAX_PENDING_ENTRIES = 100_000;

/**
 * Writes insights down. Requests that arrive in the same turn of the event loop share one transaction, so that many small
 * requests cost no more than one.
 */
export class InsightRecorder {
  readonly #insights: Pick<Insights, 'record'>;
  readonly #maxPendingEntries: number;
  #pending = new Map<string, TallyBuilder>();
  #pendingEntries = 0;
  #writing: Promise<void> | undefined;

  constructor(insights: Pick<Insights, 'record'>, maxPendingEntries = MAX_PENDING_ENTRIES) {
    this.#insights = insights;
    this.#maxPendingEntries = maxPendingEntries;
  }

  /**
   * Fulfils when the tally is kept.
   *
   * @throws Refusal `busy` when too much is waiting; StorageError when it cannot be written.
   */
  async record(environmentId: string, tally: Tally): Promise<void> {
    if (this.#pendingEntries > this.#maxPendingEntries) {
      throw new Refusal('busy', 'More insights arrive than can be written: send these again later.');
    }
    const pending = this.#pending.get(environmentId) ?? new TallyBuilder();
    this.#pending.set(environmentId, pending);
    const before = pending.entries;
    pending.add(tally);
    this.#pendingEntries += pending.entries - before;
    this.#writing ??= this.#writeSoon();
    return this.#writing;
  }

  async #writeSoon(): Promise<void> {
    await setImmediate();
    const tallies = new Map([...this.#pending].map(([environmentId, tally]) => [environmentId, tally.build()]));
    this.#pending = new Map();
    this.#pendingEntries = 0;
    this.#writing = undefined;
    await this.#insights.record(tallies);
  }
}
