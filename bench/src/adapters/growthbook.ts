import { type FeatureApiResponse, GrowthBookClient, type UserContext } from '@growthbook/growthbook';
import {
  type BenchUser,
  type Condition,
  type Environment,
  type LogicalFlag,
  withExtras,
} from '../environment/model.js';
import type { Client, Sdk } from './sdk.js';

/** GrowthBook's multi-user client with its payload given. It has no call for all flags: applications loop over them. */
export const sdk: Sdk = {
  module: import.meta.url,
  name: '@growthbook/growthbook',
  isAsync: false,
  encode: ({ flags, segments }: Environment) =>
    JSON.stringify({
      status: 200,
      features: Object.fromEntries(flags.map((flag) => [flag.key, feature(flag)])),
      experiments: [],
      savedGroups: Object.fromEntries(segments.map(({ key, included }) => [key, included])),
      dateUpdated: '2024-05-01T08:30:00.000Z',
    }),
  open: async (text: string) => {
    const payload: FeatureApiResponse = JSON.parse(text);
    return new GrowthbookBench(new GrowthBookClient().initSync({ payload }));
  },
};

function feature(flag: LogicalFlag): object {
  if (flag.kind === 'variants') {
    const rule = {
      id: `${flag.key}-all`,
      key: flag.key,
      hashAttribute: 'id',
      hashVersion: 2,
      coverage: 1,
      variations: flag.values.map(({ value }) => value),
      weights: flag.values.map(({ percent }) => percent / 100),
    };
    return { defaultValue: flag.values[0]?.value, rules: [rule] };
  }
  if (!flag.enabled) return { defaultValue: false };
  const rules: object[] = [];
  if (flag.targets.length > 0) {
    rules.push({ id: `${flag.key}-targets`, force: true, condition: { id: { $in: flag.targets } } });
  }
  for (const [index, conditions] of flag.rules.entries()) {
    const condition = Object.assign({}, ...conditions.map(mongo));
    rules.push({ id: `${flag.key}-rule-${index}`, force: true, condition });
  }
  if (flag.share > 0 && flag.share < 100) {
    const coverage = flag.share / 100;
    rules.push({ id: `${flag.key}-share`, force: true, hashAttribute: 'id', hashVersion: 2, coverage });
  }
  return { defaultValue: flag.share === 100, ...(rules.length === 0 ? {} : { rules }) };
}

function mongo(condition: Condition): object {
  switch (condition.test) {
    case 'equals':
      return { [condition.attribute]: condition.value };
    case 'one-of':
      return { [condition.attribute]: { $in: condition.values } };
    case 'ends-with':
      return { [condition.attribute]: { $regex: `${condition.value.replaceAll('.', '\\.')}$` } };
    case 'at-least':
      return { [condition.attribute]: { $gte: condition.value } };
    case 'matches':
      return { [condition.attribute]: { $regex: condition.pattern } };
    case 'in-segment':
      return { id: { $inGroup: condition.segment } };
  }
}

class GrowthbookBench implements Client {
  readonly #client: GrowthBookClient;

  constructor(client: GrowthBookClient) {
    this.#client = client;
  }

  prepare(user: BenchUser): UserContext {
    const { key, name, country, plan, age, email } = user;
    return { attributes: withExtras({ id: key, name, country, plan, age, email }, user) };
  }

  isOn(flagKey: string, context: UserContext): boolean {
    return this.#client.isOn(flagKey, context);
  }

  text(flagKey: string, context: UserContext): string {
    return this.#client.getFeatureValue<string, string>(flagKey, '', context);
  }

  countOn(context: UserContext): number {
    let count = 0;
    for (const flagKey in this.#client.getFeatures()) if (this.#client.isOn(flagKey, context)) count += 1;
    return count;
  }

  allOn(context: UserContext): ReadonlyMap<string, boolean> {
    const flagKeys = Object.keys(this.#client.getFeatures());
    return new Map(flagKeys.map((flagKey) => [flagKey, this.#client.isOn(flagKey, context)]));
  }

  async flush(): Promise<void> {
    // It sends nothing by itself.
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }
}
