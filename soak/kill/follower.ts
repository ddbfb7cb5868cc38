import { type Api, type ServedFlag, versionOf } from './api.js';

/**
 * An SDK that polls, reduced to what it holds. A strict one takes a full answer only when it is newer than what it holds,
 * as released SDKs do.
 */
export class Follower {
  readonly #isStrict: boolean;
  #cursor = 0;
  #flags = new Map<string, ServedFlag>();

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  async poll(api: Api, secret: string): Promise<void> {
    const data = await api.sync(secret, this.#cursor);
    if (data === undefined) return;
    const newest = Math.max(0, ...data.featureFlags.map(versionOf));
    if (data.eventType === 'full') {
      if (this.#isStrict && newest <= this.#cursor) return;
      this.#flags = new Map();
      this.#cursor = 0;
    }
    for (const flag of data.featureFlags) {
      const held = this.#flags.get(flag.key);
      if (held === undefined || versionOf(flag) > versionOf(held)) this.#flags.set(flag.key, flag);
    }
    this.#cursor = Math.max(this.#cursor, newest);
  }

  /** The flags that it holds and that are not what is served. */
  differences(served: readonly ServedFlag[]): readonly string[] {
    const byKey = new Map(served.map((flag) => [flag.key, flag.name]));
    const keys = new Set([...byKey.keys(), ...this.#flags.keys()]);
    return [...keys].filter((key) => this.#flags.get(key)?.name !== byKey.get(key));
  }
}
