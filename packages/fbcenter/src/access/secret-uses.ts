import type { Clock } from '../runtime/clock.js';
import type { Secrets } from '../storage/secrets.js';

/** How exactly uses are kept, in milliseconds: each secret costs a write in this time at most. */
const PRECISION = 60_000;

/** Keeps when each secret was used last, so that one knows which can be revoked. It never fails: what cannot be written is tried again later. */
export class SecretUses {
  readonly #secrets: Pick<Secrets, 'used'>;
  readonly #clock: Clock;
  readonly #written = new Map<string, number>();

  constructor(secrets: Pick<Secrets, 'used'>, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  note(id: string): void {
    const now = this.#clock.now();
    const before = this.#written.get(id);
    if (before !== undefined && Math.abs(now - before) < PRECISION) return;
    this.#written.set(id, now);
    this.#secrets.used(new Map([[id, now]])).catch(() => this.#written.delete(id));
  }
}
