import { NotConfiguredError } from './errors.js';
import type { AnyFlags } from './evaluation/types.js';
import { FBClient } from './node-client.js';
import type { Options } from './options.js';

// In the global symbol registry: a second copy of this package in the process (ESM beside CommonJS, another version) must
// find the same client, not open a connection of its own.
const HOLDER = Symbol.for('fbclient.application-wide-client');

/**
 * Makes the application-wide client, once, at the start. Called again, it replaces the client and closes the old one in the
 * background.
 *
 * @throws InvalidConfigError when an option cannot be used; the client that was there stays.
 */
export function setConfig<Flags extends object = AnyFlags>(options: Options<Flags>): FBClient<Flags> {
  const client = new FBClient<Flags>(options);
  const previous: unknown = Reflect.get(globalThis, HOLDER);
  Reflect.set(globalThis, HOLDER, client);
  if (isClient(previous)) void previous.close();
  return client;
}

/**
 * The application-wide client.
 *
 * @throws NotConfiguredError before `setConfig`.
 */
export function get<Flags extends object = AnyFlags>(): FBClient<Flags> {
  const client: unknown = Reflect.get(globalThis, HOLDER);
  if (!isClient(client)) throw new NotConfiguredError();
  return client as unknown as FBClient<Flags>;
}

function isClient(value: unknown): value is FBClient {
  // Not instanceof: it may come from another copy of the class.
  return typeof value === 'object' && value !== null && 'close' in value && 'variation' in value;
}
