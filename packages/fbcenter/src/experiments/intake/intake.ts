import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Iteration } from '../../model/experiment.js';
import { Refusal } from '../../model/refusal.js';
import type { Clock } from '../../runtime/clock.js';
import type { CountedRequest, ExperimentData, Experiments } from '../../storage/experiments.js';
import { type Audience, Gathering } from './gathering.js';
import { Pseudonyms } from './pseudonyms.js';
import { Watched } from './watched.js';
import { WritePace } from './write-pace.js';

/** Events that are counted in one transaction: a few milliseconds, in which nobody else uses the database. */
const EVENTS_AT_A_TIME = 250;
/** Events that may wait; more than that means that the storage does not keep up. */
const MAX_WAITING = 50_000;

export interface IntakeParts {
  readonly experiments: Pick<Experiments, 'openIterations'>;
  readonly data: Pick<ExperimentData, 'pseudonymKey' | 'take'>;
  readonly clock: Clock;
  /** Learns for which iterations something was counted. */
  onCounted?(environmentId: string, iterations: readonly Iteration[]): void;
  readonly maxWaiting?: number;
  readonly pace?: Pick<WritePace, 'next' | 'ended'>;
}

interface Waiting {
  readonly environmentId: string;
  readonly gathering: Gathering;
  readonly hash: string;
  /** The first of its events that is not counted yet. */
  at: number;
  readonly counted: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Takes what SDKs report into the experiments of an environment. A request counts once, whole, and only when its promise is
 * fulfilled; a large one is counted in several transactions, and others have their turns in between.
 */
export class ExperimentIntake {
  readonly #parts: IntakeParts;
  readonly #watched = new Map<string, Watched>();
  readonly #maxWaiting: number;
  readonly #pace: Pick<WritePace, 'next' | 'ended'>;
  #queue: Waiting[] = [];
  #waitingEvents = 0;
  #isDraining = false;
  /** The end of everything that must not happen at the same time as counting. */
  #last: Promise<unknown> = Promise.resolve();
  #refused = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#maxWaiting = parts.maxWaiting ?? MAX_WAITING;
    this.#pace = parts.pace ?? new WritePace();
  }

  /** Requests that were refused because too much was waiting, since the start of the center. */
  get refused(): number {
    return this.#refused;
  }

  /** Events that wait to be counted. */
  get waiting(): number {
    return this.#waitingEvents;
  }

  /** Reads which iterations there are to count for. Until then nothing is counted. */
  async load(): Promise<void> {
    const byEnvironment = new Map<string, Iteration[]>();
    for (const { environmentId, iteration } of await this.#parts.experiments.openIterations()) {
      const list = byEnvironment.get(environmentId) ?? [];
      byEnvironment.set(environmentId, [...list, iteration]);
    }
    for (const [environmentId, iterations] of byEnvironment) await this.watch(environmentId, iterations);
  }

  /**
   * From now on an environment counts for these iterations.
   *
   * @param awaited names of events that are kept for experiments which have not begun; absent = as before.
   */
  async watch(
    environmentId: string,
    iterations: readonly Iteration[],
    awaited: ReadonlySet<string> = this.#watched.get(environmentId)?.awaited ?? new Set(),
  ): Promise<void> {
    if (iterations.length + awaited.size === 0) {
      this.#watched.delete(environmentId);
      return;
    }
    const known = this.#watched.get(environmentId)?.pseudonyms;
    const pseudonyms = known ?? new Pseudonyms(await this.#parts.data.pseudonymKey(environmentId));
    this.#watched.set(environmentId, new Watched(iterations, pseudonyms, awaited));
  }

  /** Puts an iteration in the place of what it was. */
  async replace(environmentId: string, iteration: Iteration): Promise<void> {
    const others = this.iterations(environmentId);
    await this.watch(
      environmentId,
      others.map((one) => (one.id === iteration.id ? iteration : one)),
    );
  }

  /** The iterations that an environment counts for. */
  iterations(environmentId: string): readonly Iteration[] {
    return this.#watched.get(environmentId)?.iterations ?? [];
  }

  /**
   * Whoever hears of the events of a request, to be given to {@link take} afterwards.
   *
   * @returns `undefined` when the environment has no experiment to count for.
   */
  gather(environmentId: string, audience: Audience): Gathering | undefined {
    const watched = this.#watched.get(environmentId);
    return watched && new Gathering(watched, audience, this.#parts.clock.now());
  }

  /**
   * Counts what was gathered.
   *
   * @param text the body of the request, by which it is known when it is delivered again.
   * @throws Refusal `busy` when too much is waiting; StorageError when it cannot be written. It counts then as far as it was
   * written, and the rest when it is delivered again.
   */
  async take(environmentId: string, gathering: Gathering, text: string): Promise<void> {
    if (gathering.isEmpty) return;
    if (this.#waitingEvents > this.#maxWaiting) {
      this.#refused += 1;
      throw new Refusal('busy', 'More events of experiments arrive than can be written: send these again later.');
    }
    const hash = hashOf(environmentId, text);
    this.#waitingEvents += gathering.events.length;
    await new Promise<void>((counted, failed) => {
      this.#queue.push({ environmentId, gathering, hash, at: 0, counted, failed });
      if (!this.#isDraining) void this.#drain();
    });
  }

  /** Runs work while nothing is counted. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    try {
      do {
        // Where a transaction is full already there is nothing to wait for; between two of those others have their turns.
        await (this.#waitingEvents < EVENTS_AT_A_TIME ? this.#pace.next() : setImmediate());
        await this.exclusively(() => this.#takeSome());
        this.#pace.ended();
      } while (this.#queue.length > 0);
    } finally {
      this.#isDraining = false;
    }
  }

  async #takeSome(): Promise<void> {
    const environmentId = this.#queue[0]?.environmentId ?? '';
    const parts: { readonly waiting: Waiting; readonly request: CountedRequest; readonly end: number }[] = [];
    let room = EVENTS_AT_A_TIME;
    for (const waiting of this.#queue) {
      if (waiting.environmentId !== environmentId || room <= 0) break;
      const { gathering, hash, at } = waiting;
      const events = gathering.events.slice(at, at + room);
      const end = at + events.length;
      const next = gathering.events[end]?.place;
      parts.push({
        waiting,
        end,
        request: { hash, events, next, uncounted: gathering.uncounted },
      });
      room -= Math.max(1, events.length);
    }
    this.#queue.splice(0, parts.length);
    const iterations = this.iterations(environmentId);
    try {
      await this.#parts.data.take(
        environmentId,
        parts.map(({ request }) => request),
        iterations,
      );
    } catch (error) {
      for (const { waiting } of parts) this.#leave(waiting, () => waiting.failed(error));
      return;
    }
    for (const { waiting, request, end } of parts) {
      if (request.next === undefined) {
        this.#leave(waiting, waiting.counted);
        continue;
      }
      waiting.at = end;
      this.#queue.unshift(waiting);
    }
    this.#parts.onCounted?.(environmentId, iterations);
  }

  #leave({ gathering }: Waiting, answer: () => void): void {
    this.#waitingEvents -= gathering.events.length;
    answer();
  }
}

function hashOf(environmentId: string, text: string): string {
  // A request is much longer than its hash: putting the two texts together would copy it.
  return hash('sha256', environmentId + hash('sha256', text, 'base64url'), 'base64url').slice(0, 22);
}
