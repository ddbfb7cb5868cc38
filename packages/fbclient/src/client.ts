import { type Diagnostics, diagnosticsOf } from './diagnostics.js';
import type { AllFlagStates } from './evaluation/all-flag-states.js';
import type { EvalDetail } from './evaluation/detail.js';
import { type EvaluationObserver, Evaluator } from './evaluation/evaluator.js';
import { HookedEvaluator } from './evaluation/hooked-evaluator.js';
import type { EvaluationResult } from './evaluation/result.js';
import type {
  AnyFlags,
  DefaultAs,
  DefaultOf,
  FBUser,
  FlagKey,
  FlagValue,
  JsonDefault,
  OwnJson,
  OwnValue,
  UserOf,
  ValueAs,
} from './evaluation/types.js';
import { logFailure, logWarning } from './evaluation-log.js';
import type { Delivery, DeliveryParts } from './events/delivery.js';
import { EventRecorder } from './events/recorder.js';
import type { PatternCompiler } from './flags/pattern.js';
import type { JsonValue, ValueType } from './flags/variation.js';
import { reportOnce } from './flags/warnings.js';
import { HookChain } from './hooks/hook-chain.js';
import { eventSettings, type Options, resolveOptions, type Settings, unknownOptions } from './options.js';
import { readDataSyncEnvelope } from './protocol/large-message.js';
import { containedPlatform } from './runtime/contained-platform.js';
import { Log } from './runtime/log.js';
import { Notifier } from './runtime/notifier.js';
import type { Network, Platform } from './runtime/platform.js';
import type { Wait } from './runtime/wait.js';
import { type InitializationResult, type Status, StatusKeeper, type UpdateStatusProvider } from './status.js';
import { LiveEnvironment } from './sync/live-environment.js';
import { createSource } from './sync/sources.js';
import { type FlagTracker, ListenerTracker } from './tracker/flag-tracker.js';

/**
 * The client in whatever runtime; what differs between runtimes is in its {@link Platform}. `FBClient` is this class on
 * Node.js.
 *
 * No method throws, no returned promise rejects; the constructor throws `InvalidConfigError`.
 *
 * @typeParam Flags an interface of flag keys to value types, which checks keys and types the values. Without it every key
 * is allowed and the default types the value.
 */
