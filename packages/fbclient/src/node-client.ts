import { Client } from './client.js';
import { InvalidConfigError } from './errors.js';
import type { AnyFlags } from './evaluation/types.js';
import { compilePattern } from './flags/re2-pattern.js';
import { nodePlatform } from './node/node-platform.js';
import type { Options } from './options.js';
import type { Platform } from './runtime/platform.js';

/**
 * A FeatBit client: holds every flag and segment of one environment in memory, keeps them current, evaluates them locally
 * and synchronously, and reports what was used. Make one for the life of the application (see `setConfig`), or one for each
 * environment.
 *
 * No method throws, no returned promise rejects; the constructor throws `InvalidConfigError`.
 *
 * @typeParam Flags an interface of flag keys to value types, which checks keys and types the values. Without it every key
 * is allowed and the default types the value.
 */
export class FBClient<Flags extends object = AnyFlags> extends Client<Flags> {
  /**
   * Starts a client; it begins to synchronise at once. See {@link waitForInitialization}.
   *
   * @param options see {@link Options}.
   * @param platform replaced in tests only.
   * @throws InvalidConfigError naming every option that cannot be used; nothing is started then.
   */
  constructor(options: Options<Flags>, platform: Platform = nodePlatform) {
    super(options, platform, compilePattern);
  }

  /**
   * The constructor for those who do not want it to throw.
   *
   * @returns the client, or the error that names every option that cannot be used.
   */
  static create<Flags extends object = AnyFlags>(
    options: Options<Flags>,
  ):
    | { readonly client: FBClient<Flags>; readonly error?: never }
    | { readonly client?: never; readonly error: InvalidConfigError } {
    try {
      return { client: new FBClient<Flags>(options) };
    } catch (error) {
      if (error instanceof InvalidConfigError) return { error };
      throw error;
    }
  }
}
