/** What came of one of many changes. */
export type Outcome = { readonly state: 'done' } | { readonly state: 'failed'; readonly reason: string };

/** Changes that are under way at the same time. */
const AT_ONCE = 4;

/** Does something for each item, a few at a time; one that fails does not keep the others from being done. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
  onOutcome: (item: T, outcome: Outcome) => void,
  reasonOf: (error: unknown) => string,
): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await act(item);
        onOutcome(item, { state: 'done' });
      } catch (error) {
        onOutcome(item, { state: 'failed', reason: reasonOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
