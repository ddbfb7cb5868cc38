import { InvalidConfigError, type OptionProblem } from './errors.js';
import type { AnyFlags } from './evaluation/types.js';
import type { MissingAttribute } from './flags/attributes.js';
import type { JsonValue } from './flags/variation.js';
import { type Hook, STAGES } from './hooks/hook.js';
import { readDataSyncEnvelope } from './protocol/large-message.js';
import type { DataSync } from './protocol/messages.js';
import { TIMER_MAX } from './runtime/clock.js';
import type { Logger } from './runtime/log.js';
import type { NetworkSettings } from './runtime/platform.js';
import type { DataSource } from './sync/data-source.js';
import type { Persistence } from './sync/persistence.js';
import type { SourceSettings } from './sync/sources.js';

/**
 * The configuration of a client. Durations are in milliseconds, more than 0 and at most 2,147,483,647; counts are whole
 * numbers from 1. It is copied at construction: later changes to the object have no effect.
 */
export interface Options<Flags extends object = AnyFlags> {
  /** The environment's *server* secret. Required online (unless a custom `dataSource` runs with `disableEvents`). */
  readonly envSecret?: string | undefined;
  /** Base of the streaming service, `ws:`, `wss:`, `http:` or `https:`; a path prefix is kept. Required for streaming. */
  readonly streamingUrl?: string | undefined;
  /** Base of the event service, `http:` or `https:`; a path prefix is kept. Required online unless `disableEvents`. */
  readonly eventUrl?: string | undefined;

  /** How long `waitForInitialization` and `waitForOKState` wait when the call does not say. @default 15_000 */
  readonly startWait?: number | undefined;
  /** How long `close()` may take, the last attempt to send events included. @default 5_000 */
  readonly closeTimeout?: number | undefined;

  /** Opens no connection: flags come from `bootstrap` or `initializeFromExternalJson`, events go nowhere. @default false */
  readonly offline?: boolean | undefined;
  /**
   * A data-sync envelope (what `GET /api/public/sdk/server/latest-all` answers) as text or object. Offline it is the data;
   * online it serves as `Stale` until the server has answered.
   */
  readonly bootstrap?: string | object | undefined;
  /** Records and sends no events. @default false */
  readonly disableEvents?: boolean | undefined;
  /** Values by flag key for evaluations that fail and whose call gives no default of its own; they also decide the type. */
  readonly defaults?: Readonly<Partial<Flags>> | undefined;

  /** How data arrives. @default 'streaming' */
  readonly dataSyncMode?: 'streaming' | 'polling' | undefined;
  /** Base of the polling service, `http:` or `https:`. Required for polling. */
  readonly pollingUrl?: string | undefined;
  /** From the end of one poll to the start of the next. @default 30_000 */
  readonly pollingInterval?: number | undefined;
  /** From the start of a poll to the last byte of its answer. @default 10_000 */
  readonly pollingRequestTimeout?: number | undefined;
  /**
   * One of this many polls asks for everything: a server can miss changes when it is asked for what is newer. Listeners hear
   * only of what differs. `false` = only the first one does. @default 120
   */
  readonly pollsPerFullSync?: number | false | undefined;
  /** A source of data instead of a FeatBit server, such as `fileDataSource({ path })`. */
  readonly dataSource?: DataSource | undefined;

  /** From a connection attempt's start to the open socket; up to three times as long after attempts that were too slow. @default 10_000 */
  readonly streamingConnectTimeout?: number | undefined;
  /**
   * The ceiling of the first wait before reconnecting: each wait is random, between 0 and its ceiling, which doubles with
   * every failure in a row. After a connection that has brought data the first five waits have this ceiling. @default 1_500
   */
  readonly streamingFirstRetryDelay?: number | undefined;
  /** The ceiling of every wait before reconnecting. @default 60_000 */
  readonly streamingMaxRetryDelay?: number | undefined;
  /** Between two pings; an answer that is missing for as long ends the connection. @default 15_000 */
  readonly streamingPingInterval?: number | undefined;
  /**
   * Offers the server to compress what it streams (`permessage-deflate`); one that cannot sends it as it is. A large environment
   * then comes in a tenth to a seventh of the bytes. Unpacking takes CPU time, off the event loop, about as long as reading what
   * is unpacked, and 0.1 MB of memory for each connection: for slow or metered links. @default false
   */
  readonly streamingCompression?: boolean | undefined;
  /**
   * Between two questions on an open stream for what is newer than the data that is held, give or take an eighth: a server
   * can fail to push a change. With nothing new, the answer is a few bytes. `false` = never. @default 60_000
   */
  readonly resyncInterval?: number | false | undefined;
  /**
   * Between two questions on a stream for everything, give or take an eighth: a server can miss changes when it is asked for
   * what is newer. After a longer interruption the first question asks for everything. Listeners hear only of what differs.
   * `false` = never. @default 3_600_000
   */
  readonly fullResyncInterval?: number | false | undefined;

