import type { Cancel, Clock, Delivered } from 'fbclient/upstream';
import type { Logger } from '../runtime/log.js';
import type { SpooledBody } from './spool-format.js';
import type { SpoolLane } from './spool-lane.js';

/** What one request to upstream carries at most. */
const MOST_BODIES = 100;
const MOST_BYTES = 512 * 1024;

/** Waits in milliseconds: the first after a failure, the longest, after an answer that was lost, after a refusal. */
const FIRST_RETRY = 500;
const LONGEST_RETRY = 15_000;
const LOST_WAIT = 30_000;
const REFUSED_WAIT = 60_000;
const LONGEST_REFUSED_WAIT = 600_000;
/** How often a request is sent whose answers get lost. Each time upstream may have counted it. */
const MOST_LOST = 2;
/** How often a single body is sent that upstream fails with, before it counts as the reason. */
const MOST_FAILURES = 6;

export interface ForwarderParts {
  /** Sends a JSON array of events; never rejects. */
  send(text: string): Promise<Delivered>;
  readonly clock: Pick<Clock, 'background'>;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
  readonly log: Logger;
}

/** What became of the events of a lane. */
export interface ForwardCounts {
  readonly sent: number;
  /** Upstream does not take them, whatever comes. */
  readonly refused: number;
  /** They were sent, and whether they were counted is not known. */
  readonly unanswered: number;
}

type Verdict =
  | { readonly kind: 'done'; readonly fate: keyof ForwardCounts }
  /** Each body is sent by itself: one of them is the reason. */
  | { readonly kind: 'singly' }
  | { readonly kind: 'again'; readonly after: number };

/** Takes bodies from a lane to upstream, one request at a time: each is taken off when it has been answered. */
export class Forwarder {
  readonly #lane: Pick<SpoolLane, 'next' | 'done'>;
  readonly #parts: ForwarderParts;
  readonly #counts: Record<keyof ForwardCounts, number> = { sent: 0, refused: 0, unanswered: 0 };
  /** Bodies that are still to be sent one by one. */
  #singles = 0;
  #failures = 0;
  #lost = 0;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #isStopped = false;
  #waiting: { readonly cancel: Cancel; readonly end: () => void } | undefined;
  #isRefused = false;

  constructor(lane: Pick<SpoolLane, 'next' | 'done'>, parts: ForwarderParts) {
    this.#lane = lane;
    this.#parts = parts;
  }

  get counts(): ForwardCounts {
    return { ...this.#counts };
  }

  /** Whether upstream does not accept the secret. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** There may be something to send. */
  start(): void {
    if (this.#isStopped) return;
    this.#isAskedAgain = true;
    this.#running ??= this.#run();
  }

  /** Upstream is there again: what waits need not wait longer, unless upstream asked for it. */
  retryNow(): void {
    if (this.#failures > 0 && this.#lost === 0) this.#waiting?.end();
  }

  /** Sends nothing new. Fulfils when what is under way is answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting?.end();
    await this.#running;
  }

  /** Fulfils when nothing waits that can be sent now. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isAskedAgain && !this.#isStopped) {
      this.#isAskedAgain = false;
      await this.#sendAll();
    }
    this.#running = undefined;
  }

  async #sendAll(): Promise<void> {
    while (!this.#isStopped) {
      const bodies = await this.#lane.next(this.#singles > 0 ? 1 : MOST_BODIES, MOST_BYTES);
      if (bodies.length === 0) return;
      const outcome = await this.#parts.send(joined(bodies));
      const verdict = this.#judge(outcome, bodies.length);
      if (verdict.kind === 'singly') {
        this.#singles = bodies.length;
      } else if (verdict.kind === 'again') {
        await this.#wait(verdict.after);
      } else {
        this.#failures = 0;
        this.#lost = 0;
        this.#singles = Math.max(0, this.#singles - bodies.length);
        this.#counts[verdict.fate] += bodies.reduce((sum, { events }) => sum + events, 0);
        await this.#lane.done(bodies.length);
      }
    }
  }

  /** What follows from an answer. A server that got nothing is asked for ever; the queue is what is bounded. */
  #judge(outcome: Delivered, bodies: number): Verdict {
    const { log } = this.#parts;
    this.#isRefused = false;
    if (outcome.kind === 'done') return { kind: 'done', fate: 'sent' };
    const { kind, problem, retryAfter = 0 } = outcome;
    const isGatewayTimeout = problem.startsWith('HTTP status 504');
    this.#failures += 1;
    if (kind === 'cut' || kind === 'unanswered' || isGatewayTimeout) {
      this.#lost += 1;
      if (this.#lost < MOST_LOST) {
        const wait = kind === 'cut' ? this.#backoff() : LOST_WAIT * (1 + this.#parts.random());
        return { kind: 'again', after: Math.max(wait, retryAfter) };
      }
      log.error('insights were not answered by upstream: whether they count is not known', { bodies, problem });
      return { kind: 'done', fate: 'unanswered' };
    }
    if (kind === 'unauthorized' || kind === 'redirected' || kind === 'rejected') {
      this.#isRefused = true;
      log.error('upstream takes no insights: they wait', { problem });
      const wait = Math.min(REFUSED_WAIT * 2 ** (this.#failures - 1), LONGEST_REFUSED_WAIT);
      return { kind: 'again', after: Math.max(wait, retryAfter) };
    }
    const isAboutTheBodies =
      kind === 'malformed' ||
      kind === 'too-large' ||
      (problem.startsWith('HTTP status 500') && this.#failures >= MOST_FAILURES);
    if (isAboutTheBodies) {
      this.#failures = 0;
      if (bodies > 1) return { kind: 'singly' };
      log.error('upstream does not take the insights of a request: they are dropped', { problem });
      return { kind: 'done', fate: 'refused' };
    }
    log.debug('insights wait for upstream', { problem });
    return { kind: 'again', after: Math.max(this.#backoff(), retryAfter) };
  }

  #backoff(): number {
    const ceiling = Math.min(FIRST_RETRY * 2 ** Math.min(this.#failures - 1, 10), LONGEST_RETRY);
    return ceiling * (1 - this.#parts.random() / 2);
  }

  #wait(milliseconds: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting?.cancel();
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting = { cancel: this.#parts.clock.background(milliseconds, end), end };
    });
  }
}

/** The elements of all bodies in one array. */
function joined(bodies: readonly SpooledBody[]): string {
  return `[${bodies.map(({ text }) => text.slice(1, -1)).join(',')}]`;
}
