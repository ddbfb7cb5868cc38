import type { Clock } from '../runtime/clock.js';

/** How exactly uses are kept, in milliseconds: each credential costs a write in this time at most. */
const PRECISION = 60_000;
/** Those whose last write is remembered. */
const MAX_REMEMBERED = 20_000;

/** Where the times of uses are kept, by id. */
interface UsedCredentials {
  used(times: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * Keeps when each secret, token or session was used last, so that one knows which can be revoked. It never fails: what cannot be written is
 * tried again later.
 */
export class LastUses {
  readonly #credentials: UsedCredentials;
  readonly #clock: Clock;
  readonly #written = new Map<string, number>();

  constructor(credentials: UsedCredentials, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  note(id: string): void {
    const now = this.#clock.now();
    const before = this.#written.get(id);
    if (before !== undefined && Math.abs(now - before) < PRECISION) return;
    // Sessions come and go: to forget all costs one write more for each that is used.
    if (this.#written.size >= MAX_REMEMBERED) this.#written.clear();
    this.#written.set(id, now);
    this.#credentials.used(new Map([[id, now]])).catch(() => this.#written.delete(id));
  }
}