export class Client<Flags extends object = AnyFlags> implements AsyncDisposable {
  readonly #settings: Omit<Settings, 'bootstrap'>;
  readonly #platform: Platform;
  readonly #log: Log;
  readonly #notifier: Notifier;
  readonly #status: StatusKeeper;
  readonly #tracker: ListenerTracker<Flags>;
  readonly #network: Network;
  readonly #environment: LiveEnvironment;
  readonly #evaluator: Evaluator;
  readonly #hooks: HookChain | undefined;
  readonly #events: EventRecorder | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Starts a client; it begins to synchronise at once. See {@link waitForInitialization}.
   *
   * @param options see {@link Options}.
   * @param given the runtime that it lives in.
   * @param compilePattern the engine for the patterns of conditions.
   * @param createDelivery how events go to the server. @default by itself, in the background
   * @throws InvalidConfigError naming every option that cannot be used; nothing is started then.
   */
  constructor(
    options: Options<Flags>,
    given: Platform,
    compilePattern: PatternCompiler,
    createDelivery?: (parts: DeliveryParts) => Delivery,
  ) {
    const { bootstrap, ...settings } = resolveOptions(options);
    this.#settings = settings;
    this.#log = new Log(settings.logger, given.clock);
    const platform = containedPlatform(given, this.#log);
    const { clock } = platform;
    this.#platform = platform;
    this.#notifier = new Notifier(clock, this.#log);
    this.#status = new StatusKeeper(clock, this.#notifier, settings.startWait);
    this.#network = platform.network(settings.network);
    this.#events = this.#createEvents(createDelivery);
    const warn = reportOnce((warning) => logWarning(this.#log, warning));
    this.#environment = new LiveEnvironment({ ...settings, compilePattern, warn }, clock, this.#log, {
      served: (freshness) => {
        if (freshness.inSync) this.#status.inSync(freshness.isConfirmed);
        else this.#status.serving(freshness.age);
      },
      affected: (flagKeys) => this.#tracker.notify(flagKeys),
      interrupted: (error) => this.#status.interrupted(error),
      failed: (error) => this.#status.refused(error),
    });
    const { defaults, hooks } = settings;
    const evaluation = { store: this.#environment.store, status: this.#status, defaults };
    this.#hooks = hooks.length === 0 ? undefined : new HookChain(hooks, this.#log);
    this.#evaluator =
      this.#hooks === undefined
        ? new Evaluator(evaluation, this.#observer())
        : new HookedEvaluator(evaluation, this.#observer(), this.#hooks);
    this.#tracker = new ListenerTracker<Flags>(this.#notifier, this.#evaluator);
    for (const name of unknownOptions(options)) {
      this.#log.write('warn', 'unknown-option', `the option "${name}" is not known and has no effect`);
    }
    const offline = settings.source.kind === 'offline';
    if (bootstrap !== undefined) {
      this.#environment.give(
        bootstrap,
        offline ? { inSync: true, isConfirmed: true } : { inSync: false, age: undefined },
      );
    }
    if (offline) this.#status.inSync();
    const source = createSource(settings.source, platform, this.#network, this.#log);
    if (source !== undefined) this.#environment.follow(source);
    if (settings.persistence !== undefined) {
      this.#status.restoring(true);
      this.#environment.restore(() => this.#status.restoring(false));
    }
  }

  // State

  /** Whether usable data was ever established: from the server, a bootstrap or persistence. Until then evaluations return defaults. */
  get initialized(): boolean {
    return this.#status.initialized;
  }

  get status(): Status {
    return this.#status.status;
  }

  /** The synchronization's state, waiting for it and listening to it. */
  get updateStatusProvider(): UpdateStatusProvider {
    return this.#status;
  }

  /**
   * Waits for the first usable data. A wait that ends early ends only itself: the client goes on trying.
   *
   * @param wait milliseconds (0 = look and return), or with an `AbortSignal` that ends it early. @default startWait
   * @returns never rejects; see {@link InitializationResult}.
   */
  waitForInitialization(wait?: Wait): Promise<InitializationResult> {
    return this.#status.waitForInitialization(wait);
  }

  /** Counters and state for monitoring. */
  diagnostics(): Diagnostics {
    return diagnosticsOf(this.#status, this.#environment, this.#notifier, this.#events?.counters);
  }

  // Evaluation

  /**
   * The value of a flag for a user, converted to the type of the default; synchronous, from memory.
   *
   * @param flagKey the flag's key.
   * @param user see {@link FBUser}; any object type that fits will do.
   * @param defaultValue what is returned when the flag cannot be evaluated or converted: exactly this value. Left out, the
   * option `defaults` is asked; the value then has the flag's own type, and is `undefined` when there is no default either.
   */
  variation<Key extends FlagKey<Flags>, Default extends DefaultOf<Flags, Key>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: Default,
  ): FlagValue<Flags, Key, Default>;
  variation<Key extends FlagKey<Flags>, U>(flagKey: Key, user: UserOf<U>): OwnValue<Flags, Key>;
  variation(flagKey: string, user: unknown, defaultValue?: unknown): unknown {
    return this.#evaluator.value(flagKey, user, defaultValue);
  }

  /** {@link variation} with its explanation. */
  variationDetail<Key extends FlagKey<Flags>, Default extends DefaultOf<Flags, Key>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: Default,
  ): EvalDetail<FlagValue<Flags, Key, Default>>;
  variationDetail<Key extends FlagKey<Flags>, U>(flagKey: Key, user: UserOf<U>): EvalDetail<OwnValue<Flags, Key>>;
  variationDetail(flagKey: string, user: unknown, defaultValue?: unknown): EvalDetail<unknown> {
    return this.#evaluator.detail(flagKey, user, defaultValue);
  }

  /** A flag as a boolean: `true` and `false` in any case. @param defaultValue @default the option `defaults`, otherwise `false` */
  boolVariation<Key extends FlagKey<Flags, boolean>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, boolean, false>,
  ): ValueAs<Flags, Key, boolean>;
  boolVariation<Key extends FlagKey<Flags, boolean>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): ValueAs<Flags, Key, boolean> | false;
  boolVariation(flagKey: string, user: unknown, defaultValue?: unknown): unknown {
    return this.#evaluator.valueAs('boolean', flagKey, user, defaultValue, false);
  }

  /** {@link boolVariation} with its explanation. */
  boolVariationDetail<Key extends FlagKey<Flags, boolean>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, boolean, false>,
  ): EvalDetail<ValueAs<Flags, Key, boolean>>;
  boolVariationDetail<Key extends FlagKey<Flags, boolean>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): EvalDetail<ValueAs<Flags, Key, boolean> | false>;
  boolVariationDetail(flagKey: string, user: unknown, defaultValue?: unknown): EvalDetail<unknown> {
    return this.#evaluator.detailAs('boolean', flagKey, user, defaultValue, false);
  }

  /** A flag as the string that the server holds. @param defaultValue @default the option `defaults`, otherwise `""` */
  stringVariation<Key extends FlagKey<Flags, string>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, string, ''>,
  ): ValueAs<Flags, Key, string>;
  stringVariation<Key extends FlagKey<Flags, string>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): ValueAs<Flags, Key, string> | '';
  stringVariation(flagKey: string, user: unknown, defaultValue?: unknown): unknown {
    return this.#evaluator.valueAs('string', flagKey, user, defaultValue, '');
  }

  /** {@link stringVariation} with its explanation. */
  stringVariationDetail<Key extends FlagKey<Flags, string>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, string, ''>,
  ): EvalDetail<ValueAs<Flags, Key, string>>;
  stringVariationDetail<Key extends FlagKey<Flags, string>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): EvalDetail<ValueAs<Flags, Key, string> | ''>;
  stringVariationDetail(flagKey: string, user: unknown, defaultValue?: unknown): EvalDetail<unknown> {
    return this.#evaluator.detailAs('string', flagKey, user, defaultValue, '');
  }

  /** A flag as a finite decimal number. @param defaultValue @default the option `defaults`, otherwise `0` */
  numberVariation<Key extends FlagKey<Flags, number>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, number, 0>,
  ): ValueAs<Flags, Key, number>;
  numberVariation<Key extends FlagKey<Flags, number>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): ValueAs<Flags, Key, number> | 0;
  numberVariation(flagKey: string, user: unknown, defaultValue?: unknown): unknown {
    return this.#evaluator.valueAs('number', flagKey, user, defaultValue, 0);
  }

  /** {@link numberVariation} with its explanation. */
  numberVariationDetail<Key extends FlagKey<Flags, number>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: DefaultAs<Flags, Key, number, 0>,
  ): EvalDetail<ValueAs<Flags, Key, number>>;
  numberVariationDetail<Key extends FlagKey<Flags, number>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): EvalDetail<ValueAs<Flags, Key, number> | 0>;
  numberVariationDetail(flagKey: string, user: unknown, defaultValue?: unknown): EvalDetail<unknown> {
    return this.#evaluator.detailAs('number', flagKey, user, defaultValue, 0);
  }

  /** A flag as parsed JSON, deeply frozen and shared between calls. @param defaultValue @default the option `defaults`, otherwise `null` */
  jsonVariation<Key extends FlagKey<Flags>, Default extends JsonDefault<Flags, Key>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: Default,
  ): FlagValue<Flags, Key, Default>;
  jsonVariation<Key extends FlagKey<Flags>, U>(flagKey: Key, user: UserOf<U>): OwnJson<Flags, Key> | null;
  jsonVariation(flagKey: string, user: unknown, defaultValue?: unknown): unknown {
    return this.#evaluator.valueAs('json', flagKey, user, defaultValue, null);
  }

  /** {@link jsonVariation} with its explanation. */
  jsonVariationDetail<Key extends FlagKey<Flags>, Default extends JsonDefault<Flags, Key>, U>(
    flagKey: Key,
    user: UserOf<U>,
    defaultValue: Default,
  ): EvalDetail<FlagValue<Flags, Key, Default>>;
  jsonVariationDetail<Key extends FlagKey<Flags>, U>(
    flagKey: Key,
    user: UserOf<U>,
  ): EvalDetail<OwnJson<Flags, Key> | null>;
  jsonVariationDetail(flagKey: string, user: unknown, defaultValue?: unknown): EvalDetail<unknown> {
    return this.#evaluator.detailAs('json', flagKey, user, defaultValue, null);
  }

  /**
   * An evaluation with all that is known about it: for adapters to other APIs, and for whoever must distinguish one failure
   * from another. Any key may be asked for, described or not.
   *
   * @param type what the value is converted to; `'own'` = the flag's own type. @default 'own'
   * @param defaultValue what is returned when the flag cannot be evaluated or converted: exactly this value, whatever the
   * option `defaults` says.
   */
  evaluate<T = undefined>(
    flagKey: string,
    user: FBUser,
    type: ValueType | 'own' = 'own',
    defaultValue?: T,
  ): EvaluationResult<JsonValue | T> {
    return this.#evaluator.result(type, flagKey, user, defaultValue) as EvaluationResult<JsonValue | T>;
  }

  /** All active flags for a user, as they are now; for front ends and server-side rendering. Records nothing by itself. */
  getAllLatestFlagVariations<U>(user: UserOf<U>): AllFlagStates<Flags> {
    return this.#evaluator.all(user);
  }

  /** Whether there is an active flag of this key: any key may be asked for, described or not. */
  isFlagKnown(flagKey: string): boolean {
    return this.#environment.store.flag(flagKey) !== undefined;
  }

  /** Listening to changes of flags and of their values. */
  get flagTracker(): FlagTracker<Flags> {
    return this.#tracker;
  }

  // Events

  /**
   * Records a metric for A/B/n tests.
   *
   * @param eventName the metric's event; not blank.
   * @param value any number that a 32-bit float can hold, up to ±3.4e38. @default 1
   */
  trackMetric<U>(user: UserOf<U>, eventName: string, value = 1): void {
    this.#events?.measured(user, eventName, value);
    this.#hooks?.tracked(user, eventName, value);
  }

  /** {@link trackMetric} for several metrics of one user: one event for each. */
  trackMetrics<U>(user: UserOf<U>, metrics: Readonly<Record<string, number>>): void {
    this.#events?.measuredAll(user, metrics);
    this.#hooks?.trackedAll(user, metrics);
  }

  /** Reports a user to the server, without an evaluation or a metric. */
  identify<U>(user: UserOf<U>): void {
    this.#events?.identified(user);
  }

  /** Asks for the events that wait to be sent now; returns at once. */
  flush(): void {
    this.#events?.flush();
  }

  /**
   * Sends the events that were recorded before the call.
   *
   * @param wait milliseconds, or with an `AbortSignal` that ends it early. @default closeTimeout
   * @returns whether all of them were sent or finally failed in time; `true` when there are none. Never rejects.
   */
  flushAndWait(wait?: Wait): Promise<boolean> {
    return this.#events?.flushAndWait(wait, this.#settings.closeTimeout) ?? Promise.resolve(true);
  }

  // Life

  /**
   * Gives data to an offline client: a `full` envelope replaces all that it holds, a `patch` brings newer versions of some.
   *
   * @param json a data-sync envelope, as text or object.
   * @returns `false`, with a log and nothing changed, when the client is not offline or the JSON is no such envelope; `false`
   * also of a closed client, whose log is silent.
   */
  initializeFromExternalJson(json: string | object): boolean {
    if (this.#closing !== undefined) return false;
    if (this.#settings.source.kind !== 'offline') {
      this.#log.write('warn', 'not-offline', 'initializeFromExternalJson has no effect: the client is not offline');
      return false;
    }
    const data = readDataSyncEnvelope(json);
    if (!data.ok) {
      this.#log.write('error', 'bad-data-sync', `initializeFromExternalJson: ${data.problem}`);
      return false;
    }
    this.#environment.give(data.value, { inSync: true, isConfirmed: true });
    return true;
  }

  /**
   * Ends the client: the connection and all timers, after one last attempt to send the events that wait. Data that is held
   * is still evaluated, without events. Takes `closeTimeout` at most; calling it again returns the same promise.
   *
   * @returns never rejects. Afterwards nothing is sent, committed or called back.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { closeTimeout } = this.#settings;
    const sourceClosed = this.#environment.stop();
    this.#status.closed();
    const work = Promise.allSettled([
      sourceClosed,
      this.#events?.close(closeTimeout),
      this.#environment.save(),
      this.#notifier.idle(),
    ]);
    await new Promise<void>((resolve) => {
      const cancel = this.#platform.clock.awaited(closeTimeout, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
    this.#notifier.close();
    this.#network.close();
    this.#log.close();
  }

  #createEvents(createDelivery?: (parts: DeliveryParts) => Delivery): EventRecorder | undefined {
    const settings = eventSettings(this.#settings);
    if (settings === undefined) return undefined;
    return new EventRecorder(settings, this.#platform, this.#network, this.#log, createDelivery);
  }

  /** Where evaluations are reported to. */
  #observer(): EvaluationObserver {
    const events = this.#events;
    return {
      served: (user, serving) => events?.evaluated(user, serving),
      failed: (flagKey, failure) => logFailure(this.#log, flagKey, failure),
    };
  }
}
