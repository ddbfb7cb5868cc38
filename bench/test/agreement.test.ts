import { describe, expect, it } from 'vitest';
import { SDKS } from '../src/adapters/all.js';
import { checkBulk, checkSwitch } from '../src/environment/check.js';
import { makeUsers } from '../src/environment/generate.js';
import { type Switch, switchFlag } from '../src/environment/model.js';
import { seededRandom } from '../src/environment/random.js';
import { makeWorkloads } from '../src/environment/workloads.js';

const workloads = makeWorkloads();
const { environment } = workloads;
const switches = environment.flags.filter((flag): flag is Switch => flag.kind === 'switch');
const variants = environment.flags.filter((flag) => flag.kind === 'variants');
// More than the workloads ask for: users that are no targets, too.
const users = makeUsers(seededRandom(1), 2_000);

describe.each(SDKS)('$name', (sdk) => {
  const usesRegex = (flag: Switch): boolean => flag.rules.flat().some(({ test }) => test === 'matches');

  it.each(switches.filter((flag) => sdk.noRegex === undefined || !usesRegex(flag)))(
    'gives the right values of $key to all users',
    async (flag) => {
      const client = await sdk.open(sdk.encode(environment));
      await checkSwitch(sdk, client, flag, users, environment);
      await client.close();
    },
  );

  it('gives the right values of all flags at once', async () => {
    const { environment: all } = workloads.bulk;
    const client = await sdk.open(sdk.encode(all));
    await checkBulk(sdk, client, { environment: all, users: users.slice(0, 100) });
    await client.close();
  });

  it.each(variants)('gives each value of $key to its share of the users', async (flag) => {
    const client = await sdk.open(sdk.encode(environment));
    const counts = new Map(flag.values.map(({ value }) => [value, 0]));
    for (const user of users) {
      const value = await client.text(flag.key, client.prepare(user));
      counts.set(value, (counts.get(value) ?? Number.NaN) + 1);
    }
    for (const { value, percent } of flag.values) {
      const share = (100 * (counts.get(value) ?? 0)) / users.length;
      expect(Math.abs(share - percent), `${value}: ${share} %`).toBeLessThan(5);
    }
    await client.close();
  });

  it('is caught when it is wrong', async () => {
    const flag = switchFlag('plainly-on', { share: 100 });
    const client = await sdk.open(sdk.encode({ flags: [{ ...flag, enabled: false }], segments: [] }));
    await expect(checkSwitch(sdk, client, flag, users.slice(0, 1), environment)).rejects.toThrow('plainly-on is false');
    await client.close();
  });
});

it('fbclient and FeatBit put the same users into a rollout', async () => {
  const [ours, featbit] = await Promise.all(
    SDKS.slice(0, 2).map(async (sdk) => {
      const client = await sdk.open(sdk.encode(environment));
      const { flag, users: all } = workloads.rollout;
      return Promise.all(all.map((user) => client.isOn(flag.key, client.prepare(user))));
    }),
  );
  expect(ours).toEqual(featbit);
});
