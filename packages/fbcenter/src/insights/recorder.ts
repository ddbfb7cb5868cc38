import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../model/refusal.js';
import type { Tally } from '../model/tally.js';
import type { Insights } from '../storage/insights.js';
import { TallyBuilder } from './tally.js';

/** Distinct entries that may wait to be written; more than that means that the storage does not keep up. */
const MAX_PENDING_ENTRIES = 100_000;

/** Entries that are written in one transaction: a few milliseconds, in which nobody else uses the database. */
const MAX_WRITTEN_ENTRIES = 250;

/** Turns of the event loop that a transaction is put off for as long as each brings another request. */
const MAX_TURNS = 16;

/**
 * Writes insights down. Requests that arrive in turns of the event loop that follow each other share one transaction, so that many small
 * requests cost no more than one; when none comes it is written, without a wait.
 */
export class InsightRecorder {
  readonly #insights: Pick<Insights, 'record'>;
  readonly #maxPendingEntries: number;
  #pending = new Map<string, TallyBuilder>();
  #pendingEntries = 0;
  #writing: Promise<void> | undefined;
  /** How many have come. */
  #requests = 0;

  constructor(insights: Pick<Insights, 'record'>, maxPendingEntries = MAX_PENDING_ENTRIES) {
    this.#insights = insights;
    this.#maxPendingEntries = maxPendingEntries;
  }

  /** Distinct entries that wait to be written. */
  get waiting(): number {
    return this.#pendingEntries;
  }

  /**
   * Fulfils when the tally is kept. One that is large is written in several transactions; when it cannot be written, a part of it
   * may have been.
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
    this.#requests += 1;
    this.#writing ??= this.#writeSoon();
    return this.#writing;
  }

  async #writeSoon(): Promise<void> {
    for (let turn = 0, before = -1; turn < MAX_TURNS && before !== this.#requests; turn++) {
      before = this.#requests;
      await setImmediate();
    }
    const tallies = new Map([...this.#pending].map(([environmentId, tally]) => [environmentId, tally.build()]));
    this.#pending = new Map();
    this.#pendingEntries = 0;
    this.#writing = undefined;
    for (const part of partsOf(tallies)) {
      await this.#insights.record(part);
      await setImmediate();
    }
  }
}

/** Cuts tallies into parts of a few entries. */
function* partsOf(tallies: ReadonlyMap<string, Tally>): Generator<ReadonlyMap<string, Tally>, void, undefined> {
  let part = new Map<string, Tally>();
  let entries = 0;
  for (const [environmentId, tally] of tallies) {
    for (const piece of piecesOf(tally)) {
      const size = piece.evaluations.length + piece.metrics.length;
      if (entries > 0 && (entries + size > MAX_WRITTEN_ENTRIES || part.has(environmentId))) {
        yield part;
        part = new Map();
        entries = 0;
      }
      part.set(environmentId, piece);
      entries += size;
    }
  }
  if (part.size > 0) yield part;
}

/** A tally as several that are not too large; the first has what is no entry. */
function* piecesOf({ evaluations, metrics, ...rest }: Tally): Generator<Tally, void, undefined> {
  const count = Math.max(1, Math.ceil(Math.max(evaluations.length, metrics.length) / (MAX_WRITTEN_ENTRIES / 2)));
  for (let index = 0; index < count; index++) {
    const [from, to] = [index, index + 1].map((at) => (at * MAX_WRITTEN_ENTRIES) / 2);
    const others = index === 0 ? rest : { identifications: 0, rejected: 0 };
    yield { evaluations: evaluations.slice(from, to), metrics: metrics.slice(from, to), ...others };
  }
}
