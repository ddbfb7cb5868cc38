import { assert, type IAsyncProperty, type IProperty } from 'fast-check';

/** The seed of all property tests; `SEED=random` takes another each time, `SEED=<number>` repeats one. */
const seed =
  process.env.SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED ?? 20_260_101);

/** Checks a property and prints the seed; a failure also prints the smallest counterexample and the way to repeat it. */
export async function check<T>(property: IAsyncProperty<T> | IProperty<T>, runs: number): Promise<void> {
  console.info(`SEED=${seed}, ${runs} runs`);
  await assert(property, { seed, numRuns: runs });
}
