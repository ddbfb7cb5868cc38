import type { DataSource, FBClient, FBUser } from 'fbclient';
import { type BenchUser, type Environment, withExtras } from '../environment/model.js';
import { featbitEnvelope } from './featbit-format.js';
import type { Client, OpenOptions, Sdk } from './sdk.js';

/** What is measured of a build of the package. */
export interface Build {
  readonly FBClient: typeof FBClient;
}

/** A build as an SDK: offline from a bootstrap text; with events on, a data source of one text and no connection for data. */
export function sdkOf(name: string, module: string, build: Build): Sdk {
  return {
    module,
    name,
    isAsync: false,
    encode: (environment: Environment) => featbitEnvelope(environment),
    open: async (text: string, { eventsUrl }: OpenOptions = {}) => {
      const client = new build.FBClient(
        eventsUrl === undefined
          ? { offline: true, bootstrap: text }
          : { envSecret: 'benchmark', eventUrl: eventsUrl, dataSource: once(text), proxy: false },
      );
      const result = await client.waitForInitialization();
      if (result !== 'ready') throw new Error(`${name} did not start: ${result}`);
      return new FbclientClient(client);
    },
  };
}

function once(text: string): DataSource {
  return {
    start: (sink) => {
      void sink.accept(text);
    },
    close: () => undefined,
  };
}

export class FbclientClient implements Client {
  readonly #client: FBClient;

  constructor(client: FBClient) {
    this.#client = client;
  }

  prepare(user: BenchUser): FBUser {
    const { key, name, country, plan, age, email } = user;
    return withExtras({ key, name, country, plan, age, email }, user);
  }

  isOn(flagKey: string, user: FBUser): boolean {
    return this.#client.boolVariation(flagKey, user, false);
  }

  text(flagKey: string, user: FBUser): string {
    return this.#client.stringVariation(flagKey, user, '');
  }

  countOn(user: FBUser): number {
    let count = 0;
    for (const { value } of this.#client.getAllLatestFlagVariations(user)) if (value === 'true') count += 1;
    return count;
  }

  allOn(user: FBUser): ReadonlyMap<string, boolean> {
    const states = this.#client.getAllLatestFlagVariations(user);
    return new Map(Array.from(states, ({ flagKey, value }) => [flagKey, value === 'true']));
  }

  async flush(): Promise<void> {
    if (!(await this.#client.flushAndWait(60_000))) throw new Error('fbclient did not deliver its events in a minute');
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
