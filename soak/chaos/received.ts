/** A flag as a stream is sent it. */
export interface PushedFlag {
  readonly key: string;
  readonly variations: readonly { readonly value: string }[];
  readonly updatedAt: string;
}

/** What a stream is sent of flags. */
export interface PushedData {
  readonly eventType: string;
  readonly featureFlags: readonly PushedFlag[];
}

/** What a stream holds, and whether the versions of what it was sent only grew. */
export class Received {
  readonly #flags = new Map<string, PushedFlag>();
  /** What came in the wrong order. */
  readonly disorder: string[] = [];
  #cursor = 0;

  /** The greatest version that it was sent. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The value of the first variation that it holds of a flag: the number of its last change. */
  changeOf(key: string): string | undefined {
    return this.#flags.get(key)?.variations[0]?.value;
  }

  /** @param isAnswer whether it is the first message of a connection. A full answer begins anew. */
  take({ eventType, featureFlags }: PushedData, isAnswer: boolean): void {
    const beginsAnew = isAnswer && eventType === 'full';
    const before = this.#cursor;
    for (const flag of featureFlags) {
      const version = versionOf(flag);
      if (version <= this.#cursor && !beginsAnew) this.disorder.push(`${flag.key} ${version} after ${this.#cursor}`);
      this.#flags.set(flag.key, flag);
    }
    this.#cursor = Math.max(this.#cursor, ...featureFlags.map(versionOf));
    // What is acknowledged is never taken back, so nobody may be given less than they had.
    if (beginsAnew && Math.max(0, ...featureFlags.map(versionOf)) < before)
      this.disorder.push(`everything up to ${Math.max(0, ...featureFlags.map(versionOf))} after ${before}`);
  }
}

export function versionOf({ updatedAt }: Pick<PushedFlag, 'updatedAt'>): number {
  return Date.parse(updatedAt);
}
