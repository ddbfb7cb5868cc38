import type { SyncError } from '../errors.js';
import type { ChangeSet, Difference } from '../flags/store.js';
import type { DataSync } from '../protocol/messages.js';
import type { Reading } from './reading.js';

/**
 * Where an environment's data comes from. Streaming, polling and files are data sources; an application can bring its own
 * through the option `dataSource`. It is started once for each client that it is given to: one that cannot serve two must not
 * be given to two (`setConfig` starts the new client before it closes the old one).
 */
export interface DataSource {
  /**
   * Called when the client is made. Must not throw and must not block; what goes wrong is reported to the sink.
   *
   * @param sink where the data goes; usable until the source is closed.
   */
  start(sink: DataSink): void;
  /**
   * Called at most once for each start: stop everything, release everything. What reaches the sink from here on is ignored.
   * A promise that it returns is awaited by the client's `close()`, within `closeTimeout`.
   *
   * @param sink the one that it was started with; the client always passes it. A source that serves one client can ignore it.
   */
  close(sink?: DataSink): void | Promise<void>;
}

/** What a data source reports to the client. None of the methods throws. */
export interface DataSink {
  /**
   * Takes in one data-sync envelope, as JSON text or already parsed:
   * `{"messageType":"data-sync","data":{"eventType":"full"|"patch","featureFlags":[…],"segments":[…]}}`.
   * Envelopes are taken in one after the other, in the order of the calls; a long one is decoded in slices.
   *
   * @returns resolves to `true` when it has been committed, after which the client is `Ready`; to `false` when it could not
   * be used (nothing has changed then, and the log says why) or the client was closed meanwhile. It never rejects.
   */
  accept(envelope: unknown): Promise<boolean>;
  /** The data is still what the source has: the client is `Ready` again, nothing else changes. Without data it counts as an empty answer. */
  confirm(): void;
  /** Synchronization is interrupted: data that is held is served as `Stale` until the next good answer. */
  interrupted(error: SourceError): void;
  /**
   * The source was refused: the client is `Closed` and serves what it holds, until the source brings data or confirms it
   * again.
   */
  failed(error: SourceError): void;
  /**
   * The cursor for the next request: the greatest version held in Unix milliseconds; 0, to ask for everything, until a `full`
   * envelope has been committed or what is held was confirmed.
   */
  readonly cursor: number;
}

/** A sync message that is in use now. */
export interface Commit {
  readonly changes: ChangeSet;
  /** The documents that it made other ones; of a patch only when it was taken in as repeated. */
  readonly differences: readonly Difference[];
  /** Whether it brought no document, not even a damaged one. */
  readonly isEmpty: boolean;
  /** Whether it brought a document again in the version that was held; known only of a patch that was taken in as repeated. */
  readonly repeats: boolean;
}

export interface TakeOptions {
  /** Whether it may be a push: one that comes before the first answer is no proof that the data is whole. */
  readonly mayBePush: boolean;
  /**
   * Whether everything was asked for on the connection that it came over, and has not come; asked when it is committed. A push
   * is no proof then that the data is current.
   */
  readonly awaitsEverything?: () => boolean;
  /**
   * Whether the message may answer a request that was repeated; asked when it is committed. Listeners then hear only of what
   * says something else than before, as they always do of a full message.
   */
  readonly isRepeated?: () => boolean;
  /** Called in the step of the commit; with nothing, perhaps later, when the message was abandoned. */
  readonly done: (commit: Commit | undefined) => void;
}

/** The sink as the SDK's own sources see it: they decode what they receive, so that it is decoded once. */
export interface DataSyncSink extends DataSink {
  /**
   * Takes in data, after everything that came before. Nobody else may hold it. What is still being read is read when its turn
   * comes, in slices.
   */
  take(data: DataSync | Reading, options: TakeOptions): void;
  /** The source is alive and in order: what is held is what it has, as far as it pushes changes. The data gets no younger. */
  current(): void;
  /** What is held is what the source has: it has answered a request. */
  answered(): void;
  /** A request was repeated, to find what the server has not pushed. */
  asked(): void;
  /** Documents were put right by repeated requests. */
  repaired(documents: number): void;
}

/** What a data source reports; the client adds the time. Its message must hold no credentials: it is logged and shown. */
export interface SourceError {
  readonly code: SyncError['code'];
  readonly message: string;
}
