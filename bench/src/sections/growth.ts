import type { Adapter } from '../adapters/sdk.js';
import { GROWING, type Growing } from '../environment/growing.js';
import type { Grown, GrowthJob } from '../growth/child.js';
import type { LoopSettings } from '../measure/loops.js';
import { inTurns } from '../measure/rounds.js';
import { median } from '../measure/statistics.js';
import { inFreshProcess } from '../process/job.js';

/** How long a flag takes while something grows. */
export interface GrowthResult {
  readonly growing: Growing;
  /** By size, then by SDK: nanoseconds of CPU time, the median of the rounds. */
  readonly times: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** A limit, where all flags are asked for. */
export const BARE_LOOP: Adapter = {
  name: 'limit: a bare loop',
  module: new URL('../growth/bare-loop.js', import.meta.url).href,
};

/** A start that takes longer is not waited for again, in milliseconds: the SDK is left out where there is still more. */
const PATIENCE = 10_000;

/**
 * Measures evaluation with events off while there is more and more of something, in turns all SDKs that give the right values.
 *
 * @param rounds fresh processes for each SDK and size.
 * @throws when ours does not give the right values.
 */
export async function measureGrowth(
  sdks: readonly Adapter[],
  rounds: number,
  settings: LoopSettings,
  all: readonly Growing[] = GROWING,
): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const growing of all) {
    const times = new Map<number, ReadonlyMap<string, number>>();
    const out = new Set<Adapter>();
    for (const size of growing.sizes) {
      const contestants = growing.asks === 'all flags' ? [...sdks, BARE_LOOP] : sdks;
      const measured = await inTurns(contestants, rounds, async (sdk): Promise<number[]> => {
        if (out.has(sdk)) return [];
        const grown = await grow(sdk, growing, size, settings);
        if (grown.kind === 'measured') {
          if (grown.start > PATIENCE) out.add(sdk);
          return [grown.time];
        }
        const problem = `${growing.what}, ${size}: ${grown.reason}`;
        if (sdk.name === 'fbclient') throw new Error(problem);
        console.error(problem);
        out.add(sdk);
        return [];
      });
      const found = [...measured].map(([{ name }, each]) => [name, each.flat()] as const);
      times.set(size, new Map(found.flatMap(([name, each]) => (each.length === 0 ? [] : [[name, median(each)]]))));
    }
    results.push({ growing, times });
  }
  return results;
}

function grow({ name, module }: Adapter, { what }: Growing, size: number, settings: LoopSettings): Promise<Grown> {
  const file = new URL('../growth/child.js', import.meta.url);
  return inFreshProcess<GrowthJob, Grown>(name, file, { module, what, size, settings });
}
