/**
 * fbclient/upstream: the SDK's side of a FeatBit server, for programs that pass on what it has, such as a relay. It follows the
 * protocol, not the SDK's public API, so it may change in a minor version.
 */

import type { SyncError } from './errors.js';
import { insightRequest } from './events/insight-request.js';
import { compilePattern } from './flags/re2-pattern.js';
import { type ChangeSet, FlagStore } from './flags/store.js';
import { nodePlatform } from './node/node-platform.js';
import { type Options, resolveOptions, type Settings } from './options.js';
import { decodeFlag, decodeSegment } from './protocol/documents.js';
import { documentOf } from './protocol/encoded-document.js';
import { fingerprintOfFlag, fingerprintOfSegment } from './protocol/fingerprint.js';
import { textOf } from './protocol/large-message.js';
import { containedPlatform } from './runtime/contained-platform.js';
import { type HttpRefusal, judgeHttp } from './runtime/http-verdict.js';
import { Log, type Logger } from './runtime/log.js';
import type { HttpRequest, Network, Platform, SocketHandlers as PlatformHandlers, Socket } from './runtime/platform.js';
import { runLater } from './runtime/slices.js';
import type { DataSource } from './sync/data-source.js';
import { HeldDocuments } from './sync/documents.js';
import { Intake } from './sync/intake.js';
import { createSource } from './sync/sources.js';

export type { SyncError } from './errors.js';
export { nodePlatform } from './node/node-platform.js';
export type { Cancel, Clock } from './runtime/clock.js';
export type { HttpRefusal, RefusalKind } from './runtime/http-verdict.js';
export type {
  HttpOutcome,
  HttpRequest,
  Network,
  Platform,
  Socket,
} from './runtime/platform.js';

/** How a server is reached; each as the client's option of the same name. */
export interface UpstreamOptions
  extends Pick<
    Options,
    | 'proxy'
    | 'ca'
    | 'rejectUnauthorized'
    | 'maxMessageSize'
    | 'resyncInterval'
    | 'fullResyncInterval'
    | 'refusedRetryDelay'
  > {
  /** Base of all services of the server, `http:` or `https:`; a path prefix is kept. */
  readonly url: string;
}

/** A flag or segment as the server sent it. */
export interface UpstreamDocument {
  readonly kind: 'flag' | 'segment';
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** Its `updatedAt`, in Unix milliseconds. */
  readonly version: number;
  readonly isArchived: boolean;
  /** The document, parsed; it must not be changed. */
  readonly document: unknown;
}

/** Documents that came in one message. What could not be decoded is missing, and was logged. */
export interface UpstreamCommit {
  /** `full`: everything that the server has; what is absent is gone there. */
  readonly eventType: 'full' | 'patch';
  readonly documents: readonly UpstreamDocument[];
  /** Whether the server has answered a request with it; otherwise it is, or may be, a push. */
  readonly isAnswer: boolean;
  /** Whether what is held is in sync with it: everything has come over this connection, as far as the server says. */
  readonly isInSync: boolean;
}

/** What is learnt of an environment. None of the methods may throw. */
export interface UpstreamObserver {
  /** A message was taken in. A full message can be older than a push before it; the server is then asked again at once. */
  committed(commit: UpstreamCommit): void;
  /** What came so far is what the server has. */
  answered(): void;
  /** The server is there, and pushes what changes. */
  alive(): void;
  interrupted(error: SyncError): void;
  /** The secret is refused; the server is asked again later all the same. */
  refused(error: SyncError): void;
}

/** What a connection of a program's own reports. */
export interface SocketHandlers extends PlatformHandlers {
  message(text: string): void;
}

/** What became of a request. */
export type Delivered = { readonly kind: 'done'; readonly body: string } | HttpRefusal;

/** Longest answer that is read of requests that bring no data, in bytes. */
const MAX_ANSWER = 64 * 1024;

/** Stands for a secret while the other options are checked. */
const ANY_SECRET = 'x'.repeat(44);

/** A server of FeatBit's protocol, as SDKs and agents see it. */
export class UpstreamServer {
  readonly #options: Omit<Options, 'envSecret' | 'logger'>;
  readonly #platform: Platform;
  readonly #network: Network;
  readonly #log: Log;
  readonly #url: string;

  /**
   * @param logger learns of faults of the runtime.
   * @param platform replaced in tests only.
   * @throws InvalidConfigError naming every option that cannot be used.
   */
  constructor({ url, ...options }: UpstreamOptions, logger?: Logger, platform: Platform = nodePlatform) {
    this.#options = { ...options, streamingUrl: url, disableEvents: true };
    const { network, source } = this.#settings(ANY_SECRET, logger);
    this.#url = source.kind === 'streaming' ? source.url : url;
    this.#log = new Log(logger, platform.clock);
    this.#platform = containedPlatform(platform, this.#log);
    this.#network = this.#platform.network(network);
  }

