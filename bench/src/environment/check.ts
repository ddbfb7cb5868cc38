import type { Client, Sdk, Subject } from '../adapters/sdk.js';
import type { BenchUser, Environment, Switch } from './model.js';
import { truth } from './truth.js';

/** Subjects whose answers have been checked, with the answers. */
export interface Checked {
  readonly subjects: readonly Subject[];
  readonly expected: readonly unknown[];
}

/**
 * Asks for a switch for every user and checks the answers: against the truth, and where each SDK's hash decides, for the
 * right share.
 *
 * @throws naming the SDK, the flag and the user of a wrong answer.
 */
export async function checkSwitch(
  sdk: Sdk,
  client: Client,
  flag: Switch,
  users: readonly BenchUser[],
  environment: Environment,
): Promise<Checked> {
  const subjects: Subject[] = [];
  const expected: boolean[] = [];
  const hashed: boolean[] = [];
  for (const user of users) {
    const subject = client.prepare(user);
    const value = await client.isOn(flag.key, subject);
    const right = truth(flag, user, environment);
    if (right === undefined) hashed.push(value);
    else if (value !== right) throw new Error(`${sdk.name}: ${flag.key} is ${value} for ${user.key}, not ${right}`);
    subjects.push(subject);
    expected.push(value);
  }
  checkShare(sdk, flag, hashed);
  return { subjects, expected };
}

/** Four standard deviations of a fair hash, and a hundredth for those whose buckets are whole percents. */
function checkShare(sdk: Sdk, flag: Switch, hashed: readonly boolean[]): void {
  if (hashed.length === 0) return;
  const wanted = flag.share / 100;
  const share = hashed.filter((on) => on).length / hashed.length;
  const tolerance = 0.01 + 4 * Math.sqrt((wanted * (1 - wanted)) / hashed.length);
  if (Math.abs(share - wanted) > tolerance) {
    throw new Error(`${sdk.name}: ${flag.key} is on for ${share} of ${hashed.length} users, not for ${wanted}`);
  }
}

/** As {@link checkSwitch}, for all flags at once; the answers are how many flags are on. */
export async function checkBulk(
  sdk: Sdk,
  client: Client,
  { environment, users }: { readonly environment: Environment; readonly users: readonly BenchUser[] },
): Promise<Checked> {
  const subjects: Subject[] = [];
  const expected: number[] = [];
  for (const user of users) {
    const subject = client.prepare(user);
    const all = await client.allOn(subject);
    for (const flag of environment.flags) {
      if (flag.kind !== 'switch') throw new Error('bulk evaluation is compared for switches only');
      const value = all.get(flag.key) ?? false;
      const right = truth(flag, user, environment);
      if (right !== undefined && value !== right) {
        throw new Error(`${sdk.name}: ${flag.key} among all is ${value} for ${user.key}, not ${right}`);
      }
    }
    const count = [...all.values()].filter((on) => on).length;
    if (count !== (await client.countOn(subject))) throw new Error(`${sdk.name}: counts its flags differently`);
    subjects.push(subject);
    expected.push(count);
  }
  return { subjects, expected };
}