  /**
   * After the server has refused the secret, the first wait before it is asked again; it doubles with each refusal in a row,
   * to ten minutes at most, and is up to a quarter longer. Meanwhile the client is `Closed`. `false` = a refusal is final.
   * @default 60_000
   */
  readonly refusedRetryDelay?: number | false | undefined;

  /** Events kept while they wait to be sent; when full, new ones are dropped and counted. @default 10_000 */
  readonly eventsMaxInQueue?: number | undefined;
  /** The longest that an event waits for its batch to be sent. @default 1_000 */
  readonly eventsFlushInterval?: number | undefined;
  /** Events in one request. @default 50 */
  readonly eventsMaxPerRequest?: number | undefined;
  /** Further attempts for a batch after the first; by default they outlast a minute without a server. @default 15 */
  readonly eventsMaxRetries?: number | undefined;
  /**
   * The longest wait before the first retry of a batch. It doubles with each retry, up to 15 s, less jitter of up to a half;
   * `Retry-After` is honoured. What was not answered in time is sent again once, after 30 s to 60 s. @default 200
   */
  readonly eventsRetryInterval?: number | undefined;
  /**
   * From the start of an event request to the last byte of its answer. FeatBit's server may take 15 s and more, and works on
   * after the client has given up: with a short limit the same events count twice. @default 60_000
   */
  readonly eventsRequestTimeout?: number | undefined;
  /**
   * Drops evaluation events that repeat (same flag, variation, user key) within this many milliseconds; 0 sends every one.
   * Bounded in memory: beyond 10,000 different ones the oldest are forgotten. Metrics are never dropped. @default 0
   */
  readonly eventsDeduplicationWindow?: number | undefined;
  /** User attributes that evaluation may use but that never leave the process; `name` is allowed, the key is not. */
  readonly privateAttributes?: readonly string[] | undefined;

  /** Keeps the last good environment for the next start; see `filePersistence({ directory })`. */
  readonly persistence?: Persistence | undefined;
  /**
   * What an attribute that the user does not have is to a condition: `'no-match'`, nothing that can match, the negative
   * conditions included; `'empty-string'`, the empty text, by the rule of FeatBit's own evaluator exactly: only an absent
   * `name` matches nothing, and numbers may have commas and be infinite. @default 'no-match'
   */
  readonly missingAttribute?: MissingAttribute | undefined;
  /** Where messages go. @default none: nothing is written */
  readonly logger?: Logger | undefined;
  /** Called around every evaluation and after every metric; see `Hook`. @default none */
  readonly hooks?: readonly Hook[] | undefined;

  /**
   * Proxy for all connections (`http:` or `https:`, credentials allowed); it must let `CONNECT` through. `false` = none.
   * @default as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say
   */
  readonly proxy?: string | false | undefined;
  /** PEM certificates of authorities to trust, one or several, instead of the well-known ones. */
  readonly ca?: string | readonly string[] | undefined;
  /** Whether a server must have a certificate that is trusted. @default true */
  readonly rejectUnauthorized?: boolean | undefined;
  /**
   * The longest message or answer to a poll that is taken, in bytes after unpacking, at most 512,000,000. A longer one is an
   * interruption. Taking one in needs several times its size in memory. @default 67_108_864
   */
  readonly maxMessageSize?: number | undefined;
}

