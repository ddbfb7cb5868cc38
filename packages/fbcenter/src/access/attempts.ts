interface Window {
  count: number;
  readonly since: number;
}

/** Counts attempts by whom or whatever they are limited for, each in a window of time that begins with the first one. */
export class Attempts {
  readonly #window: number;
  readonly #most: number;
  readonly #windows = new Map<string, Window>();

  /**
   * @param window how long a count lasts, in milliseconds.
   * @param most keys that are remembered; of more, the oldest are forgotten.
   */
  constructor(window: number, most: number) {
    this.#window = window;
    this.#most = most;
  }

  count(key: string, now: number): number {
    return this.#of(key, now)?.count ?? 0;
  }

  /** Until a new window begins, in seconds. */
  secondsLeft(key: string, now: number): number {
    const { since = now } = this.#of(key, now) ?? {};
    return Math.ceil((since + this.#window - now) / 1_000);
  }

  /** @returns which one of its window the attempt is. */
  add(key: string, now: number): number {
    const window = this.#of(key, now) ?? { count: 0, since: now };
    window.count += 1;
    remember(this.#windows, key, window, this.#most);
    return window.count;
  }

  /** One attempt less: it was none of those that are limited. */
  forgive(key: string, now: number): void {
    const window = this.#of(key, now);
    if (window !== undefined && window.count > 0) window.count -= 1;
  }

  #of(key: string, now: number): Window | undefined {
    const window = this.#windows.get(key);
    if (window === undefined || now - window.since < this.#window) return window;
    this.#windows.delete(key);
    return undefined;
  }
}

/** Keeps a value as the newest one of a map that has some at most. */
export function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
