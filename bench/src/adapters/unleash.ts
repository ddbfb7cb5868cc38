import { once } from 'node:events';
import { type Context, InMemStorageProvider, Unleash } from 'unleash-client';
import {
  type BenchUser,
  type Condition,
  type Environment,
  type LogicalFlag,
  withExtras,
} from '../environment/model.js';
import type { Client, Sdk } from './sdk.js';

/**
 * Unleash's SDK from a bootstrap, without refreshing and without metrics. It has no call for all flags: applications loop
 * over the definitions that it holds.
 */
export const sdk: Sdk = {
  module: import.meta.url,
  name: 'unleash-client',
  isAsync: false,
  encode: ({ flags, segments }: Environment) => {
    const ids = new Map(segments.map(({ key }, index) => [key, index + 1]));
    return JSON.stringify({
      version: 2,
      features: flags.map((flag) => feature(flag, ids)),
      segments: segments.map(({ key, included }) => ({
        id: ids.get(key),
        name: key,
        constraints: [constraint('userId', 'IN', { values: included })],
      })),
    });
  },
  open: async (text: string) => {
    const { features, segments } = JSON.parse(text);
    const unleash = new Unleash({
      appName: 'benchmark',
      url: 'http://127.0.0.1:1/api/',
      refreshInterval: 0,
      disableMetrics: true,
      skipInstanceCountWarning: true,
      storageProvider: new InMemStorageProvider(),
      bootstrap: { data: features, segments },
    });
    await once(unleash, 'ready');
    return new UnleashBench(unleash);
  },
};

function feature(flag: LogicalFlag, segmentIds: ReadonlyMap<string, number>): object {
  return {
    name: flag.key,
    type: 'release',
    project: 'default',
    description: 'Generated for the benchmark',
    stale: false,
    impressionData: false,
    enabled: flag.kind === 'variants' || flag.enabled,
    strategies: flag.kind === 'variants' ? [variantStrategy(flag)] : strategies(flag, segmentIds),
    variants: [],
  };
}

/** Individual targets are a constraint on the user id: the strategy for ids splits its text at every evaluation. */
function strategies(
  flag: LogicalFlag & { readonly kind: 'switch' },
  segmentIds: ReadonlyMap<string, number>,
): object[] {
  const targets =
    flag.targets.length === 0 ? [] : [strategy([constraint('userId', 'IN', { values: flag.targets })], [])];
  const rules = flag.rules.map((conditions) => {
    const segments = conditions.flatMap((condition) =>
      condition.test === 'in-segment' ? [segmentIds.get(condition.segment)] : [],
    );
    const constraints = conditions.flatMap((condition) =>
      condition.test === 'in-segment' ? [] : [conditionConstraint(condition)],
    );
    return strategy(constraints, segments);
  });
  if (flag.share === 100) return [...targets, ...rules, strategy([], [])];
  // Without any strategy a feature would be on for everybody.
  return [...targets, ...rules, rollout(flag.key, flag.share)];
}

function strategy(constraints: object[], segments: unknown[]): object {
  return { name: 'default', parameters: {}, constraints, segments };
}

function rollout(flagKey: string, percent: number): object {
  const parameters = { rollout: String(percent), stickiness: 'userId', groupId: flagKey };
  return { name: 'flexibleRollout', parameters, constraints: [], segments: [] };
}

function variantStrategy(flag: LogicalFlag & { readonly kind: 'variants' }): object {
  return {
    ...rollout(flag.key, 100),
    variants: flag.values.map(({ value, percent }) => ({
      name: value,
      weight: percent * 10,
      weightType: 'variable',
      stickiness: 'userId',
      payload: { type: 'string', value },
    })),
  };
}

function conditionConstraint(condition: Exclude<Condition, { readonly test: 'in-segment' }>): object {
  switch (condition.test) {
    case 'equals':
      return constraint(condition.attribute, 'IN', { values: [condition.value] });
    case 'one-of':
      return constraint(condition.attribute, 'IN', { values: condition.values });
    case 'ends-with':
      return constraint(condition.attribute, 'STR_ENDS_WITH', { values: [condition.value] });
    case 'at-least':
      return constraint(condition.attribute, 'NUM_GTE', { value: String(condition.value) });
    case 'matches':
      return constraint(condition.attribute, 'REGEX', { value: condition.pattern });
  }
}

function constraint(contextName: string, operator: string, operand: object): object {
  return { contextName, operator, inverted: false, caseInsensitive: false, values: [], ...operand };
}

class UnleashBench implements Client {
  readonly #unleash: Unleash;

  constructor(unleash: Unleash) {
    this.#unleash = unleash;
  }

  prepare(user: BenchUser): Context {
    const { key, name, country, plan, age, email } = user;
    return { userId: key, properties: withExtras({ name, country, plan, age, email }, user) };
  }

  isOn(flagKey: string, context: Context): boolean {
    return this.#unleash.isEnabled(flagKey, context);
  }

  text(flagKey: string, context: Context): string {
    return this.#unleash.getVariant(flagKey, context).payload?.value ?? '';
  }

  countOn(context: Context): number {
    let count = 0;
    for (const { name } of this.#unleash.getFeatureToggleDefinitions()) {
      if (this.#unleash.isEnabled(name, context)) count += 1;
    }
    return count;
  }

  allOn(context: Context): ReadonlyMap<string, boolean> {
    const definitions = this.#unleash.getFeatureToggleDefinitions();
    return new Map(definitions.map(({ name }) => [name, this.#unleash.isEnabled(name, context)]));
  }

  async flush(): Promise<void> {
    await this.#unleash.flushMetrics();
  }

  async close(): Promise<void> {
    this.#unleash.destroy();
  }
}
