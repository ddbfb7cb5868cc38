/** Runs a number of operations and answers how many of them gave what was expected. */
export type Loop = (count: number) => number | Promise<number>;

export interface LoopSettings {
  /** How long it runs before, for the compiler to settle; in milliseconds. */
  readonly warmUp: number;
  /** About how long it is measured, in milliseconds: long enough for some collections of the garbage that it makes. */
  readonly stretch: number;
}

/** A loop that asks for items in turn, over all of its runs. @param isAsync whether answers are to be awaited. */
export function loopOver<T>(
  isAsync: boolean,
  items: readonly T[],
  expected: readonly unknown[],
  ask: (item: T) => unknown,
): Loop {
  let next = 0;
  if (isAsync) {
    return async (count) => {
      let right = 0;
      let at = next;
      for (let i = 0; i < count; i++) {
        if ((await ask(items[at] as T)) === expected[at]) right++;
        if (++at === items.length) at = 0;
      }
      next = at;
      return right;
    };
  }
  return (count) => {
    let right = 0;
    let at = next;
    for (let i = 0; i < count; i++) {
      if (ask(items[at] as T) === expected[at]) right++;
      if (++at === items.length) at = 0;
    }
    next = at;
    return right;
  };
}

/**
 * How long an operation takes once it has run for a while: nanoseconds of CPU time.
 *
 * @throws when a value was not the expected one.
 */
export async function timeOf(loop: Loop, settings: LoopSettings): Promise<number> {
  // What the preparations have left is not to be collected while the clock runs.
  globalThis.gc?.();
  const count = await countForStretch(loop, settings);
  return (await timed(loop, count)) / count;
}

/** Runs until the code is compiled for good, and finds how many operations fill the stretch. */
async function countForStretch(loop: Loop, { warmUp, stretch }: LoopSettings): Promise<number> {
  let count = 1;
  let spent = 0;
  for (;;) {
    const time = (await timed(loop, count)) / 1e6;
    spent += time;
    if (spent > warmUp && time > stretch / 10) return Math.max(1, Math.round((count * stretch) / time));
    count = Math.max(count + 1, Math.round(count * Math.min(4, Math.max(1, stretch / 10 / Math.max(time, 1e-3)))));
  }
}

/** Nanoseconds of CPU time: what other programs take of the machine is not in it, what the garbage costs is. */
async function timed(loop: Loop, count: number): Promise<number> {
  const before = process.cpuUsage();
  const right = await loop(count);
  const { user, system } = process.cpuUsage(before);
  if (right !== count) throw new Error(`${count - right} of ${count} values were wrong`);
  return (user + system) * 1_000;
}
