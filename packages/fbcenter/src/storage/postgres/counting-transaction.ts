import { type Counting, countingOf, isOpenAt } from '../../experiments/counting/counting.js';
import { exposed, measured, type Participant } from '../../experiments/counting/participant.js';
import { RunningSums } from '../../experiments/counting/sums.js';
import type { Iteration } from '../../model/experiment.js';
import type { CountedEvent, CountedRequest } from '../experiments.js';
import type { BatchBook } from './counted-book.js';

/** In the place of the next event: the request is known as a whole. */
const WHOLE = -1;

interface OpenIteration {
  readonly counting: Counting;
  readonly sums: RunningSums;
  /** Those that were read, by user: as they are in the database, and as they are now. */
  readonly participants: Map<number, { readonly kept: Participant | undefined; now: Participant | undefined }>;
}

/**
 * The counting of some requests of an environment, within one transaction. Rows are read once and written once, and the sums are
 * written at the end.
 */
export class CountingTransaction {
  readonly #book: BatchBook;
  readonly #iterations: ReadonlyMap<number, Iteration>;
  /** The iterations that an event counts in, by its name. */
  readonly #measuring = new Map<string, readonly number[]>();
  readonly #open = new Map<number, OpenIteration>();

  constructor(book: BatchBook, iterations: readonly Iteration[]) {
    this.#book = book;
    this.#iterations = new Map(iterations.map((iteration) => [iteration.id, iteration]));
    for (const iteration of iterations) {
      for (const event of new Set(countingOf(iteration).measures.map((measure) => measure.event))) {
        this.#measuring.set(event, [...(this.#measuring.get(event) ?? []), iteration.id]);
      }
    }
  }

  take({ hash, events, next, uncounted }: CountedRequest): void {
    const known = this.#book.taken(hash);
    if (known === WHOLE) {
      // Of a request in parts the last one says so.
      if (next === undefined) for (const id of this.#concerned(events)) this.#with(id, ({ sums }) => sums.replayed());
      return;
    }
    if (known === undefined) {
      for (const [id, counts] of uncounted) this.#with(id, ({ sums }) => sums.leaveOut(counts));
    }
    // One that was taken in part, before the center was killed, goes on where it was cut off.
    const from = known ?? 0;
    if (next !== undefined && next <= from) return;
    for (const event of events) if (event.place >= from) this.#count(event);
    this.#book.keepTaken(hash, next ?? WHOLE);
  }

  /** Writes what has changed. */
  finish(): void {
    for (const [id, { sums, participants }] of this.#open) {
      for (const [user, { kept, now }] of participants) {
        if (now !== undefined && now !== kept) this.#book.keepParticipant(id, user, now);
      }
      this.#book.keepSums(id, sums.build());
    }
  }

  #concerned(events: readonly CountedEvent[]): ReadonlySet<number> {
    return new Set(
      events.flatMap((event) =>
        event.kind === 'metric' ? (this.#measuring.get(event.event) ?? []) : [event.iteration],
      ),
    );
  }

  #count(event: CountedEvent): void {
    const { user, at } = event;
    if (event.kind === 'exposure') {
      this.#with(event.iteration, (open) => {
        // It may have been stopped while the event waited.
        if (!isOpenAt(open.counting, at)) return;
        open.sums.saw(at);
        const log = this.#book.logOf(user);
        this.#replace(open, event.iteration, user, (before) => exposed(open.counting, before, event, log));
      });
      return;
    }
    this.#book.keepEvent(event.event, user, event);
    for (const id of this.#measuring.get(event.event) ?? []) {
      this.#with(id, (open) => {
        const { since, end } = open.counting;
        if (at < since || at >= (end ?? Number.POSITIVE_INFINITY)) return;
        open.sums.saw(at);
        this.#replace(open, id, user, (before) => before && measured(open.counting, before, event));
      });
    }
  }

  #replace(
    { participants, sums }: OpenIteration,
    iteration: number,
    user: number,
    change: (before: Participant | undefined) => Participant | undefined,
  ): void {
    let entry = participants.get(user);
    if (entry === undefined) {
      const kept = this.#book.participant(iteration, user);
      entry = { kept, now: kept };
      participants.set(user, entry);
    }
    const now = change(entry.now);
    if (now === undefined || now === entry.now) return;
    sums.replace(entry.now, now);
    entry.now = now;
  }

  #with(id: number, work: (open: OpenIteration) => void): void {
    const iteration = this.#iterations.get(id);
    if (iteration === undefined) return;
    let open = this.#open.get(id);
    if (open === undefined) {
      const counting = countingOf(iteration);
      const sums = new RunningSums(counting, this.#book.sums(id));
      open = { counting, sums, participants: new Map() };
      this.#open.set(id, open);
    }
    work(open);
  }
}
