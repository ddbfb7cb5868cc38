import type { Client, Sdk } from '../adapters/sdk.js';
import { checkBulk, checkSwitch } from '../environment/check.js';
import { GROWING, type Growing, type GrownWorld } from '../environment/growing.js';
import { clientLoop } from '../measure/loops.js';
import { type Contestant, measureInTurns, type RoundSettings } from '../measure/rounds.js';
import { median } from '../measure/statistics.js';

/** How long a flag takes while something grows. */
export interface GrowthResult {
  readonly growing: Growing;
  /** By size, then by SDK: nanoseconds of CPU time, the median of the rounds. */
  readonly times: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** A start that takes longer is not waited for again: the SDK is left out where there is still more, in milliseconds. */
const PATIENCE = 10_000;

/** Measures evaluation with events off while there is more and more of something, all SDKs in turns. */
export async function measureGrowth(sdks: readonly Sdk[], settings: RoundSettings): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const growing of GROWING) {
    const times = new Map<number, ReadonlyMap<string, number>>();
    let patient = sdks;
    for (const size of growing.sizes) {
      const world = growing.make(size);
      const opened: { readonly sdk: Sdk; readonly client: Client; readonly took: number }[] = [];
      for (const sdk of patient) {
        const before = performance.now();
        const client = await sdk.open(sdk.encode(world.environment));
        opened.push({ sdk, client, took: performance.now() - before });
      }
      const contestants: Contestant[] = [];
      for (const { sdk, client } of opened) {
        contestants.push({ name: sdk.name, loop: await loopFor(growing, world, sdk, client) });
      }
      const measured = await measureInTurns(contestants, settings);
      const flags = growing.asks === 'all flags' ? world.environment.flags.length : 1;
      times.set(size, new Map(Array.from(measured, ([name, rounds]) => [name, median(rounds) / flags])));
      for (const { client } of opened) await client.close();
      patient = opened.filter(({ took }) => took < PATIENCE).map(({ sdk }) => sdk);
    }
    results.push({ growing, times });
  }
  return results;
}

/** Checks what is going to be asked for, and asks for it in turn. */
async function loopFor(growing: Growing, world: GrownWorld, sdk: Sdk, client: Client): Promise<Contestant['loop']> {
  const { environment, flag, users } = world;
  if (growing.asks === 'all flags') {
    const { subjects, expected } = await checkBulk(sdk, client, { environment, users: users.slice(0, 5) });
    return clientLoop(sdk.isAsync, client, 'countOn', '', subjects, expected);
  }
  const { subjects, expected } = await checkSwitch(sdk, client, flag, users, environment);
  return clientLoop(sdk.isAsync, client, 'isOn', flag.key, subjects, expected);
}
