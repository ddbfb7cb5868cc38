import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InsightListener, SentUser } from '../../insights/decode.js';
import { bucketAt } from '../../model/buckets.js';
import type { Clock } from '../../runtime/clock.js';
import { errorText, type Logger } from '../../runtime/log.js';
import type { Insights } from '../../storage/insights.js';
import { Sketch } from './sketch.js';

/** Days that are kept, the latest ones. */
export const REACH_DAYS = 28;
/** Flags whose users are counted on a day, in all environments: a kilobyte each. */
const MOST_FLAGS = 4_000;
/** How often it is written down, in milliseconds: a killed center loses as much. */
const INTERVAL = 60_000;
/** Sketches that are written in one transaction. */
const WRITTEN_AT_A_TIME = 50;

interface Counted {
  readonly environmentId: string;
  readonly flagKey: string;
  readonly day: number;
  readonly sketch: Sketch;
  /** What is kept of the day is part of it: the center may have been started anew meanwhile. */
  isWhole: boolean;
  isChanged: boolean;
}

export interface ReachParts {
  readonly insights: Pick<Insights, 'saveReach' | 'reach'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'error'>;
  /** Whether other centers count users in the same data. */
  readonly isShared?: boolean;
}

/** How many different users flags have, by the day: what an experiment is planned with. Only sketches are kept, and no user. */
export class ReachRecorder {
  readonly #parts: ReachParts;
  /** Of the current day, by environment and flag. */
  readonly #environments = new Map<string, Map<string, Counted>>();
  #flags = 0;
  #day = Number.NaN;
  /** Of days that are over. */
  #over: Counted[] = [];
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.write(), INTERVAL).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  /** Whoever hears of the evaluations of a request. */
  listener(environmentId: string): InsightListener {
    const flags = this.#flagsOf(environmentId);
    let last: SentUser | undefined;
    let [high, low] = [0, 0];
    return {
      evaluated: (_, user, { featureFlagKey }) => {
        if (user !== last) {
          last = user;
          [high, low] = hashOf(user.keyId);
        }
        const counted = flags.get(featureFlagKey) ?? this.#added(flags, environmentId, featureFlagKey);
        if (counted?.sketch.add(high, low)) counted.isChanged = true;
      },
    };
  }

  /** Writes down what has changed. */
  write(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#write())
      .catch((error) => this.#parts.log.error('the users of flags were not written', { error: errorText(error) }));
    return this.#last;
  }

  /** Forgets what is not written of an environment, or of one of its flags. */
  forget(environmentId: string, flagKey?: string): void {
    const isMeant = (counted: Counted) =>
      counted.environmentId === environmentId && (flagKey === undefined || counted.flagKey === flagKey);
    this.#over = this.#over.filter((counted) => !isMeant(counted));
    for (const counted of this.#environments.get(environmentId)?.values() ?? []) {
      if (!isMeant(counted)) continue;
      this.#environments.get(environmentId)?.delete(counted.flagKey);
      this.#flags -= 1;
    }
  }

  #flagsOf(environmentId: string): Map<string, Counted> {
    const day = bucketAt('day', this.#parts.clock.now());
    if (day !== this.#day) {
      this.#over.push(...this.#changed());
      this.#environments.clear();
      this.#flags = 0;
      this.#day = day;
    }
    const flags = this.#environments.get(environmentId) ?? new Map<string, Counted>();
    this.#environments.set(environmentId, flags);
    return flags;
  }

  #added(flags: Map<string, Counted>, environmentId: string, flagKey: string): Counted | undefined {
    if (this.#flags >= MOST_FLAGS) return undefined;
    this.#flags += 1;
    const counted = { environmentId, flagKey, day: this.#day, sketch: new Sketch(), isWhole: false, isChanged: false };
    flags.set(flagKey, counted);
    return counted;
  }

  #changed(): Counted[] {
    return [...this.#environments.values()].flatMap((flags) =>
      [...flags.values()].filter(({ isChanged }) => isChanged),
    );
  }

  async #write(): Promise<void> {
    const { insights } = this.#parts;
    const all = [...this.#over, ...this.#changed()];
    this.#over = [];
    for (let at = 0; at < all.length; at += WRITTEN_AT_A_TIME) {
      const part = all.slice(at, at + WRITTEN_AT_A_TIME);
      for (const counted of part) {
        if (counted.isWhole) continue;
        const { environmentId, flagKey, day, sketch } = counted;
        const kept = (await insights.reach(environmentId, flagKey, day)).find((one) => one.day === day);
        if (kept !== undefined) mergeText(sketch, kept.text);
        // Of others' users there may be more the next time.
        counted.isWhole = this.#parts.isShared !== true;
      }
      // What comes while it is written is written the next time.
      for (const counted of part) counted.isChanged = false;
      const days = part.map(({ sketch, isWhole: _, isChanged: __, ...day }) => ({ ...day, text: textOf(sketch) }));
      try {
        await insights.saveReach(days, this.#day - REACH_DAYS);
      } catch (error) {
        for (const counted of part) counted.isChanged = true;
        this.#over = all.slice(at).filter(({ day }) => day !== this.#day);
        throw error;
      }
    }
  }
}

/** 64 bits of a key, as two numbers (with the mixing of MurmurHash3): the same on all days, so that their users can be put together. */
function hashOf(key: string): readonly [high: number, low: number] {
  let [high, low] = [0x9747b28c, 0x5bd1e995];
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    high = Math.imul(high ^ code, 0x85ebca6b);
    high = (high << 13) | (high >>> 19);
    low = Math.imul(low ^ code, 0xc2b2ae35);
    low = (low << 17) | (low >>> 15);
  }
  return [mixed(high ^ low ^ key.length), mixed(low + Math.imul(high, 5))];
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function textOf(sketch: Sketch): string {
  return deflateRawSync(sketch.bytes()).toString('base64');
}

/** Adds the users of a kept sketch. What is damaged is nobody. */
export function mergeText(sketch: Sketch, text: string): void {
  try {
    const kept = Sketch.of(inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: 4_096 }));
    if (kept !== undefined) sketch.merge(kept);
  } catch {
    // It is no sketch.
  }
}
