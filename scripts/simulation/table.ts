import { Random } from './random.js';

export interface Simulation {
  readonly runs: number;
  readonly seed: number;
  /** Is called now and then, with what is going on and how many of its runs are done. */
  readonly progress: (what: string, done: number) => void;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What had to hold and did not, in a sentence. */
  readonly broken: readonly string[];
}

/** The results of every run, each with random numbers of its own. */
export function repeat<Result>(
  { runs, seed, progress }: Simulation,
  what: string,
  run: (random: Random) => Result,
): Result[] {
  // So that no two simulations share their random numbers.
  const stream = [...what].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
  const results: Result[] = [];
  for (let index = 0; index < runs; index++) {
    results.push(run(new Random(seed, stream + index)));
    if ((index + 1) % 100 === 0 || index + 1 === runs) progress(what, index + 1);
  }
  return results;
}

export function share<Value>(values: readonly Value[], isCounted: (value: Value) => boolean): number {
  return values.filter(isCounted).length / values.length;
}

/** Small shares with one more digit. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}

/** A measured value with an earlier one in brackets. */
export const beside = (value: string, earlier: string | undefined): string =>
  earlier === undefined ? value : `${value} (${earlier})`;