const durations = {
  startWait: 15_000,
  closeTimeout: 5_000,
  pollingInterval: 30_000,
  pollingRequestTimeout: 10_000,
  streamingConnectTimeout: 10_000,
  streamingFirstRetryDelay: 1_500,
  streamingMaxRetryDelay: 60_000,
  streamingPingInterval: 15_000,
  eventsFlushInterval: 1_000,
  eventsRetryInterval: 200,
  eventsRequestTimeout: 60_000,
} as const satisfies Partial<Record<keyof Options, number>>;

const counts = {
  eventsMaxInQueue: { standard: 10_000, least: 1 },
  eventsMaxPerRequest: { standard: 50, least: 1 },
  eventsMaxRetries: { standard: 15, least: 0 },
  eventsDeduplicationWindow: { standard: 0, least: 0 },
  // A longer one would not fit into a string of JavaScript's.
  maxMessageSize: { standard: 67_108_864, least: 1, most: 512_000_000 },
} as const satisfies Partial<Record<keyof Options, { standard: number; least: number; most?: number }>>;

/** Durations and counts that `false` switches off. */
const switchable = {
  resyncInterval: { standard: 60_000, kind: 'duration' },
  fullResyncInterval: { standard: 3_600_000, kind: 'duration' },
  refusedRetryDelay: { standard: 60_000, kind: 'duration' },
  pollsPerFullSync: { standard: 120, kind: 'count' },
} as const satisfies Partial<Record<keyof Options, { standard: number; kind: 'duration' | 'count' }>>;

const switches = {
  offline: false,
  disableEvents: false,
  rejectUnauthorized: true,
  streamingCompression: false,
} as const satisfies Partial<Record<keyof Options, boolean>>;

type Numbers = Resolved<typeof durations> & Resolved<typeof counts> & Switchable;
type Switchable = { readonly [Name in keyof typeof switchable]: number | false };
type Resolved<Table> = { readonly [Name in keyof Table]: Table[Name] extends boolean ? boolean : number };

/** Where events go. */
interface EventTarget {
  readonly url: string;
  readonly secret: string;
}

/** Options after validation: everything has a value, and what cannot be used together cannot be said. */
export interface Settings extends Resolved<typeof durations>, Resolved<typeof counts>, Switchable {
  readonly source: SourceSettings;
  readonly events: EventTarget | undefined;
  readonly bootstrap: DataSync | undefined;
  readonly defaults: ReadonlyMap<string, JsonValue>;
  readonly privateAttributes: ReadonlySet<string>;
  readonly persistence: { readonly store: Persistence; readonly identity: string } | undefined;
  readonly missingAttribute: MissingAttribute;
  readonly logger: Logger | undefined;
  readonly hooks: readonly Hook[];
  readonly network: NetworkSettings;
}

/**
 * Validates options and fills in what was left out.
 *
 * @throws InvalidConfigError naming every option that cannot be used.
 */
export function resolveOptions(options: unknown): Settings {
  const result = readOptions(options);
  if ('problems' in result) throw new InvalidConfigError(result.problems);
  return result;
}

/** What the settings say of events; `undefined` when none are recorded. */
export function eventSettings(settings: Omit<Settings, 'bootstrap'>) {
  if (settings.events === undefined) return undefined;
  return {
    ...settings.events,
    maxInQueue: settings.eventsMaxInQueue,
    flushInterval: settings.eventsFlushInterval,
    maxPerRequest: settings.eventsMaxPerRequest,
    maxRetries: settings.eventsMaxRetries,
    retryInterval: settings.eventsRetryInterval,
    requestTimeout: settings.eventsRequestTimeout,
    deduplicationWindow: settings.eventsDeduplicationWindow,
    privateAttributes: settings.privateAttributes,
  };
}

function readOptions(options: unknown): Settings | { readonly problems: readonly OptionProblem[] } {
  try {
    const reader = new OptionsReader(options);
    const settings = reader.settings();
    return settings === undefined || reader.problems.length > 0 ? { problems: reader.problems } : settings;
  } catch {
    // A getter of the application's.
    return { problems: [{ option: 'options', problem: 'could not be read' }] };
  }
}

/** Names of options that are given but not known: misspelt, most of the time. */
export function unknownOptions(options: object): readonly string[] {
  return Object.keys(options).filter((name) => !KNOWN_OPTIONS.has(name));
}

