/** Something of a size with one SDK, events off, in a fresh process: how long a flag takes. */
import { type Client, loadSdk, type Sdk } from '../adapters/sdk.js';
import { checkBulk, checkSwitch } from '../environment/check.js';
import { GROWING, type Growing, type GrownWorld } from '../environment/growing.js';
import { type Loop, type LoopSettings, loopOver, timeOf } from '../measure/loops.js';
import { doJob } from '../process/job.js';

export interface GrowthJob {
  /** The adapter's. */
  readonly module: string;
  readonly what: Growing['what'];
  readonly size: number;
  readonly settings: LoopSettings;
}

export type Grown =
  | {
      readonly kind: 'measured';
      /** Nanoseconds of a flag. */
      readonly time: number;
      /** How long the start took, in milliseconds. */
      readonly start: number;
    }
  /** The SDK does not give the right values. */
  | { readonly kind: 'unable'; readonly reason: string };

doJob(async ({ module, what, size, settings }: GrowthJob): Promise<Grown> => {
  const growing = GROWING.find((one) => one.what === what);
  if (growing === undefined) throw new Error(`nothing that grows is called "${what}"`);
  const sdk = await loadSdk(module);
  const world = growing.make(size);
  const text = sdk.encode(world.environment);
  const before = performance.now();
  const client = await sdk.open(text);
  const start = performance.now() - before;
  let loop: Loop;
  try {
    loop = await loopFor(growing, world, sdk, client);
  } catch (error) {
    return { kind: 'unable', reason: error instanceof Error ? error.message : String(error) };
  }
  const flags = growing.asks === 'all flags' ? world.environment.flags.length : 1;
  return { kind: 'measured', time: (await timeOf(loop, settings)) / flags, start };
});

/** Checks what is going to be asked for, and asks for it in turn. */
async function loopFor(growing: Growing, world: GrownWorld, sdk: Sdk, client: Client): Promise<Loop> {
  const { environment, flag, users } = world;
  if (growing.asks === 'all flags') {
    const { subjects, expected } = await checkBulk(sdk, client, { environment, users: users.slice(0, 5) });
    return loopOver(sdk.isAsync, subjects, expected, (subject) => client.countOn(subject));
  }
  const { key } = flag;
  const { subjects, expected } = await checkSwitch(sdk, client, flag, users, environment);
  return loopOver(sdk.isAsync, subjects, expected, (subject) => client.isOn(key, subject));
}
