/** Runs a number of operations and answers how many of them gave what was expected. */
export type Loop = (count: number) => number | Promise<number>;

export interface LoopSettings {
  /** How long it runs before, at the least; in milliseconds. */
  readonly warmUp: number;
  /** About how long it is measured, in milliseconds: long enough for some collections of the garbage that it makes. */
  readonly stretch: number;
}

/** The compilers have come to an end when so many runs, of a part of the stretch each, have brought next to nothing. */
const SETTLED = { runs: 4, part: 1 / 4, gain: 0.03 } as const;
/** So many times the warm-up is the most that is waited for it. */
const PATIENCE = 10;

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
  const warmed = await warmUpOf(loop, settings);
  const count = Math.max(1, Math.round((settings.stretch * 1e6) / warmed));
  return (await timed(loop, count)) / count;
}

/** Runs until it gets no faster. @returns what an operation takes then, about; in nanoseconds. */
async function warmUpOf(loop: Loop, { warmUp, stretch }: LoopSettings): Promise<number> {
  const wanted = stretch * SETTLED.part * 1e6;
  const times: number[] = [];
  for (let count = 1, spent = 0; ; ) {
    const time = await timed(loop, count);
    spent += time / 1e6;
    if (time > wanted / 2) times.push(time / count);
    if (times.length > 0 && spent >= warmUp && (isSettled(times) || spent > warmUp * PATIENCE))
      return Math.min(...times);
    count = Math.max(1, Math.round(count * Math.min(4, wanted / Math.max(time, 1))));
  }
}

function isSettled(times: readonly number[]): boolean {
  const before = times.slice(0, -SETTLED.runs);
  const since = times.slice(-SETTLED.runs);
  return before.length > 0 && Math.min(...since) > Math.min(...before) * (1 - SETTLED.gain);
}

/** Nanoseconds of CPU time: what other programs take of the machine is not in it, what the garbage costs is. */
async function timed(loop: Loop, count: number): Promise<number> {
  const before = process.cpuUsage();
  const right = await loop(count);
  const { user, system } = process.cpuUsage(before);
  if (right !== count) throw new Error(`${count - right} of ${count} values were wrong`);
  return (user + system) * 1_000;
}
