import { type EvaluationContext, type Client as Features, OpenFeature } from '@openfeature/server-sdk';
import { FBClient, type Hook } from 'fbclient';
import { FBProvider } from 'fbclient-openfeature';
import type { BenchUser } from '../environment/model.js';
import { sdk } from './fbclient.js';
import { FbclientClient } from './fbclient-build.js';
import type { Client, Sdk } from './sdk.js';

/** Hooks that do nothing: what they do is the application's cost. */
const AFTER: Hook = { name: 'after', afterEvaluation: () => undefined };
const AROUND: Hook = { name: 'around', beforeEvaluation: () => undefined, afterEvaluation: () => undefined };

const THROUGH_OPENFEATURE = 'through OpenFeature';

function hooked(name: string, hooks: readonly Hook[]): Sdk {
  const open = async (text: string): Promise<Client> =>
    new FbclientClient(new FBClient({ offline: true, bootstrap: text, hooks }));
  return { ...sdk, name, module: moduleOf(name), open };
}

/** Processes of their own know a module only. */
function moduleOf(name: string): string {
  return new URL(`./observed-module.js?name=${encodeURIComponent(name)}`, import.meta.url).href;
}

/** fbclient as it is asked with hooks, and through OpenFeature. */
export const OBSERVED: readonly Sdk[] = [
  hooked('no hooks', []),
  hooked('a hook after', [AFTER]),
  hooked('a hook before and after', [AROUND]),
  {
    ...sdk,
    name: THROUGH_OPENFEATURE,
    module: moduleOf(THROUGH_OPENFEATURE),
    isAsync: true,
    open: async (text) => {
      const client = new FBClient({ offline: true, bootstrap: text });
      await OpenFeature.setProviderAndWait(new FBProvider(client));
      return new OpenFeatureClient(client, OpenFeature.getClient());
    },
  },
];

class OpenFeatureClient implements Client {
  readonly #client: FBClient;
  readonly #features: Features;

  constructor(client: FBClient, features: Features) {
    this.#client = client;
    this.#features = features;
  }

  prepare({ key, ...attributes }: BenchUser): EvaluationContext {
    return { targetingKey: key, ...attributes };
  }

  isOn(flagKey: string, context: EvaluationContext): Promise<boolean> {
    return this.#features.getBooleanValue(flagKey, false, context);
  }

  text(flagKey: string, context: EvaluationContext): Promise<string> {
    return this.#features.getStringValue(flagKey, '', context);
  }

  countOn(): never {
    throw new Error('OpenFeature has no call for all flags');
  }

  allOn(): never {
    return this.countOn();
  }

  async flush(): Promise<void> {
    // No events are recorded.
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
