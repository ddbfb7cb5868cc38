/** fbclient/edge: flags in edge runtimes, such as Cloudflare Workers and Vercel's: no sockets, no background, no Node.js. */

import { Client } from './client.js';
import { edgePlatform } from './edge/edge-platform.js';
import { LoadedSource, type LoadFlags, serverLoader } from './edge/loading.js';
import { ManualDelivery } from './edge/manual-delivery.js';
import { InvalidConfigError } from './errors.js';
import type { AnyFlags } from './evaluation/types.js';
import { Failure } from './flags/failure.js';
import type { PatternCompiler } from './flags/pattern.js';
import { type Options, resolveOptions } from './options.js';

export type { LoadFlags } from './edge/loading.js';
export { InvalidConfigError, type OptionProblem } from './errors.js';
export type { EvalDetail, Reason } from './evaluation/detail.js';
export type { AnyFlags, FBUser } from './evaluation/types.js';
export type { PatternCompiler } from './flags/pattern.js';
export { consoleLogger, type Logger } from './runtime/log.js';

/** What an edge client can be told; each as in `Options`, but for `load` and `patterns`. */
export interface EdgeOptions<Flags extends object = AnyFlags>
  extends Pick<
    Options<Flags>,
    | 'envSecret'
    | 'eventUrl'
    | 'disableEvents'
    | 'pollingUrl'
    | 'pollingRequestTimeout'
    | 'maxMessageSize'
    | 'bootstrap'
    | 'defaults'
    | 'missingAttribute'
    | 'privateAttributes'
    | 'eventsMaxInQueue'
    | 'eventsMaxPerRequest'
    | 'eventsMaxRetries'
    | 'eventsRequestTimeout'
    | 'closeTimeout'
    | 'logger'
  > {
  /** Where the flags come from: KV, Edge Config, a cache. Without it `pollingUrl` is asked. Each call can bring another one. */
  readonly load?: LoadFlags | undefined;
  /**
   * The engine for regular expressions in conditions: `compilePattern` of `fbclient/core`, which is more than the rest of the
   * bundle. Without it a flag whose evaluation reaches such a condition returns its default, with a reason that says so.
   */
  readonly patterns?: PatternCompiler | undefined;
}

const NO_PATTERNS: PatternCompiler = () =>
  new Failure(
    'a condition has a regular expression, and this client has no engine for it: give it patterns: compilePattern, of fbclient/core',
  );

/**
 * A client for edge runtimes. It can be made in the scope of a module: nothing is opened, asked for or timed before a request calls
 * {@link load}, and no work is left behind when a request has awaited what it called. All requests of an isolate share it.
 *
 * No method throws, no returned promise rejects; the constructor throws `InvalidConfigError`.
 */
export class EdgeClient<Flags extends object = AnyFlags> extends Client<Flags> {
  readonly #source: LoadedSource;
  readonly #loader: LoadFlags;
  readonly #delivery: ManualDelivery | undefined;
  #loadedAt: number | undefined;

  /** @throws InvalidConfigError naming every option that cannot be used. */
  constructor(options: EdgeOptions<Flags>) {
    const { load, patterns = NO_PATTERNS, ...rest } = options ?? ({} as EdgeOptions<Flags>);
    const source = new LoadedSource();
    const loader = load ?? pollingLoader(rest);
    if (typeof loader !== 'function') {
      throw new InvalidConfigError([{ option: 'load', problem: 'must be a function' }]);
    }
    let delivery: ManualDelivery | undefined;
    super({ ...rest, dataSource: source }, edgePlatform, patterns, (parts) => {
      delivery = new ManualDelivery(parts);
      return delivery;
    });
    this.#source = source;
    this.#loader = loader;
    this.#delivery = delivery;
  }

  /**
   * Loads the flags if none were loaded yet, for the start of a request.
   *
   * @param load where they come from this time; for bindings that only a request has.
   * @returns whether there are flags. When there are none, evaluations return their defaults.
   */
  async load(load: LoadFlags = this.#loader): Promise<boolean> {
    return this.#loadedAt !== undefined || (await this.refresh(0, load)) || this.initialized;
  }

  /**
   * Loads the flags anew unless they are young enough, for `ctx.waitUntil`. When it fails, those that are held are served on, as
   * `Stale`.
   *
   * @param maxAge flags that were loaded no longer ago are kept, in milliseconds. @default 0
   * @returns whether the flags are no older than that.
   */
  async refresh(maxAge = 0, load: LoadFlags = this.#loader): Promise<boolean> {
    const begun = edgePlatform.clock.now();
    if (this.#loadedAt !== undefined && maxAge > 0 && begun - this.#loadedAt <= maxAge) return true;
    const loaded = await this.#source.load(load);
    if (loaded) this.#loadedAt = begun;
    return loaded;
  }

  /**
   * Sends the events that were recorded before the call, for `ctx.waitUntil(client.flush())`. What fails waits for the next call.
   *
   * @returns whether nothing of them waits any more.
   */
  override async flush(): Promise<boolean> {
    return (await this.#delivery?.send()) ?? true;
  }

  /** As {@link flush}. */
  override flushAndWait(): Promise<boolean> {
    return this.flush();
  }
}

/** @throws InvalidConfigError when the server to ask cannot be known. */
function pollingLoader<Flags extends object>(options: EdgeOptions<Flags>): LoadFlags {
  const { envSecret, pollingUrl, pollingRequestTimeout, maxMessageSize } = options;
  if (pollingUrl === undefined) {
    const problem = 'is missing: give the function that brings the flags, or pollingUrl';
    throw new InvalidConfigError([{ option: 'load', problem }]);
  }
  const chosen = { envSecret, pollingUrl, pollingRequestTimeout, maxMessageSize };
  const { source } = resolveOptions({ ...chosen, dataSyncMode: 'polling', disableEvents: true });
  if (source.kind !== 'polling') throw new TypeError('polling was asked for');
  const { url, secret, times } = source;
  return serverLoader({ url, secret, timeout: times.requestTimeout, maxMessageSize: source.maxMessageSize });
}
