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

/** A start that takes longer is not waited for again, in milliseconds: the SDK is left out where there is still more. */
const PATIENCE = 10_000;

/** Measures evaluation with events off while there is more and more of something, in turns all SDKs that give the right values. */
export async function measureGrowth(sdks: readonly Sdk[], settings: RoundSettings): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const growing of GROWING) {
    const times = new Map<number, ReadonlyMap<string, number>>();
    let able = sdks;
    for (const size of growing.sizes) {
      const world = growing.make(size);
      const opened: Opened[] = [];
      for (const sdk of able) {
        const one = await open(growing, world, sdk);
        if (typeof one === 'string') console.error(`${growing.what}, ${size}: ${one}`);
        else opened.push(one);
      }
      const contestants = opened.map(({ sdk: { name }, loop }) => ({ name, loop }));
      const measured = await measureInTurns(contestants, settings);
      const flags = growing.asks === 'all flags' ? world.environment.flags.length : 1;
      times.set(size, new Map(Array.from(measured, ([name, rounds]) => [name, median(rounds) / flags])));
      for (const { client } of opened) await client.close();
      able = opened.filter(({ took }) => took < PATIENCE).map(({ sdk }) => sdk);
    }
    results.push({ growing, times });
  }
  return results;
}

interface Opened {
  readonly sdk: Sdk;
  readonly client: Client;
  readonly loop: Contestant['loop'];
  /** How long the start took, in milliseconds. */
  readonly took: number;
}

/** @returns why an SDK cannot do it. Ours has to: what is wrong with it is thrown. */
async function open(growing: Growing, world: GrownWorld, sdk: Sdk): Promise<Opened | string> {
  const before = performance.now();
  const client = await sdk.open(sdk.encode(world.environment));
  const took = performance.now() - before;
  try {
    return { sdk, client, loop: await loopFor(growing, world, sdk, client), took };
  } catch (error) {
    await client.close();
    if (sdk.name === 'fbclient') throw error;
    return error instanceof Error ? error.message : String(error);
  }
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
