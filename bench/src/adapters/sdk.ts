import type { BenchUser, Environment } from '../environment/model.js';

/** What an SDK answers with: the value, or a promise of it where the SDK's API knows no other way. */
export type Answer<T> = T | Promise<T>;

/** One SDK under test. Everything that depends on its API and on its data format is behind this, in one file. */
export interface Sdk {
  /** The package's name. */
  readonly name: string;
  /** The URL of the adapter's module, which exports it as `sdk`: processes of their own load this one alone. */
  readonly module: string;
  /** Whether evaluations give promises, which an application has to await. */
  readonly isAsync: boolean;
  /** Why its targeting cannot match regular expressions; absent where it can. */
  readonly noRegex?: string;
  /**
   * The environment in the SDK's own data format, as its server sends it or its file holds it.
   *
   * @param everyEvaluation asks for one event for every evaluation where the SDK would send summaries.
   */
  encode(environment: Environment, everyEvaluation?: boolean): string;
  /** Starts the SDK with such a text, without a network unless there is a sink for events. Resolves when it is ready. */
  open(text: string, options?: OpenOptions): Promise<Client>;
}

/** All that has to be known of an SDK which is measured in a process of its own. */
export type Adapter = Pick<Sdk, 'name' | 'module'>;

/** The SDK of an adapter's module. */
export async function loadSdk(module: string): Promise<Sdk> {
  const { sdk } = (await import(module)) as { readonly sdk: Sdk };
  return sdk;
}

export interface OpenOptions {
  /** Base URL of the server that takes the events; without it they are off. */
  readonly eventsUrl?: string;
}

/**
 * A user as the SDK wants it. Applications make it once for a request or longer, so it is made before the clock starts,
 * for every SDK alike.
 */
export type Subject = unknown;

/** A running SDK. The timed methods do what an application would write and nothing else. */
export interface Client {
  prepare(user: BenchUser): Subject;
  /** Timed: a boolean flag. */
  isOn(flagKey: string, subject: Subject): Answer<boolean>;
  /** Timed: a string flag. */
  text(flagKey: string, subject: Subject): Answer<string>;
  /** Timed: how many of all flags, which are all boolean, are on: every value is asked for and read. */
  countOn(subject: Subject): Answer<number>;
  /** The same by flag key, to be checked; flags that the SDK leaves out count as off. */
  allOn(subject: Subject): Answer<ReadonlyMap<string, boolean>>;
  /** Resolves when the events recorded so far have been delivered. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
