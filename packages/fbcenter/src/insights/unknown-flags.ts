import type { Clock } from '../runtime/clock.js';

/** A key that server SDKs ask for and no flag has. */
export interface UnknownFlag {
  readonly key: string;
  /** How often it was asked for since the center started. */
  readonly count: number;
  /** In Unix milliseconds. */
  readonly lastAt: number;
}

/** Keys that are remembered of an environment, and environments that have any: the last ones. */
const MOST_KEYS = 100;
const MOST_ENVIRONMENTS = 50;
/** Longest key that is remembered, in UTF-16 units. */
const LONGEST_KEY = 256;

/** Keys that are asked for and that nobody has made: a flag that was deleted too early, or a misspelt one. In memory only. */
export class UnknownFlags {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #environments = new Map<string, Map<string, UnknownFlag>>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  note(environmentId: string, key: string): void {
    if (key.length > LONGEST_KEY) return;
    const keys = this.#environments.get(environmentId) ?? new Map<string, UnknownFlag>();
    const count = (keys.get(key)?.count ?? 0) + 1;
    // The newest stands at the end of the map.
    keys.delete(key);
    keys.set(key, { key, count, lastAt: this.#clock.now() });
    if (keys.size > MOST_KEYS) deleteFirst(keys);
    this.#environments.delete(environmentId);
    this.#environments.set(environmentId, keys);
    if (this.#environments.size > MOST_ENVIRONMENTS) deleteFirst(this.#environments);
  }

  /** Whether nothing unknown was asked for, so that nobody need look. */
  isEmpty(environmentId: string): boolean {
    return !this.#environments.has(environmentId);
  }

  /** Those of an environment that are still unknown, the latest first. */
  of(environmentId: string, isKnown: (key: string) => boolean): readonly UnknownFlag[] {
    const keys = this.#environments.get(environmentId);
    for (const key of keys?.keys() ?? []) if (isKnown(key)) keys?.delete(key);
    return [...(keys?.values() ?? [])].reverse();
  }

  forget(environmentId: string): void {
    this.#environments.delete(environmentId);
  }
}

function deleteFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
