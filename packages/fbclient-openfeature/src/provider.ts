import {
  ErrorCode,
  type EvaluationContext,
  GeneralError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderFatalError,
  type ResolutionDetails,
  ServerProviderEvents,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import type { FBUser, FlagTracker, InitializationResult, UpdateState, Wait } from 'fbclient';
import { type RequestedType, type Resolver, resolve } from './resolution.js';
import { userOf } from './user.js';

/** What the provider uses of an `FBClient`, whatever flags it is typed with. */
export interface ProvidedClient extends Resolver {
  readonly updateStatusProvider: {
    readonly currentState: UpdateState;
    waitForOKState(wait?: Wait): Promise<boolean>;
    addListener(listener: (state: UpdateState) => void): () => void;
  };
  readonly flagTracker: Pick<FlagTracker, 'addFlagChangedListener'>;
  readonly initialized: boolean;
  waitForInitialization(wait?: Wait): Promise<InitializationResult>;
  trackMetric(user: FBUser, eventName: string, value?: number): void;
  flushAndWait(wait?: Wait): Promise<boolean>;
  close(): Promise<void>;
}

export interface FBProviderOptions {
  /** What the flags belong to, for telemetry (`feature_flag.set.id`): the environment. @default none */
  readonly flagSetId?: string | undefined;
  /**
   * How long the provider is `STALE` before it is `ERROR`, in milliseconds; its flags are served all the same. `false` =
   * it stays `STALE`. @default false
   */
  readonly errorAfterStale?: number | false | undefined;
  /**
   * What a provider that holds flags is when the server refuses the secret: `'error'`, and they are served on, as the client
   * itself serves them, or `'fatal'`, and OpenFeature returns defaults. Without flags it is always fatal. @default 'error'
   */
  readonly whenRefused?: 'error' | 'fatal' | undefined;
  /** Whether the client is closed with the provider; otherwise its events are sent, and it stays open. @default true */
  readonly closesClient?: boolean | undefined;
}

/** What the provider has reported last. The three in the middle are errors of OpenFeature's that it recovers from. */
type Reported = 'ready' | 'stale' | 'stale-too-long' | 'no-flags' | 'refused' | 'fatal';

/**
 * An OpenFeature provider on a client of fbclient. It reports every status by itself, as it changes.
 *
 * One provider may be bound to several domains. A provider that has been closed is of no use any more.
 */
export class FBProvider implements Provider {
  readonly metadata = { name: 'fbclient' } as const;
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  readonly #client: ProvidedClient;
  readonly #options: FBProviderOptions;
  #reported: Reported | undefined;
  readonly #stops: (() => void)[] = [];
  #listensForChanges = false;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param client may be used by the application directly as well, where an evaluation through OpenFeature costs too much.
   * @throws TypeError when `errorAfterStale` is neither a time nor `false`.
   */
  constructor(client: ProvidedClient, options: FBProviderOptions = {}) {
    const { errorAfterStale = false } = options;
    if (errorAfterStale !== false && !(errorAfterStale > 0 && errorAfterStale <= 2_147_483_647)) {
      throw new TypeError('errorAfterStale must be milliseconds, more than 0 and at most 2147483647, or false');
    }
    this.#client = client;
    this.#options = { ...options };
  }

  /**
   * Waits until the client is in sync, for its `startWait` at most. A client that holds flags already is `STALE` meanwhile
   * and serves them.
   *
   * @throws ProviderFatalError when the server refuses a client that has no flags, or the client is closed; GeneralError when
   * there are no flags in time. The provider recovers by itself from both, unless the client is closed.
   */
  async initialize(): Promise<void> {
    // OpenFeature begins to listen to the provider's events after this call has returned.
    await Promise.resolve();
    this.#listen();
    const client = this.#client;
    const { updateStatusProvider } = client;
    this.#report(updateStatusProvider.currentState);
    const first = await client.waitForInitialization();
    // What is not in sync is served meanwhile, so there is no harm in waiting for what is.
    const ready = first === 'ready' && (await updateStatusProvider.waitForOKState());
    // Not left to the listener, which is called later: the provider must have said what it is before this method ends.
    const state = updateStatusProvider.currentState;
    this.#report(state);
    if (ready) return;
    if (this.#closing !== undefined) throw new ProviderFatalError('the provider was closed before it had flags');
    if (this.#reported === 'fatal') throw new ProviderFatalError(messageOf(state));
    if (!client.initialized) {
      const message = `no flags in time: ${messageOf(state)}`;
      this.#emitError('no-flags', message, ErrorCode.PROVIDER_NOT_READY);
      throw new GeneralError(message);
    }
    // It can evaluate, so this method ends well, before which the specification wants READY: an SDK that waits for it would wait
    // for ever. What is true is reported again, and once more where the SDK reports READY itself when the method has ended.
    this.events.emit(ServerProviderEvents.Ready);
    this.#repeat();
    setImmediate(() => this.#repeat());
  }

  resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve('boolean', flagKey, defaultValue, context);
  }

  resolveStringEvaluation(
    flagKey: string,
    defaultValue: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve('string', flagKey, defaultValue, context);
  }

  resolveNumberEvaluation(
    flagKey: string,
    defaultValue: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve('number', flagKey, defaultValue, context);
  }

  resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve('object', flagKey, defaultValue, context);
  }

  /** Records a metric; its value is 1 when the details have none. A context without a key is refused by the client, which logs it. */
  track(eventName: string, context: EvaluationContext, details: TrackingEventDetails): void {
    this.#client.trackMetric(userOf(context).user ?? { key: '' }, eventName, details.value ?? 1);
  }

  /** Sends the events that wait, and closes the client unless the options say otherwise. May be called more than once. */
  onClose(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#staleTimer);
    if (this.#options.closesClient === false) await this.#client.flushAndWait();
    else await this.#client.close();
  }

  async #resolve<T>(
    type: RequestedType,
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return resolve(this.#client, type, flagKey, defaultValue, context, this.#options.flagSetId);
  }

  #listen(): void {
    if (this.#closing !== undefined) return;
    this.#stops.push(this.#client.updateStatusProvider.addListener((state) => this.#report(state)));
  }

  /** Not before there are flags: those that come first are no change. */
  #listenForChanges(): void {
    if (this.#listensForChanges || !this.#client.initialized) return;
    this.#listensForChanges = true;
    const changed = new Set<string>();
    const stop = this.#client.flagTracker.addFlagChangedListener(({ flagKey }) => {
      if (changed.size === 0) void Promise.resolve().then(() => this.#reportChanges(changed));
      changed.add(flagKey);
    });
    this.#stops.push(stop);
  }

  /** The client calls back for each flag of a commit in turn; they become one event. */
  #reportChanges(changed: Set<string>): void {
    const flagsChanged = [...changed];
    changed.clear();
    if (this.#closing === undefined) this.events.emit(ServerProviderEvents.ConfigurationChanged, { flagsChanged });
  }

  #report(state: UpdateState): void {
    if (this.#closing !== undefined) return;
    switch (state.status) {
      case 'NotReady':
        return;
      case 'Ready':
        if (this.#become('ready')) this.events.emit(ServerProviderEvents.Ready);
        return;
      case 'Stale':
        // What was stale for too long is an error until it is in sync.
        if (this.#reported === 'stale-too-long' || !this.#become('stale')) return;
        this.#emitStale();
        this.#expectRecovery();
        return;
      case 'Closed': {
        // Refused, which passes, or closed by the application, which has no error and is for good.
        const recovers = state.error !== undefined && this.#client.initialized;
        const [reported, code] =
          recovers && this.#options.whenRefused !== 'fatal'
            ? (['refused', ErrorCode.GENERAL] as const)
            : (['fatal', ErrorCode.PROVIDER_FATAL] as const);
        this.#emitError(reported, messageOf(state), code);
      }
    }
  }

  /** Says again what the provider is while it holds flags that are not in sync. */
  #repeat(): void {
    if (this.#closing !== undefined) return;
    if (this.#reported === 'stale') this.#emitStale();
    const error = this.#reported === 'refused' || this.#reported === 'stale-too-long' ? this.#reported : undefined;
    if (error === undefined) return;
    const message = messageOf(this.#client.updateStatusProvider.currentState);
    this.events.emit(ServerProviderEvents.Error, { message, errorCode: ErrorCode.GENERAL });
  }

  #expectRecovery(): void {
    const { errorAfterStale = false } = this.#options;
    if (errorAfterStale === false) return;
    this.#staleTimer = setTimeout(() => {
      const message = `stale for too long: ${messageOf(this.#client.updateStatusProvider.currentState)}`;
      this.#emitError('stale-too-long', message, ErrorCode.GENERAL);
    }, errorAfterStale);
    this.#staleTimer.unref();
  }

  #emitStale(): void {
    const message = messageOf(this.#client.updateStatusProvider.currentState);
    this.events.emit(ServerProviderEvents.Stale, { message });
  }

  #emitError(reported: Reported, message: string, errorCode: ErrorCode): void {
    if (this.#become(reported)) this.events.emit(ServerProviderEvents.Error, { message, errorCode });
  }

  /** @returns whether that is news. */
  #become(reported: Reported): boolean {
    if (this.#reported === reported) return false;
    clearTimeout(this.#staleTimer);
    this.#reported = reported;
    this.#listenForChanges();
    return true;
  }
}

function messageOf({ status, error }: UpdateState): string {
  if (error !== undefined) return error.message;
  if (status === 'Closed') return 'the client is closed';
  return status === 'Stale' ? 'the flags that are held are not in sync yet' : 'the client has no flags yet';
}
