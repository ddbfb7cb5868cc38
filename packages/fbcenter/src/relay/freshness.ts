/** How an environment stands with upstream. */
export type SyncState =
  /** Upstream has not answered since the start. */
  | 'starting'
  /** What changes arrives at once. */
  | 'live'
  /** The connection is lost and is being made again. */
  | 'interrupted'
  /** Upstream does not accept the secret, or the key; it is asked again later. */
  | 'refused';

/** How old an environment's data is. Pure. */
export class Freshness {
  #state: SyncState = 'starting';
  #answeredAt: number | undefined;

  get state(): SyncState {
    return this.#state;
  }

  /** When upstream was last heard of while all that it had was held, in Unix milliseconds; `undefined` = never, nor in an earlier run. */
  get answeredAt(): number | undefined {
    return this.#answeredAt;
  }

  /** Data of an earlier run is used. @param answeredAt as that run knew it. */
  restored(answeredAt: number): void {
    this.#answeredAt ??= answeredAt;
  }

  /** Upstream has answered, or shown that it is there and pushes. @returns whether it was not live before. */
  heard(now: number): boolean {
    this.#answeredAt = now;
    return this.#enter('live');
  }

  /** @returns whether it was live before. */
  interrupted(): boolean {
    const wasLive = this.#state === 'live';
    // Who was refused and cannot be reached is still refused.
    if (this.#state !== 'refused') this.#enter(this.#answeredAt === undefined ? 'starting' : 'interrupted');
    return wasLive;
  }

  /** @returns whether it was not refused before. */
  refused(): boolean {
    return this.#enter('refused');
  }

  /** Milliseconds since the data was last known to be upstream's; 0 while it is live, `undefined` when there never was any. */
  age(now: number): number | undefined {
    if (this.#answeredAt === undefined) return undefined;
    return this.#state === 'live' ? 0 : Math.max(0, now - this.#answeredAt);
  }

  #enter(state: SyncState): boolean {
    const isOther = state !== this.#state;
    this.#state = state;
    return isOther;
  }
}