  /**
   * Follows one environment over one connection, as the client does: reconnects, heals, waits when it is refused.
   *
   * @returns a function that ends it; nothing is reported from there on.
   */
  follow(secret: string, logger: Logger, observer: UpstreamObserver): () => void {
    const log = new Log(logger, this.#platform.clock);
    const settings = this.#settings(secret, logger);
    const source = createSource(settings.source, this.#platform, this.#network, log);
    const followed = new FollowedEnvironment(this.#platform, log, observer);
    if (source !== undefined) followed.start(source);
    return () => {
      followed.close();
      log.close();
    };
  }

  /** Sends events. Never rejects. */
  track(secret: string, body: string, timeout: number): Promise<Delivered> {
    return this.#send(insightRequest({ url: this.#url, secret, requestTimeout: timeout }, body));
  }

  /** Sends JSON to another address of the server. Never rejects. */
  post(path: string, credential: string, body: string, timeout: number): Promise<Delivered> {
    const headers = { Authorization: credential, 'Content-Type': 'application/json; charset=utf-8' };
    return this.#send({ method: 'POST', url: `${this.#url}${path}`, headers, body, timeout, maxBody: MAX_ANSWER });
  }

  /** Opens a streaming connection. @param query of its address, encoded; bears a credential. */
  openStream(query: string, handlers: SocketHandlers): Socket {
    return this.#network.openSocket(`${this.#url.replace(/^http/, 'ws')}/streaming?${query}`, {
      opened: () => handlers.opened(),
      message: (message) => handlers.message(textOf(message)),
      activity: () => handlers.activity(),
      closed: (code, problem, retryAfter) => handlers.closed(code, problem, retryAfter),
    });
  }

  /** Drops idle connections. */
  close(): void {
    this.#network.close();
    this.#log.close();
  }

  #send(request: HttpRequest): Promise<Delivered> {
    return new Promise((resolve) => {
      this.#network.request(request, (outcome) => {
        const verdict = judgeHttp(outcome, this.#platform.clock.now());
        resolve(verdict.kind === 'done' ? { kind: 'done', body: textOf(verdict.body) } : verdict);
      });
    });
  }

  #settings(envSecret: string, logger: Logger | undefined): Settings {
    return resolveOptions({ ...this.#options, envSecret, logger });
  }
}

/** What is held of one environment: enough to know what is new, and what to ask for. */
class FollowedEnvironment {
  readonly #store = new FlagStore();
  readonly #documents = new HeldDocuments(this.#store, false);
  readonly #platform: Platform;
  readonly #log: Log;
  readonly #intake: Intake;
  #source: DataSource | undefined;
  #stopPrinting: (() => void) | undefined;

  constructor(platform: Platform, log: Log, observer: UpstreamObserver) {
    this.#platform = platform;
    this.#log = log;
    const settings = { missingAttribute: 'no-match', compilePattern } as const;
    this.#intake = new Intake(this.#store, this.#documents, settings, platform.clock, log, {
      committed: (changes, _isChanged, freshness) => {
        this.#printLater();
        const isInSync = freshness?.inSync === true;
        const isAnswer = isInSync && freshness.isConfirmed;
        observer.committed({ eventType: changes.eventType, documents: documentsOf(changes), isAnswer, isInSync });
      },
      affected: () => {},
      confirmed: (isAnswer) => (isAnswer ? observer.answered() : observer.alive()),
      interrupted: (error) => observer.interrupted(error),
      failed: (error) => observer.refused(error),
    });
  }

  start(source: DataSource): void {
    this.#source = source;
    source.start(this.#intake);
  }

  close(): void {
    void this.#source?.close(this.#intake);
    this.#intake.close();
    this.#stopPrinting?.();
  }

  /** Documents are held only until their fingerprints are made, by which a repeated document is recognised. */
  #printLater(): void {
    this.#stopPrinting ??= runLater(
      this.#platform.clock,
      this.#documents.printEach(),
      () => {
        this.#stopPrinting = undefined;
      },
      (error) => {
        this.#stopPrinting = undefined;
        this.#log.internalError('documents could not be compared', error);
      },
    );
  }
}

/** Whether two documents of a kind say the same to evaluation, whatever else differs in them. */
export function sayTheSame(kind: UpstreamDocument['kind'], one: unknown, other: unknown): boolean {
  if (kind === 'flag') {
    const [first, second] = [decodeFlag(one), decodeFlag(other)];
    return first.ok && second.ok && fingerprintOfFlag(first.document) === fingerprintOfFlag(second.document);
  }
  const [first, second] = [decodeSegment(one), decodeSegment(other)];
  return first.ok && second.ok && fingerprintOfSegment(first.document) === fingerprintOfSegment(second.document);
}

/** The documents of a message; of one that it has twice, the newer. */
function documentsOf(changes: ChangeSet): readonly UpstreamDocument[] {
  const { flags, segments } = changes;
  const found = new Map<string, UpstreamDocument>();
  const add = (kind: UpstreamDocument['kind'], list: ChangeSet['flags'] | ChangeSet['segments']): void => {
    for (const { key, compiled, document } of list) {
      const name = `${kind} ${key}`;
      const { version, archived: isArchived } = compiled;
      if (version > (found.get(name)?.version ?? Number.NEGATIVE_INFINITY)) {
        found.set(name, { kind, key, version, isArchived, document: documentOf(document) });
      }
    }
  };
  add('segment', segments);
  add('flag', flags);
  return [...found.values()];
}
