/**
 * Has contestants run in turns, A B C, B C A, C A B …, so that whatever else the machine does meets all of them alike.
 *
 * @param run one turn, which starts from nothing: in a fresh process.
 * @returns what came of the turns of each, round by round.
 */
export async function inTurns<Contestant, Result>(
  contestants: readonly Contestant[],
  rounds: number,
  run: (contestant: Contestant) => Promise<Result>,
): Promise<ReadonlyMap<Contestant, readonly Result[]>> {
  const results = new Map<Contestant, Result[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      results.get(contestant)?.push(await run(contestant));
    }
  }
  return results;
}
