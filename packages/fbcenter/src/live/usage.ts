import type { FlagUsageBody } from '../api/usage.js';
import { bucketAt } from '../model/buckets.js';
import type { FlagUsage } from '../model/tally.js';
import type { Clock } from '../runtime/clock.js';

/** Reads how flags were used; a storage does. */
export interface UsageSource {
  usage(environmentId: string, sinceHour: number, flagKeys?: readonly string[]): Promise<readonly FlagUsage[]>;
}

/** Hours of the small line. */
const HOURS = 24;
/** Flags that are read anew one by one; more of them, and all are read. */
const FEW_FLAGS = 200;
/** Milliseconds between two reports to those who watch: what is evaluated is to be seen within a second, with the way to the page. */
const INTERVAL = 500;
/** For how long what was read counts as it is, where others write too, in milliseconds. */
const SHARED_INTERVAL = 2_000;

/** Learns which flags were evaluated; absent = everything may be another than before. */
export type UsageListener = (changed: readonly FlagUsageBody[] | undefined) => void;

/**
 * How the flags of one environment are used. It is read when it is first asked for; from then on only what was evaluated since is read
 * again, and only when somebody asks or watches: what is shown is always what is kept.
 */
export class FlagUsages {
  readonly #environmentId: string;
  readonly #source: UsageSource;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #isShared: boolean;
  readonly #listeners = new Set<UsageListener>();
  #flags = new Map<string, FlagUsage>();
  /** Flags that were evaluated since they were read; absent = everything is to be read. */
  #changed: Set<string> | undefined;
  /** Flags that those who watch have not heard of. */
  #unreported: Set<string> | undefined = new Set();
  #reading: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** When everything was read last, by the monotonic clock. */
  #readAt = Number.NEGATIVE_INFINITY;

  /** @param isShared whether others write too, of whose evaluations nobody takes note here. */
  constructor(environmentId: string, source: UsageSource, clock: Pick<Clock, 'now'>, isShared = false) {
    this.#isShared = isShared;
    this.#environmentId = environmentId;
    this.#source = source;
    this.#clock = clock;
  }

  /** @throws StorageError when it cannot be read; the next call reads again. */
  async current(): Promise<readonly FlagUsageBody[]> {
    await this.#read();
    const hour = bucketAt('hour', this.#clock.now());
    return [...this.#flags.values()].map((usage) => present(usage, hour));
  }

  /** Takes note of flags that were evaluated, once that is kept. */
  note(flagKeys: Iterable<string>): void {
    for (const key of flagKeys) {
      this.#changed?.add(key);
      if (this.#listeners.size > 0) this.#unreported?.add(key);
    }
    this.#reportSoon();
  }

  /** Takes note that evaluations were forgotten. */
  reset(): void {
    this.#flags = new Map();
    this.#changed = undefined;
    this.#unreported = undefined;
    this.#reportSoon();
  }

  /**
   * Reports what changes, at most twice a second.
   *
   * @returns a function that ends the subscription.
   */
  watch(listener: UsageListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#unreported = new Set();
    };
  }

  #reportSoon(): void {
    if (this.#listeners.size === 0 || this.#timer !== undefined) return;
    const wait = Math.max(0, this.#reportedAt + INTERVAL - performance.now());
    this.#timer = setTimeout(() => void this.#report(), wait).unref();
  }

  async #report(): Promise<void> {
    this.#reportedAt = performance.now();
    const keys = this.#unreported;
    this.#unreported = new Set();
    const items = keys === undefined || keys.size > FEW_FLAGS ? undefined : await this.#some(keys);
    this.#timer = undefined;
    for (const listener of [...this.#listeners]) listener(items);
    if (this.#unreported?.size !== 0) this.#reportSoon();
  }

  /** Flags that cannot be read now are left for those who ask for everything. */
  async #some(keys: ReadonlySet<string>): Promise<readonly FlagUsageBody[] | undefined> {
    try {
      await this.#read();
    } catch {
      return undefined;
    }
    const hour = bucketAt('hour', this.#clock.now());
    return [...keys].flatMap((key) => {
      const usage = this.#flags.get(key);
      return usage === undefined ? [] : [present(usage, hour)];
    });
  }

  /** One reading after the other: two at once could put an older one in the place of a newer. */
  #read(): Promise<void> {
    const reading = this.#reading.catch(() => {}).then(() => this.#readChanged());
    this.#reading = reading;
    return reading;
  }

  async #readChanged(): Promise<void> {
    const isOld = this.#isShared && performance.now() - this.#readAt > SHARED_INTERVAL;
    const keys = isOld ? undefined : this.#changed;
    if (keys?.size === 0) return;
    // What is evaluated from now on may be in what is read, and is read once more.
    const changed = new Set<string>();
    this.#changed = changed;
    try {
      const since = bucketAt('hour', this.#clock.now()) - HOURS + 1;
      const few = keys !== undefined && keys.size <= FEW_FLAGS ? [...keys] : undefined;
      const read = await this.#source.usage(this.#environmentId, since, few);
      // Everything was forgotten meanwhile: this reading may be of before.
      if (this.#changed !== changed) return;
      if (few === undefined) {
        this.#readAt = performance.now();
        this.#flags = new Map(read.map((usage) => [usage.flagKey, usage]));
      }
      for (const key of few ?? []) this.#flags.delete(key);
      for (const usage of read) this.#flags.set(usage.flagKey, usage);
    } catch (error) {
      this.#changed = undefined;
      throw error;
    }
  }
}

function present({ flagKey: key, count, lastAt, hours }: FlagUsage, hour: number): FlagUsageBody {
  const line = Array.from({ length: HOURS }, (_, index) => hours.get(hour - HOURS + 1 + index) ?? 0);
  return {
    key,
    count,
    lastAt: new Date(lastAt).toISOString(),
    ...(line.some((evaluations) => evaluations > 0) ? { hours: line } : {}),
  };
}

/** How the flags of environments are used; of those that nobody has asked about nothing is held. */
export class Usages {
  readonly #source: UsageSource;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #isShared: boolean;
  readonly #environments = new Map<string, FlagUsages>();

  /** @param isShared whether others write too, of whose evaluations nobody takes note here. */
  constructor(source: UsageSource, clock: Pick<Clock, 'now'>, isShared = false) {
    this.#isShared = isShared;
    this.#source = source;
    this.#clock = clock;
  }

  of(environmentId: string): FlagUsages {
    const usages =
      this.#environments.get(environmentId) ?? new FlagUsages(environmentId, this.#source, this.#clock, this.#isShared);
    this.#environments.set(environmentId, usages);
    return usages;
  }

  /** Takes note of flags that were evaluated, once that is kept. */
  note(environmentId: string, flagKeys: Iterable<string>): void {
    this.#environments.get(environmentId)?.note(flagKeys);
  }

  /** Takes note that evaluations were forgotten. */
  reset(environmentId: string): void {
    this.#environments.get(environmentId)?.reset();
  }

  /** The same for every environment. */
  resetAll(): void {
    for (const usages of this.#environments.values()) usages.reset();
  }
}
