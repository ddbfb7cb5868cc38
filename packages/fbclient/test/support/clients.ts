import { onTestFinished } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { FakePlatform } from './fake-network.js';
import { full } from './wire.js';

export const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
export const OTHER_SECRET = 'A1b2C3d4E5f6G7h8I9j0K1-JtrIvNK-k-bARYicOTNQB';

/** A client of the network, at a server's URL, for one test; it is closed after the test. */
export function onlineClient(url: string, options: Options = {}): FBClient {
  // Whatever the machine's proxy is, it is not the test's.
  const online = { envSecret: SECRET, streamingUrl: url, eventUrl: url, closeTimeout: 2_000, proxy: false } as const;
  const client = new FBClient({ ...online, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A client without a network, which has nothing to close. */
export function offlineClient(featureFlags: readonly unknown[] = [], options: Options = {}): FBClient {
  return new FBClient({ offline: true, bootstrap: full(featureFlags), ...options });
}

/** A client whose time and network are the test's. */
export function fakeClient(options: Options = {}): { readonly client: FBClient; readonly platform: FakePlatform } {
  const platform = new FakePlatform();
  const urls = { streamingUrl: 'ws://featbit.test', eventUrl: 'http://featbit.test' };
  const client = new FBClient({ envSecret: SECRET, ...urls, ...options }, platform);
  return { client, platform };
}
