import { assert, type IAsyncProperty, type IProperty } from 'fast-check';

/**
 * The seed of every test that draws random cases. It is fixed, so that a run in CI fails for what has changed and for nothing
 * else. `SEED=random` takes another one for each file, `SEED=<number>` repeats one.
 */
export const seed =
  process.env.SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('SEED', 20_260_101, 0);

/** How many times as many cases as usual: `RUNS=100 SEED=random npx vitest run <path> --testTimeout=0` searches for more. */
export const effort = wholeNumber('RUNS', 1, 1);

/** Checks a property and prints the seed. A failure also prints the smallest counterexample and the way to repeat it. */
export async function check<T>(property: IAsyncProperty<T> | IProperty<T>, runs = 100): Promise<void> {
  console.info(`SEED=${seed}, ${runs * effort} runs`);
  await assert(property, { seed, numRuns: runs * effort });
}

function wholeNumber(name: string, standard: number, min: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return standard;
  const number = Number(text);
  // A mistyped seed would otherwise be repeated as NaN, which fast-check takes for 0.
  if (!Number.isSafeInteger(number) || number < min || number >= 2 ** 31) {
    throw new Error(`${name}=${text}: a whole number from ${min} to ${2 ** 31 - 1} is expected.`);
  }
  return number;
}
