import { init, type LDClient, type LDContext } from '@launchdarkly/node-server-sdk';
import { FileDataSourceFactory } from '@launchdarkly/node-server-sdk/integrations';
import {
  type BenchUser,
  type Condition,
  type Environment,
  type LogicalFlag,
  withExtras,
} from '../environment/model.js';
import type { Client, OpenOptions, Sdk } from './sdk.js';
import { SILENT } from './silent.js';

/** LaunchDarkly's SDK with its file data source, which prepares flags as its stream does. */
export const sdk: Sdk = {
  module: import.meta.url,
  name: '@launchdarkly/node-server-sdk',
  isAsync: true,
  encode: ({ flags, segments }: Environment, everyEvaluation = false) =>
    JSON.stringify({
      flags: Object.fromEntries(flags.map((flag) => [flag.key, ldFlag(flag, everyEvaluation)])),
      segments: Object.fromEntries(
        segments.map(({ key, included }) => [
          key,
          { key, included, excluded: [], rules: [], salt: key, version: 1, deleted: false },
        ]),
      ),
    }),
  open: async (text: string, { eventsUrl }: OpenOptions = {}) => {
    const client = init('benchmark', {
      updateProcessor: dataFrom(text),
      sendEvents: eventsUrl !== undefined,
      ...(eventsUrl === undefined ? {} : { eventsUri: eventsUrl, baseUri: eventsUrl, streamUri: eventsUrl }),
      diagnosticOptOut: true,
      logger: SILENT,
    });
    await client.waitForInitialization({ timeout: 60 });
    return new LaunchdarklyClient(client);
  },
};

/** The SDK's file data source, with a file system that holds the text. */
function dataFrom(text: string): ReturnType<FileDataSourceFactory['getFactory']> {
  const factory = new FileDataSourceFactory({ paths: ['environment.json'] }).getFactory();
  return (context, ...rest) => {
    const fileSystem = {
      getFileTimestamp: () => Promise.resolve(0),
      readFile: () => Promise.resolve(text),
      watch: () => ({ close: () => undefined }),
    };
    return factory({ ...context, platform: { ...context.platform, fileSystem } }, ...rest);
  };
}

function ldFlag(flag: LogicalFlag, trackEvents: boolean): object {
  const isSwitch = flag.kind === 'switch';
  return {
    key: flag.key,
    version: 1,
    on: !isSwitch || flag.enabled,
    prerequisites: [],
    targets: isSwitch && flag.targets.length > 0 ? [{ values: flag.targets, variation: 0 }] : [],
    contextTargets: [],
    rules: isSwitch
      ? flag.rules.map((conditions, index) => ({
          id: `${flag.key}-rule-${index}`,
          clauses: conditions.map((condition) => ({ contextKind: 'user', negate: false, ...clause(condition) })),
          variation: 0,
          trackEvents: false,
        }))
      : [],
    fallthrough: isSwitch
      ? flag.share === 0 || flag.share === 100
        ? { variation: flag.share === 100 ? 0 : 1 }
        : rollout([flag.share, 100 - flag.share])
      : rollout(flag.values.map(({ percent }) => percent)),
    offVariation: 1,
    variations: isSwitch ? [true, false] : flag.values.map(({ value }) => value),
    clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: true },
    clientSide: true,
    salt: flag.key,
    trackEvents,
    trackEventsFallthrough: false,
    debugEventsUntilDate: null,
    deleted: false,
  };
}

function rollout(percents: readonly number[]): object {
  const variations = percents.map((percent, variation) => ({ variation, weight: percent * 1_000 }));
  return { rollout: { contextKind: 'user', variations } };
}

function clause(condition: Condition): object {
  switch (condition.test) {
    case 'equals':
      return { attribute: condition.attribute, op: 'in', values: [condition.value] };
    case 'one-of':
      return { attribute: condition.attribute, op: 'in', values: condition.values };
    case 'ends-with':
      return { attribute: condition.attribute, op: 'endsWith', values: [condition.value] };
    case 'at-least':
      return { attribute: condition.attribute, op: 'greaterThanOrEqual', values: [condition.value] };
    case 'matches':
      return { attribute: condition.attribute, op: 'matches', values: [condition.pattern] };
    case 'in-segment':
      return { attribute: '', op: 'segmentMatch', values: [condition.segment] };
  }
}

class LaunchdarklyClient implements Client {
  readonly #client: LDClient;

  constructor(client: LDClient) {
    this.#client = client;
  }

  prepare(user: BenchUser): LDContext {
    const { key, name, country, plan, age, email } = user;
    return withExtras({ kind: 'user', key, name, country, plan, age, email }, user);
  }

  isOn(flagKey: string, context: LDContext): Promise<boolean> {
    return this.#client.boolVariation(flagKey, context, false);
  }

  text(flagKey: string, context: LDContext): Promise<string> {
    return this.#client.stringVariation(flagKey, context, '');
  }

  async countOn(context: LDContext): Promise<number> {
    const values = (await this.#client.allFlagsState(context)).allValues();
    let count = 0;
    for (const flagKey in values) if (values[flagKey] === true) count += 1;
    return count;
  }

  async allOn(context: LDContext): Promise<ReadonlyMap<string, boolean>> {
    const values = (await this.#client.allFlagsState(context)).allValues();
    return new Map(Object.entries(values).map(([flagKey, value]) => [flagKey, value === true]));
  }

  async flush(): Promise<void> {
    await this.#client.flush();
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}