const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(durations),
  ...Object.keys(counts),
  ...Object.keys(switchable),
  ...Object.keys(switches),
  ...([
    'envSecret',
    'streamingUrl',
    'eventUrl',
    'bootstrap',
    'defaults',
    'dataSyncMode',
    'pollingUrl',
    'dataSource',
    'privateAttributes',
    'persistence',
    'missingAttribute',
    'logger',
    'hooks',
    'proxy',
    'ca',
  ] satisfies (keyof Options)[]),
]);

class OptionsReader {
  readonly problems: OptionProblem[] = [];
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #secret: string | undefined;

  constructor(options: unknown) {
    const given = typeof options === 'object' && options !== null && !Array.isArray(options);
    if (!given) this.#refuse('options', `must be an object, was ${this.#show(options)}`);
    this.#options = given ? (options as Readonly<Record<string, unknown>>) : {};
    const secret = this.#options.envSecret;
    this.#secret = typeof secret === 'string' && secret.trim() !== '' ? secret : undefined;
  }

  settings(): Settings | undefined {
    if (this.problems.length > 0) return undefined;
    const offline = this.#switch('offline');
    const disableEvents = this.#switch('disableEvents');
    const events = offline || disableEvents ? undefined : this.#eventTarget();
    const numbers = this.#numbers();
    const source: SourceSettings | undefined = offline ? { kind: 'offline' } : this.#source(numbers);
    const rest = {
      bootstrap: this.#bootstrap(),
      defaults: this.#defaults(),
      privateAttributes: this.#privateAttributes(),
      persistence: offline ? undefined : this.#persistence(),
      missingAttribute: this.#oneOf('missingAttribute', ['no-match', 'empty-string']),
      logger: this.#methods<Logger>('logger', ['debug', 'info', 'warn', 'error']),
      hooks: this.#hooks(),
      network: {
        proxy: this.#proxy(),
        ca: this.#ca(),
        rejectUnauthorized: this.#switch('rejectUnauthorized'),
        maxMessageSize: numbers.maxMessageSize,
        compressed: this.#switch('streamingCompression'),
      },
    };
    return source === undefined ? undefined : { ...numbers, ...rest, source, events };
  }

