import type { Loop } from './loops.js';

/** Something that is measured against others. */
export interface Contestant {
  readonly name: string;
  readonly loop: Loop;
}

/** Nanoseconds of CPU time an operation, one for each round. */
export type Times = readonly number[];

export interface RoundSettings {
  readonly rounds: number;
  /** About how long each contestant runs in a round, in milliseconds. */
  readonly slot: number;
  /** How long each runs before, for the compiler to settle; in milliseconds. */
  readonly warmUp: number;
}

/**
 * Measures contestants in turns, A B C A B C …, so that whatever else the machine does meets all of them alike; each round
 * begins with another one.
 *
 * @returns the times by name.
 * @throws when a contestant gave a value that was not expected.
 */
export async function measureInTurns(
  contestants: readonly Contestant[],
  { rounds, slot, warmUp }: RoundSettings,
): Promise<ReadonlyMap<string, Times>> {
  const counts = new Map<Contestant, number>();
  for (const contestant of contestants) counts.set(contestant, await countForSlot(contestant, slot, warmUp));
  const times = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const count = counts.get(contestant) ?? 1;
      // Its own garbage is its own cost; that of the one before is not.
      globalThis.gc?.({ type: 'minor' });
      times.get(contestant)?.push((await timed(contestant, count)) / count);
    }
  }
  return new Map(contestants.map((contestant) => [contestant.name, times.get(contestant) ?? []]));
}

/** Runs until the code is compiled for good, and finds how many operations fill a slot. */
async function countForSlot(contestant: Contestant, slot: number, warmUp: number): Promise<number> {
  let count = 1;
  let spent = 0;
  for (;;) {
    const time = (await timed(contestant, count)) / 1e6;
    spent += time;
    if (spent > warmUp && time > slot / 2) return Math.max(1, Math.round((count * slot) / time));
    count = Math.max(count + 1, Math.round(count * Math.min(4, Math.max(1, slot / Math.max(time, 1e-3)))));
  }
}

/** Nanoseconds of CPU time: what other programs take of the machine is not in it, what the garbage costs is. */
async function timed({ name, loop }: Contestant, count: number): Promise<number> {
  const before = process.cpuUsage();
  const right = await loop(count);
  const { user, system } = process.cpuUsage(before);
  if (right !== count) throw new Error(`${name} gave ${count - right} wrong values in ${count}`);
  return (user + system) * 1_000;
}
