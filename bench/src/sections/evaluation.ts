import { createHash } from 'node:crypto';
import { bucketOf } from 'fbclient/core';
import type { Client, Sdk } from '../adapters/sdk.js';
import { type Checked, checkBulk, checkSwitch } from '../environment/check.js';
import { makeWorkloads, type SwitchWorkload, type Workloads } from '../environment/workloads.js';
import type { EvaluationWorkload } from '../help.js';
import { clientLoop, functionLoop, stepLoop } from '../measure/loops.js';
import { type Contestant, measureInTurns, type RoundSettings, type Times } from '../measure/rounds.js';

/** What bare operations of the platform cost that an evaluation cannot do without. */
export const LIMITS = {
  maps: 'two Map.get',
  md5: 'MD5 of the dispatch input (node:crypto)',
  ownMd5: "MD5 of the dispatch input (fbclient's)",
} as const;

export interface EvaluationResult {
  readonly workload: EvaluationWorkload;
  /** By SDK. */
  readonly sdks: ReadonlyMap<string, Times>;
  /** By limit. */
  readonly limits: ReadonlyMap<string, Times>;
}

interface Opened {
  readonly sdk: Sdk;
  readonly single: Client;
  readonly bulk: Client;
}

/** Measures evaluation with events off: every workload, all SDKs in turns. */
export async function measureEvaluation(
  sdks: readonly Sdk[],
  workloadNames: readonly EvaluationWorkload[],
  settings: RoundSettings,
): Promise<EvaluationResult[]> {
  const workloads = makeWorkloads();
  const opened: Opened[] = [];
  for (const sdk of sdks) {
    const single = await sdk.open(sdk.encode(workloads.environment));
    const bulk = await sdk.open(sdk.encode(workloads.bulk.environment));
    opened.push({ sdk, single, bulk });
  }
  const results: EvaluationResult[] = [];
  for (const workload of workloadNames) {
    const contestants: Contestant[] = [];
    for (const one of opened) {
      if (workload.startsWith('regex') && one.sdk.noRegex !== undefined) continue;
      contestants.push({ name: one.sdk.name, loop: await loopFor(workload, one, workloads) });
    }
    const limits = limitsFor(workload, workloads);
    const measured = await measureInTurns([...contestants, ...limits], settings);
    const part = (names: readonly Contestant[]): Map<string, Times> =>
      new Map(names.map(({ name }) => [name, measured.get(name) ?? []]));
    results.push({ workload, sdks: part(contestants), limits: part(limits) });
  }
  for (const { single, bulk } of opened) {
    await single.close();
    await bulk.close();
  }
  return results;
}

async function loopFor(
  workload: EvaluationWorkload,
  opened: Opened,
  workloads: Workloads,
): Promise<Contestant['loop']> {
  const { sdk, single, bulk } = opened;
  switch (workload) {
    case 'bulk': {
      const { subjects, expected } = await checkBulk(sdk, bulk, workloads.bulk);
      return clientLoop(sdk.isAsync, bulk, 'countOn', '', subjects, expected);
    }
    case 'mixed': {
      const steps = workloads.mixed.map(({ flag, user }) => ({
        flagKey: flag.key,
        subject: single.prepare(user),
        isText: flag.kind === 'variants',
      }));
      const expected: unknown[] = [];
      for (const { flagKey, subject, isText } of steps) {
        expected.push(isText ? await single.text(flagKey, subject) : await single.isOn(flagKey, subject));
      }
      return stepLoop(sdk.isAsync, single, steps, expected);
    }
    default: {
      const { subjects, expected } = await checked(sdk, single, workloads[workload], workloads);
      return clientLoop(sdk.isAsync, single, 'isOn', workloads[workload].flag.key, subjects, expected);
    }
  }
}

function checked(sdk: Sdk, client: Client, workload: SwitchWorkload, { environment }: Workloads): Promise<Checked> {
  return checkSwitch(sdk, client, workload.flag, workload.users, environment);
}

function limitsFor(workload: EvaluationWorkload, workloads: Workloads): Contestant[] {
  switch (workload) {
    case 'target':
      return [mapsLimit(workloads.target)];
    case 'segment':
      return [mapsLimit(workloads.segment)];
    case 'rollout': {
      const { flag, users } = workloads.rollout;
      // Written out flat, as a text that was read from somewhere is.
      const inputs = users.map(({ key }) => Buffer.from(flag.key + key).toString('latin1'));
      const platformBucket = (input: string): number =>
        Math.abs(createHash('md5').update(input).digest().readInt32LE(0) / -2_147_483_648);
      const expected = inputs.map(platformBucket);
      return [
        { name: LIMITS.md5, loop: functionLoop(platformBucket, inputs, expected) },
        { name: LIMITS.ownMd5, loop: functionLoop(bucketOf, inputs, expected) },
      ];
    }
    default:
      return [];
  }
}

/** A flag by its key and something by the user's: the least that an evaluation can be. */
function mapsLimit({ flag, users }: SwitchWorkload): Contestant {
  const flags = new Map([[flag.key, new Map(users.map(({ key }) => [key, true]))]]);
  const call = ({ key }: { readonly key: string }): boolean | undefined => flags.get(flag.key)?.get(key);
  const expected = users.map(() => true);
  return { name: LIMITS.maps, loop: functionLoop(call, users, expected) };
}
