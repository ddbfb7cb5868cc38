import type { HttpOutcome, HttpRequest, Platform } from '../../src/runtime/platform.js';
import type { FakeClock } from './fake-clock.js';
import { FakeNetwork, type FakeRequest } from './fake-network.js';
import { must } from './must.js';

/** How the server takes its time over the events of a request. */
export type Work =
  /** One request after the other, at so many events a second. */
  | { readonly eventsPerSecond: number }
  /** All at once, each for so many milliseconds. */
  | { readonly milliseconds: number };

/**
 * An insight server that behaves as FeatBit's does, on a fake clock: it keeps the events of a request when it is done with
 * them, and goes on with a request that the client has given up; what it refuses, it refuses by the whole batch. Requests
 * end by the client's time-out, as on a real network.
 */
export class InsightServer extends FakeNetwork {
  /** How often each event was kept, by its user's key. */
  readonly kept = new Map<string, number>();
  /** Requests that were at work at once, at most. */
  busiest = 0;
  /** Why no connection comes about; `undefined` = the server is there. */
  away: string | undefined;
  #work: Work;
  readonly #clock: FakeClock;
  readonly #waiting: FakeRequest[] = [];
  readonly #atWork = new Set<FakeRequest>();

  constructor(clock: FakeClock, work: Work) {
    super();
    this.#clock = clock;
    this.#work = work;
  }

  override request(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void {
    const cancel = super.request(request, (outcome) => {
      stop();
      done(outcome);
    });
    const arrived = must(this.requests.pop());
    const stop = this.#clock.background(request.timeout, () => arrived.timeOut());
    this.#clock.nextTurn(() => this.#arrive(arrived));
    return () => {
      stop();
      cancel();
    };
  }

  /** The server is killed: connections are cut, and what it was working on is lost. */
  stop(): void {
    this.away = 'ECONNREFUSED';
    for (const request of [...this.#waiting.splice(0), ...this.#atWork]) request.cut();
    this.#atWork.clear();
  }

  restart(): void {
    this.away = undefined;
  }

  #arrive(request: FakeRequest): void {
    if (this.away !== undefined) request.fail(this.away);
    else if ('milliseconds' in this.#work) this.#start(request, this.#work.milliseconds);
    else {
      this.#waiting.push(request);
      this.#next(this.#work.eventsPerSecond);
    }
    this.busiest = Math.max(this.busiest, this.#atWork.size + this.#waiting.length);
  }

  #next(eventsPerSecond: number): void {
    if (this.#atWork.size > 0) return;
    const request = this.#waiting.shift();
    if (request === undefined) return;
    this.#start(request, (usersOf(request).length / eventsPerSecond) * 1_000, () => this.#next(eventsPerSecond));
  }

  #start(request: FakeRequest, milliseconds: number, done?: () => void): void {
    this.#atWork.add(request);
    this.#clock.background(milliseconds, () => {
      // Cut off when the server was stopped.
      if (!this.#atWork.delete(request)) return;
      for (const user of usersOf(request)) this.kept.set(user, (this.kept.get(user) ?? 0) + 1);
      request.respond(200);
      done?.();
    });
  }
}

function usersOf(request: FakeRequest): readonly string[] {
  return (request.json as { user: { keyId: string } }[]).map(({ user }) => user.keyId);
}

/** A platform on a clock and a network of the test's, with random numbers that differ and are the same in every run. */
export function platformOn(clock: FakeClock, network: FakeNetwork, seed: number): Platform {
  let state = seed;
  return {
    clock,
    network: () => network,
    random: () => {
      // The generator of Numerical Recipes.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    },
  };
}