  #source(numbers: Numbers): SourceSettings | undefined {
    const mode = this.#oneOf('dataSyncMode', ['streaming', 'polling']);
    const source = this.#methods<DataSource>('dataSource', ['start', 'close']);
    if (source !== undefined) return { kind: 'custom', source };
    const secret = this.#requireSecret();
    const { refusedRetryDelay, maxMessageSize } = numbers;
    if (mode === 'polling') {
      const url = this.#url('pollingUrl', ['http:', 'https:']);
      const times = {
        interval: numbers.pollingInterval,
        requestTimeout: numbers.pollingRequestTimeout,
        pollsPerFullSync: numbers.pollsPerFullSync,
        refusedRetryDelay,
      };
      return secret === undefined || url === undefined ? undefined : { kind: mode, url, secret, times, maxMessageSize };
    }
    const url = this.#url('streamingUrl', ['ws:', 'wss:', 'http:', 'https:']);
    const times = {
      connectTimeout: numbers.streamingConnectTimeout,
      firstRetryDelay: numbers.streamingFirstRetryDelay,
      maxRetryDelay: numbers.streamingMaxRetryDelay,
      pingInterval: numbers.streamingPingInterval,
      resyncInterval: numbers.resyncInterval,
      fullResyncInterval: numbers.fullResyncInterval,
      refusedRetryDelay,
    };
    return secret === undefined || url === undefined ? undefined : { kind: mode, url, secret, times };
  }

  #eventTarget(): EventTarget | undefined {
    const secret = this.#requireSecret();
    const url = this.#url('eventUrl', ['http:', 'https:']);
    return secret === undefined || url === undefined ? undefined : { url, secret };
  }

  #requireSecret(): string | undefined {
    const secret = this.#options.envSecret;
    const problem = secretProblem(secret);
    if (problem === undefined) return secret as string;
    this.#refuse('envSecret', problem);
    return undefined;
  }

  #url(name: keyof Options, protocols: readonly string[]): string | undefined {
    const allowed = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(', ')}`;
    const value = this.#options[name];
    if (value === undefined) {
      this.#refuse(name, `is missing: it ${allowed}`);
      return undefined;
    }
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined) {
      // Not shown: a secret in the wrong place looks just like a broken URL.
      this.#refuse(name, `${allowed}; was ${typeof value === 'string' ? 'a text that is no URL' : this.#show(value)}`);
    } else if (!protocols.includes(url.protocol)) {
      this.#refuse(name, `${allowed}; started with ${this.#show(url.protocol)}`);
    } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      this.#refuse(name, 'must be a plain base URL, without credentials, query or fragment');
    } else {
      return url.href.replace(/\/+$/, '');
    }
    return undefined;
  }

  #numbers(): Numbers {
    const numbers: Record<string, number | false> = {};
    for (const [name, standard] of Object.entries(durations)) numbers[name] = this.#number(name, standard, DURATION);
    for (const [name, { standard, least, ...bounds }] of Object.entries(counts)) {
      numbers[name] = this.#number(name, standard, countFrom(least, 'most' in bounds ? bounds.most : undefined));
    }
    for (const [name, { standard, kind }] of Object.entries(switchable)) {
      const check = kind === 'duration' ? DURATION : countFrom(1);
      const off = this.#options[name] === false;
      numbers[name] = off ? false : this.#number(name, standard, { ...check, allowed: `${check.allowed}, or false` });
    }
    return numbers as unknown as Numbers;
  }

  #number(name: string, standard: number, { isGood, allowed }: NumberCheck): number {
    const value = this.#options[name];
    if (value === undefined) return standard;
    if (typeof value === 'number' && isGood(value)) return value;
    this.#refuse(name, `${allowed}; was ${this.#show(value)}`);
    return standard;
  }

  #switch(name: keyof typeof switches): boolean {
    const value = this.#options[name];
    if (typeof value === 'boolean') return value;
    if (value !== undefined) this.#refuse(name, `must be true or false; was ${this.#show(value)}`);
    return switches[name];
  }

  #oneOf<T extends string>(name: keyof Options, allowed: readonly [T, ...T[]]): T {
    const value = this.#options[name];
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    if (value !== undefined) {
      const list = allowed.map((one) => `'${one}'`).join(' or ');
      this.#refuse(name, `must be ${list}; was ${this.#show(value)}`);
    }
    return allowed[0];
  }

  #methods<T>(name: keyof Options, methods: readonly string[]): T | undefined {
    const value = this.#options[name];
    if (value === undefined) return undefined;
    const holder = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    if (methods.every((method) => typeof holder[method] === 'function')) return value as T;
    this.#refuse(name, `must be an object with the methods ${methods.join(', ')}; was ${this.#show(value)}`);
    return undefined;
  }

  #bootstrap(): DataSync | undefined {
    const value = this.#options.bootstrap;
    if (value === undefined) return undefined;
    const envelope = readDataSyncEnvelope(value);
    if (envelope.ok) return envelope.value;
    this.#refuse('bootstrap', `must be a data-sync envelope as JSON text or object; ${envelope.problem}`);
    return undefined;
  }

  #defaults(): ReadonlyMap<string, JsonValue> {
    const value = this.#options.defaults;
    if (value === undefined) return new Map();
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new Map(Object.entries(value as Record<string, JsonValue>));
    }
    this.#refuse('defaults', `must be an object of values by flag key; was ${this.#show(value)}`);
    return new Map();
  }

  #privateAttributes(): ReadonlySet<string> {
    const value = this.#options.privateAttributes;
    if (value === undefined) return new Set();
    if (!Array.isArray(value) || !value.every((name) => typeof name === 'string' && name.trim() !== '')) {
      this.#refuse('privateAttributes', `must be an array of attribute names; was ${this.#show(value)}`);
    } else if (value.includes('key') || value.includes('keyId')) {
      this.#refuse('privateAttributes', "cannot hold 'key': events are counted by the user's key");
    }
    return new Set(Array.isArray(value) ? value : []);
  }

  #persistence(): Settings['persistence'] {
    const store = this.#methods<Persistence>('persistence', ['load', 'save']);
    if (store === undefined) return undefined;
    if (this.#secret === undefined) {
      this.#refuse('persistence', 'needs envSecret, which distinguishes one environment from another');
      return undefined;
    }
    return { store, identity: this.#secret };
  }

  #hooks(): readonly Hook[] {
    const value = this.#options.hooks;
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#refuse('hooks', `must be an array of hooks; was ${this.#show(value)}`);
      return [];
    }
    const problem = value.map(hookProblem).find((found) => found !== undefined);
    if (problem !== undefined) this.#refuse('hooks', problem);
    return [...value];
  }

  #proxy(): string | false | undefined {
    const value = this.#options.proxy;
    if (value === undefined || value === false) return value;
    if (typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value)) return value;
    // Not shown: a proxy's URL often carries a password.
    this.#refuse('proxy', 'must be a URL that starts with http:// or https://, or false');
    return undefined;
  }

  #ca(): readonly string[] | undefined {
    const value = this.#options.ca;
    if (value === undefined) return undefined;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((pem) => typeof pem === 'string' && pem.includes('-----BEGIN CERTIFICATE-----'))) {
      return list as readonly string[];
    }
    this.#refuse('ca', 'must be PEM text, or an array of it, with -----BEGIN CERTIFICATE----- in each');
    return undefined;
  }

  #refuse(option: string, problem: string): void {
    if (!this.problems.some((known) => known.option === option)) this.problems.push({ option, problem });
  }

  /** A value as an error may show it. */
  #show(value: unknown): string {
    if (typeof value === 'string') return showText(value, this.#secret);
    if (value === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof value)) return String(value);
    return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
  }
}

