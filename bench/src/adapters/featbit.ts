import {
  FbClientBuilder,
  type IDataSynchronizer,
  type IFbClient,
  type IUser,
  UserBuilder,
} from '@featbit/node-server-sdk';
import { type BenchUser, type Environment, isExtra } from '../environment/model.js';
import { featbitEnvelope } from './featbit-format.js';
import type { Client, OpenOptions, Sdk } from './sdk.js';
import { SILENT } from './silent.js';

/**
 * FeatBit's own SDK. Offline from its JSON bootstrap; with events on the same bootstrap, and a data synchronizer that says
 * at once that it is in sync.
 */
export const sdk: Sdk = {
  module: import.meta.url,
  name: '@featbit/node-server-sdk',
  isAsync: true,
  noRegex: "takes the user's attribute for the pattern and the rule's pattern for the text",
  encode: (environment: Environment) => featbitEnvelope(environment),
  open: async (text: string, { eventsUrl }: OpenOptions = {}) => {
    const builder = new FbClientBuilder().useJsonBootstrapProvider(text).logger(SILENT);
    if (eventsUrl === undefined) {
      builder.offline(true);
    } else {
      builder.sdkKey('benchmark').streamingUri('ws://127.0.0.1:1').eventsUri(eventsUrl).dataSynchronizer(inSync);
    }
    const client = builder.build();
    await client.waitForInitialization();
    return new FeatbitClient(client);
  },
};

/** What it gets is not what its types say: the store comes second, so that the call that reports success is the fourth. */
function inSync(...given: unknown[]): IDataSynchronizer {
  const ready = given[3];
  if (typeof ready !== 'function') throw new Error('this version calls data synchronizers differently');
  return { start: () => ready(), stop: () => undefined, close: () => undefined };
}

class FeatbitClient implements Client {
  readonly #client: IFbClient;

  constructor(client: IFbClient) {
    this.#client = client;
  }

  prepare(user: BenchUser): IUser {
    const { key, name, country, plan, age, email } = user;
    const builder = new UserBuilder(key)
      .name(name)
      .custom('country', country)
      .custom('plan', plan)
      .custom('age', String(age))
      .custom('email', email);
    for (const extra of Object.keys(user)) if (isExtra(extra)) builder.custom(extra, user[extra] ?? '');
    return builder.build();
  }

  isOn(flagKey: string, user: IUser): Promise<boolean> {
    return this.#client.boolVariation(flagKey, user, false);
  }

  text(flagKey: string, user: IUser): Promise<string> {
    return this.#client.stringVariation(flagKey, user, '');
  }

  async countOn(user: IUser): Promise<number> {
    let count = 0;
    for (const { value } of await this.#client.getAllVariations(user)) if (value === 'true') count += 1;
    return count;
  }

  async allOn(user: IUser): Promise<ReadonlyMap<string, boolean>> {
    const all = await this.#client.getAllVariations(user);
    return new Map(all.map(({ flagKey, value }) => [flagKey, value === 'true']));
  }

  async flush(): Promise<void> {
    await this.#client.flush();
  }

  close(): Promise<void> {
    return Promise.resolve(this.#client.close());
  }
}
