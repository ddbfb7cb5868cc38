import type { Random } from '../random.js';
import type { Line } from '../verdict.js';
import type { FieldSdk } from './sdk.js';

/** What a scene works with. */
export interface Stage {
  readonly sdk: FieldSdk;
  readonly random: Random;
  readonly seed: number;
  /** Fewer and shorter of everything: enough to see that the scene works, too little for figures. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

/** Something that happens to SDKs in front of a FeatBit server, and what must come of it. */
export interface Scene {
  /** What it is, for the list and above its lines. */
  readonly title: string;
  /** How long it takes at most, in seconds: beyond it the scene is given up. */
  readonly limit: number;
  run(stage: Stage): Promise<readonly Line[]>;
}

/** A share as "3 of 100", good when it is none. */
export function none(what: string, count: number, of: number): Line {
  return { what, figure: `${count} of ${of}`, good: count === 0 };
}

export function seconds(milliseconds: number): string {
  return milliseconds === Number.POSITIVE_INFINITY ? 'never' : `${(milliseconds / 1_000).toFixed(1)} s`;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Calls until it finds something. @returns `undefined` when that is not so in time. */
export async function until<T>(find: () => Promise<T | undefined> | T | undefined, wait: number, every = 50) {
  const end = performance.now() + wait;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