function hookProblem(value: unknown, index: number): string | undefined {
  const hook = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const { name } = hook;
  if (typeof name !== 'string' || name.trim() === '')
    return `must have names; that of hook ${index} is no text, or blank`;
  const given = STAGES.filter((stage) => hook[stage] !== undefined);
  const wrong = given.find((stage) => typeof hook[stage] !== 'function');
  if (wrong !== undefined) return `must have functions as stages; ${wrong} of hook ${index} is none`;
  return given.length > 0 ? undefined : `must have one of ${STAGES.join(', ')}; hook ${index} has none`;
}

interface NumberCheck {
  readonly isGood: (value: number) => boolean;
  readonly allowed: string;
}

const DURATION: NumberCheck = {
  isGood: (value) => value > 0 && value <= TIMER_MAX,
  allowed: `must be milliseconds, more than 0 and at most ${TIMER_MAX}`,
};

function countFrom(least: number, most: number = Number.MAX_SAFE_INTEGER): NumberCheck {
  const atMost = most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most}`;
  return {
    isGood: (value) => Number.isSafeInteger(value) && value >= least && value <= most,
    allowed: `must be a whole number, at least ${least}${atMost}`,
  };
}

/** The longest text that an error shows whole: longer than every value that an option can have. */
const MAX_SHOWN = 16;
/** As long as the random part of an environment secret, in the characters of one. */
const LIKE_A_SECRET = /[\w+/=-]{22}/;

/** A text as an error may show it: a slip is short and shown, a secret is often pasted into the wrong option and is not. */
function showText(text: string, secret: string | undefined): string {
  // In any case: the protocol of a URL is in lower case.
  const holdsSecret = secret !== undefined && text.toLowerCase().includes(secret.toLowerCase());
  if (holdsSecret || LIKE_A_SECRET.test(text)) return `a text of ${text.length} characters`;
  return text.length <= MAX_SHOWN
    ? JSON.stringify(text)
    : `${JSON.stringify(`${text.slice(0, 3)}…`)} (${text.length} characters)`;
}

function secretProblem(secret: unknown): string | undefined {
  if (secret === undefined) return "is missing: it is the environment's server secret";
  if (typeof secret !== 'string') return `must be a string; was of type ${secret === null ? 'null' : typeof secret}`;
  if (secret.trim() === '') return 'must not be blank';
  if (!/^[\x20-\x7e]*$/.test(secret)) {
    return `must be plain ASCII without line breaks; was ${secret.length} characters, some of them others`;
  }
  return undefined;
}
