import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../src/errors.js';
import { type Options, resolveOptions, type Settings, unknownOptions } from '../src/options.js';
import type { Persistence } from '../src/sync/persistence.js';
import { RecordingLogger } from './support/recording-logger.js';
import { full, wireFlag } from './support/wire.js';

const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
const ONLINE = {
  envSecret: SECRET,
  streamingUrl: 'ws://featbit.test:5100',
  eventUrl: 'http://featbit.test:5100',
} satisfies Options;
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const TIMER_MAX = 2_147_483_647;

/** What was refused, by option; nothing when the options can be used. */
function problems(options: unknown): Record<string, string> {
  try {
    resolveOptions(options);
    return {};
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ option, problem }) => [option, problem]));
  }
}

const refused = (options: object): string[] => Object.keys(problems({ ...ONLINE, ...options }));
const settings = (options: object = {}): Settings => resolveOptions({ ...ONLINE, ...options });

describe('the standard settings', () => {
  it('are those that the documentation gives', () => {
    expect(settings()).toEqual({
      source: {
        kind: 'streaming',
        url: 'ws://featbit.test:5100',
        secret: SECRET,
        times: {
          connectTimeout: 10_000,
          firstRetryDelay: 1_500,
          maxRetryDelay: 60_000,
          pingInterval: 15_000,
          resyncInterval: 60_000,
          fullResyncInterval: 3_600_000,
          refusedRetryDelay: 60_000,
        },
      },
      events: { url: 'http://featbit.test:5100', secret: SECRET },
      startWait: 15_000,
      closeTimeout: 5_000,
      pollingInterval: 30_000,
      pollingRequestTimeout: 10_000,
      streamingConnectTimeout: 10_000,
      streamingFirstRetryDelay: 1_500,
      streamingMaxRetryDelay: 60_000,
      streamingPingInterval: 15_000,
      resyncInterval: 60_000,
      fullResyncInterval: 3_600_000,
      refusedRetryDelay: 60_000,
      pollsPerFullSync: 120,
      eventsMaxInQueue: 10_000,
      eventsFlushInterval: 1_000,
      eventsMaxPerRequest: 50,
      eventsMaxRetries: 15,
      eventsRetryInterval: 200,
      eventsRequestTimeout: 60_000,
      eventsDeduplicationWindow: 0,
      maxMessageSize: 67_108_864,
      bootstrap: undefined,
      defaults: new Map(),
      privateAttributes: new Set(),
      persistence: undefined,
      missingAttribute: 'no-match',
      hooks: [],
      logger: undefined,
      network: {
        proxy: undefined,
        ca: undefined,
        rejectUnauthorized: true,
        maxMessageSize: 67_108_864,
        compressed: false,
      },
    });
  });

  it('stand in for options that are given as undefined', () => {
    const nothing = Object.fromEntries(Object.keys(settings()).map((name) => [name, undefined]));
    expect(settings(nothing)).toEqual(settings());
  });
});

const DURATIONS = [
  'startWait',
  'closeTimeout',
  'pollingInterval',
  'pollingRequestTimeout',
  'streamingConnectTimeout',
  'streamingFirstRetryDelay',
  'streamingMaxRetryDelay',
  'streamingPingInterval',
  'eventsFlushInterval',
  'eventsRetryInterval',
  'eventsRequestTimeout',
] as const satisfies (keyof Options & keyof Settings)[];

describe.each(DURATIONS)('%s', (name) => {
  it.each([0.001, 1, 1_500.5, TIMER_MAX])('can be %d', (value) => {
    expect(settings({ [name]: value })[name]).toBe(value);
  });

  it.each([0, -1, TIMER_MAX + 1, Number.POSITIVE_INFINITY, Number.NaN, '1000', null, true, {}, [], 10n])(
    'cannot be %s',
    (value) => {
      expect(problems({ ...ONLINE, [name]: value })).toEqual({
        [name]: expect.stringContaining(`must be milliseconds, more than 0 and at most ${TIMER_MAX}; was `),
      });
    },
  );
});

const COUNTS = {
  eventsMaxInQueue: 1,
  eventsMaxPerRequest: 1,
  eventsMaxRetries: 0,
  eventsDeduplicationWindow: 0,
  maxMessageSize: 1,
} as const satisfies Partial<Record<keyof Options & keyof Settings, number>>;

describe('maxMessageSize', () => {
  it('can be at most what a text can hold', () => {
    expect(settings({ maxMessageSize: 512_000_000 }).network.maxMessageSize).toBe(512_000_000);
    expect(problems({ ...ONLINE, maxMessageSize: 512_000_001 })).toEqual({
      maxMessageSize: 'must be a whole number, at least 1 and at most 512000000; was 512000001',
    });
  });

  it('bounds the answers to polls as well', () => {
    const source = settings({ dataSyncMode: 'polling', pollingUrl: 'http://a.test', maxMessageSize: 5_000 }).source;
    expect(source).toMatchObject({ kind: 'polling', maxMessageSize: 5_000 });
  });
});

describe.each(Object.entries(COUNTS))('%s', (name, least) => {
  it.each([least, 2, 1_000_000])('can be %d', (value) => {
    expect(settings({ [name]: value })[name as keyof typeof COUNTS]).toBe(value);
  });

  it.each([least - 1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY, Number.NaN, '5', null, false, {}])(
    'cannot be %s',
    (value) => {
      expect(problems({ ...ONLINE, [name]: value })).toEqual({
        [name]: expect.stringContaining(`must be a whole number, at least ${least}`),
      });
    },
  );
});

const SWITCHABLE = {
  resyncInterval: [0.001, 60_000, TIMER_MAX],
  fullResyncInterval: [0.001, 60_000, TIMER_MAX],
  refusedRetryDelay: [0.001, 60_000, TIMER_MAX],
  pollsPerFullSync: [1, 2, 1_000_000],
} as const satisfies Partial<Record<keyof Options & keyof Settings, readonly number[]>>;

describe.each(Object.entries(SWITCHABLE))('%s', (name, values) => {
  it.each([...values, false])('can be %s', (value) => {
    expect(settings({ [name]: value })[name as keyof typeof SWITCHABLE]).toBe(value);
  });

  it.each([0, -1, Number.POSITIVE_INFINITY, Number.NaN, '1000', null, true, {}, []])('cannot be %s', (value) => {
    expect(problems({ ...ONLINE, [name]: value })).toEqual({
      [name]: expect.stringMatching(/^must be (milliseconds|a whole number), .*, or false; was /),
    });
  });
});

describe.each(['offline', 'disableEvents', 'rejectUnauthorized'])('%s', (name) => {
  it.each([true, false])('can be %s', (value) => {
    expect(refused({ [name]: value })).toEqual([]);
  });

  it.each(['true', 'false', '', 0, 1, null, {}])('cannot be %j', (value) => {
    expect(problems({ ...ONLINE, [name]: value })).toEqual({
      [name]: expect.stringContaining('must be true or false'),
    });
  });
});

describe.each([
  ['dataSyncMode', ['streaming', 'polling']],
  ['missingAttribute', ['no-match', 'empty-string']],
] as const)('%s', (name, allowed) => {
  it.each(allowed)('can be %s', (value) => {
    expect(refused({ [name]: value, pollingUrl: 'http://featbit.test' })).toEqual([]);
  });

  it.each(['', 'Streaming', 'none', 5, null, true, ['polling']])('cannot be %j', (value) => {
    const list = allowed.map((one) => `'${one}'`).join(' or ');
    expect(problems({ ...ONLINE, [name]: value })).toEqual({
      [name]: expect.stringContaining(`must be ${list}; was `),
    });
  });
});

describe('envSecret', () => {
  it.each([SECRET, 'short', 'x', ' with spaces ', 'trailing==', '~!@#$%^&*()'])(
    'can be %j: the server decides',
    (envSecret) => {
      const { source, events } = settings({ envSecret });
      expect(source).toMatchObject({ secret: envSecret });
      expect(events).toMatchObject({ secret: envSecret });
    },
  );

  it.each<[unknown, string]>([
    [undefined, "is missing: it is the environment's server secret"],
    [null, 'must be a string; was of type null'],
    [5, 'must be a string; was of type number'],
    [{}, 'must be a string; was of type object'],
    ['', 'must not be blank'],
    [' \t\n', 'must not be blank'],
    ['gehëim', 'must be plain ASCII without line breaks; was 6 characters, some of them others'],
    ['secret\n', 'must be plain ASCII without line breaks; was 7 characters, some of them others'],
    ['sec\u0000ret', 'must be plain ASCII without line breaks; was 7 characters, some of them others'],
  ])('cannot be %j', (envSecret, problem) => {
    expect(problems({ ...ONLINE, envSecret })).toEqual({ envSecret: problem });
  });
});

describe('the URLs', () => {
  const given = (name: string, url: unknown): Record<string, unknown> => ({
    ...ONLINE,
    dataSyncMode: name === 'pollingUrl' ? 'polling' : 'streaming',
    pollingUrl: 'http://featbit.test',
    [name]: url,
  });
  const used = (name: string, url: string): string | undefined => {
    const { source, events } = resolveOptions(given(name, url));
    if (name === 'eventUrl') return events?.url;
    return 'url' in source ? source.url : undefined;
  };

  it.each([
    ['streamingUrl', 'ws://featbit.test', 'ws://featbit.test'],
    ['streamingUrl', 'wss://featbit.test/', 'wss://featbit.test'],
    ['streamingUrl', 'http://featbit.test:5100', 'http://featbit.test:5100'],
    ['streamingUrl', 'https://featbit.test/featbit/', 'https://featbit.test/featbit'],
    ['eventUrl', 'http://featbit.test//', 'http://featbit.test'],
    ['eventUrl', 'https://featbit.test/a/b', 'https://featbit.test/a/b'],
    ['eventUrl', 'HTTP://FeatBit.Test:80/Path', 'http://featbit.test/Path'],
    ['pollingUrl', 'http://127.0.0.1:5100', 'http://127.0.0.1:5100'],
    ['pollingUrl', 'https://[::1]:5100/', 'https://[::1]:5100'],
  ])('%s can be %s, with its prefix and without its final slash', (name, url, expected) => {
    expect(used(name, url)).toBe(expected);
  });

  it.each([
    ['streamingUrl', undefined, 'was missing'],
    ['streamingUrl', 'featbit.test', 'was a text that is no URL'],
    ['streamingUrl', '', 'was a text that is no URL'],
    ['streamingUrl', 5, 'was 5'],
    ['streamingUrl', null, 'was null'],
    ['streamingUrl', new URL('ws://featbit.test'), 'was of type object'],
    ['streamingUrl', 'ftp://featbit.test', 'started with "ftp:"'],
    ['eventUrl', 'ws://featbit.test', 'started with "ws:"'],
    ['eventUrl', 'localhost:5100', 'started with "localhost:"'],
    ['pollingUrl', 'wss://featbit.test', 'started with "wss:"'],
    ['pollingUrl', undefined, 'was missing'],
    ['eventUrl', 'http://user:pass@featbit.test', 'without credentials, query or fragment'],
    ['eventUrl', 'http://featbit.test/?a=b', 'without credentials, query or fragment'],
    ['streamingUrl', 'ws://featbit.test/#a', 'without credentials, query or fragment'],
  ])('%s cannot be %s', (name, url, problem) => {
    const found = problems(given(name, url));
    expect(Object.keys(found)).toEqual([name]);
    if (problem !== 'was missing') expect(found[name]).toContain(problem);
  });

  it('are refused without being shown: what stands there may be the secret or a password', () => {
    const found = problems({ ...ONLINE, eventUrl: 'http://user:MARKED@featbit.test', streamingUrl: 'MARKED' });
    expect(Object.keys(found)).toEqual(['eventUrl', 'streamingUrl']);
    expect(JSON.stringify(found)).not.toContain('MARKED');
  });
});

describe('what is required', () => {
  const source = { start: () => undefined, close: () => undefined };

  it.each<[string, object, readonly string[]]>([
    ['nothing at all', {}, ['envSecret', 'eventUrl', 'streamingUrl']],
    ['streaming', { dataSyncMode: 'streaming' }, ['envSecret', 'eventUrl', 'streamingUrl']],
    ['polling', { dataSyncMode: 'polling' }, ['envSecret', 'eventUrl', 'pollingUrl']],
    ['no events', { disableEvents: true }, ['envSecret', 'streamingUrl']],
    ['a source of its own', { dataSource: source }, ['envSecret', 'eventUrl']],
    ['a source of its own and no events', { dataSource: source, disableEvents: true }, []],
    [
      'a source of its own and persistence',
      { dataSource: source, disableEvents: true, persistence: { load: () => 1, save: () => 1 } },
      ['persistence'],
    ],
    ['offline', { offline: true }, []],
  ])('with %s', (_name, options, missing) => {
    expect(Object.keys(problems(options)).toSorted()).toEqual([...missing].toSorted());
  });

  it('offline ignores secret and URLs that could not be used online', () => {
    const options = { offline: true, envSecret: '', streamingUrl: 'nowhere', eventUrl: 5, pollingUrl: {} };
    const { source: where, events } = resolveOptions(options);
    expect(where).toEqual({ kind: 'offline' });
    expect(events).toBeUndefined();
  });
});

describe('the other options', () => {
  const methods = { debug: () => 1, info: () => 1, warn: () => 1, error: () => 1 };

  it.each<[string, object]>([
    ['a logger', { logger: methods }],
    ['the console as logger', { logger: console }],
    ['a logger of a class', { logger: new RecordingLogger() }],
    ['no defaults', { defaults: {} }],
    ['defaults of every kind', { defaults: { a: true, b: 'x', c: 1, d: { e: null }, f: null } }],
    ['private attributes', { privateAttributes: ['email', 'name'] }],
    ['no private attribute', { privateAttributes: [] }],
    ['a proxy', { proxy: 'http://user:pass@proxy.test:3128' }],
    ['a secure proxy', { proxy: 'https://proxy.test' }],
    ['no proxy', { proxy: false }],
    ['an authority', { ca: PEM }],
    ['authorities', { ca: [PEM, PEM] }],
    ['a bootstrap object', { bootstrap: full([wireFlag('a')]) }],
    ['a bootstrap text', { bootstrap: JSON.stringify(full()) }],
    ['a bootstrap with a damaged flag', { bootstrap: full([{ key: 'a' }]) }],
    ['persistence', { persistence: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() } }],
    ['a data source', { dataSource: { start: () => 1, close: () => 1 } }],
  ])('can be %s', (_name, options) => {
    expect(refused(options)).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'a logger without a method',
      { logger: { ...methods, warn: undefined } },
      'must be an object with the methods debug, info, warn, error',
    ],
    ['a logger of null', { logger: null }, 'must be an object with the methods debug, info, warn, error; was null'],
    ['a logger of a function', { logger: () => 1 }, 'was of type function'],
    ['defaults of an array', { defaults: [] }, 'must be an object of values by flag key; was an array'],
    ['defaults of a text', { defaults: '{}' }, 'must be an object of values by flag key; was "{}"'],
    ['defaults of null', { defaults: null }, 'must be an object of values by flag key; was null'],
    [
      'private attributes in a text',
      { privateAttributes: 'email' },
      'must be an array of attribute names; was "email"',
    ],
    [
      'private attributes of other types',
      { privateAttributes: ['email', 5] },
      'must be an array of attribute names; was an array',
    ],
    [
      'private attributes that are blank',
      { privateAttributes: [' '] },
      'must be an array of attribute names; was an array',
    ],
    ['a private key', { privateAttributes: ['key'] }, "cannot hold 'key'"],
    ['a private keyId', { privateAttributes: ['keyId'] }, "cannot hold 'key'"],
    [
      'a proxy of another protocol',
      { proxy: 'socks5://proxy.test' },
      'must be a URL that starts with http:// or https://, or false',
    ],
    ['a proxy of true', { proxy: true }, 'must be a URL that starts with http:// or https://, or false'],
    ['a proxy that is no URL', { proxy: 'proxy:3128' }, 'must be a URL that starts with http:// or https://, or false'],
    ['an authority that is a path', { ca: '/etc/ssl/ca.pem' }, 'must be PEM text'],
    ['an authority of null', { ca: null }, 'must be PEM text'],
    ['authorities one of which is none', { ca: [PEM, 'x'] }, 'must be PEM text'],
    [
      'a bootstrap that is no JSON',
      { bootstrap: '{' },
      'must be a data-sync envelope as JSON text or object; not JSON (1 characters)',
    ],
    [
      'a bootstrap without its envelope',
      { bootstrap: full().data },
      'must be a data-sync envelope as JSON text or object; messageType',
    ],
    [
      'a bootstrap of null',
      { bootstrap: null },
      'must be a data-sync envelope as JSON text or object; expected an object, got null',
    ],
    ['a bootstrap of a number', { bootstrap: 5 }, 'expected an object, got number'],
    ['persistence without save', { persistence: { load: () => 1 } }, 'must be an object with the methods load, save'],
    [
      'a data source without close',
      { dataSource: { start: () => 1 } },
      'must be an object with the methods start, close',
    ],
  ])('cannot be %s', (_name, options, problem) => {
    const name = Object.keys(options)[0] ?? '';
    expect(problems({ ...ONLINE, ...options })).toEqual({ [name]: expect.stringContaining(problem) });
  });
});

describe('the options as a whole', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['"text"', 'text'],
    ['5', 5],
    ['an array', []],
    ['of type function', () => 1],
  ])('cannot be %s', (shown, options) => {
    expect(problems(options)).toEqual({ options: `must be an object, was ${shown}` });
  });

  it.each<[string, object]>([
    [
      'a getter that throws',
      Object.defineProperty({ ...ONLINE }, 'closeTimeout', {
        get: () => {
          throw new Error('MARKED');
        },
      }),
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('MARKED');
          },
        },
      ),
    ],
  ])('cannot have %s', (_name, options) => {
    expect(problems(options)).toEqual({ options: 'could not be read' });
  });

  it('are refused all at once, in one error that says what to do', () => {
    const bad = {
      envSecret: 5,
      streamingUrl: 'nowhere',
      eventUrl: 'ws://featbit.test',
      startWait: 0,
      eventsMaxInQueue: 1.5,
      offline: 'no',
      missingAttribute: 'maybe',
      logger: {},
      proxy: 5,
    };
    const error = (() => {
      try {
        resolveOptions(bad);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(InvalidConfigError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'InvalidConfigError', code: 'invalid-config' });
    const { problems: found, message } = error as InvalidConfigError;
    expect(found.map(({ option }) => option).toSorted()).toEqual(Object.keys(bad).toSorted());
    for (const { option, problem } of found) expect(message).toContain(`${option} ${problem}`);
    expect(message.startsWith('invalid configuration: ')).toBe(true);
  });

  it('name each option once', () => {
    expect(problems({}).envSecret).toBeDefined();
    expect(Object.keys(problems({})).length).toBe(new Set(Object.keys(problems({}))).size);
  });

  it.each([
    'dataSyncMode',
    'startWait',
    'streamingUrl',
    'eventUrl',
    'defaults',
    'logger',
    'proxy',
    'ca',
    'bootstrap',
    'missingAttribute',
    'offline',
    'privateAttributes',
  ])('never show the secret, not even where it was pasted: %s', (option) => {
    for (const text of [SECRET, `x${SECRET}x`, 'x'.repeat(60) + SECRET]) {
      const found = problems({ ...ONLINE, [option]: text });
      expect(Object.keys(found)).toEqual([option]);
      expect(JSON.stringify(found)).not.toContain(SECRET.slice(0, 20));
    }
  });

  it.each<[string, string, string]>([
    ['a short text, which is what a slip looks like', 'steaming', '"steaming"'],
    ['the longest that is shown', 'x'.repeat(16), `"${'x'.repeat(16)}"`],
    ['a longer one: its beginning and its length', 'correct horse battery', '"cor…" (21 characters)'],
    ['what looks like a secret: its length', SECRET, 'a text of 44 characters'],
    ['what looks like a secret among other things: its length', `key: ${SECRET}`, 'a text of 49 characters'],
    ['as much as a secret’s random part: its length', SECRET.slice(0, 22), 'a text of 22 characters'],
  ])('show %s, whether or not there is a secret to compare with', (_name, text, shown) => {
    for (const envSecret of [undefined, 'another-secret']) {
      const { dataSyncMode, privateAttributes } = problems({
        ...ONLINE,
        envSecret,
        dataSyncMode: text,
        privateAttributes: text,
      });
      expect(dataSyncMode).toBe(`must be 'streaming' or 'polling'; was ${shown}`);
      expect(privateAttributes).toBe(`must be an array of attribute names; was ${shown}`);
    }
  });

  it.each(['envSecret', 'dataSyncMode', 'streamingUrl', 'startWait', 'offline', 'defaults'])(
    'never show a secret that was pasted into the wrong option in place of envSecret: %s',
    (option) => {
      const text = JSON.stringify(problems({ ...ONLINE, envSecret: undefined, [option]: `${SECRET}:` }));
      expect(text).not.toContain(SECRET.slice(0, 4));
      expect(text).not.toContain(SECRET.slice(0, 4).toLowerCase());
    },
  );

  it('never show a short secret either, in whatever case a URL puts it', () => {
    const found = problems({ ...ONLINE, envSecret: 'Hush', dataSyncMode: 'a-Hush', eventUrl: 'Hush:5100' });
    expect(Object.keys(found).toSorted()).toEqual(['dataSyncMode', 'eventUrl']);
    expect(JSON.stringify(found).toLowerCase()).not.toContain('hush');
  });

  it('never show a long text that is all there is', () => {
    expect(problems(SECRET)).toEqual({ options: 'must be an object, was a text of 44 characters' });
  });

  it('are copied: what happens to the caller’s object later does not matter, and it is not frozen', () => {
    const defaults: Record<string, unknown> = { a: 1 };
    const privateAttributes = ['email'];
    const options = { ...ONLINE, defaults, privateAttributes };
    const copied = resolveOptions(options);
    defaults.a = 2;
    privateAttributes.push('country');
    options.envSecret = 'other';
    expect(copied.defaults.get('a')).toBe(1);
    expect([...copied.privateAttributes]).toEqual(['email']);
    expect(copied.source).toMatchObject({ secret: SECRET });
  });

  it('may have defaults of any name', () => {
    const defaults: object = JSON.parse('{"__proto__":1,"constructor":2}');
    expect([...settings({ defaults }).defaults]).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(settings({ defaults: {} }).defaults.get('toString')).toBeUndefined();
  });
});

describe('options that are not known', () => {
  it('are told, all others are not', () => {
    const persistence: Persistence = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
    const everything: Required<Options> = {
      ...ONLINE,
      startWait: 1,
      closeTimeout: 1,
      offline: false,
      bootstrap: full(),
      disableEvents: false,
      defaults: {},
      dataSyncMode: 'streaming',
      pollingUrl: 'http://featbit.test',
      pollingInterval: 1,
      pollingRequestTimeout: 1,
      dataSource: { start: () => undefined, close: () => undefined },
      streamingConnectTimeout: 1,
      streamingFirstRetryDelay: 1,
      streamingMaxRetryDelay: 1,
      streamingPingInterval: 1,
      streamingCompression: true,
      resyncInterval: 1,
      fullResyncInterval: 1,
      refusedRetryDelay: 1,
      pollsPerFullSync: 1,
      eventsMaxInQueue: 1,
      eventsFlushInterval: 1,
      eventsMaxPerRequest: 1,
      eventsMaxRetries: 1,
      eventsRetryInterval: 1,
      eventsRequestTimeout: 1,
      eventsDeduplicationWindow: 1,
      maxMessageSize: 1,
      privateAttributes: [],
      persistence,
      missingAttribute: 'no-match',
      logger: new RecordingLogger(),
      hooks: [],
      proxy: false,
      ca: PEM,
      rejectUnauthorized: true,
    };
    expect(problems(everything)).toEqual({});
    expect(unknownOptions(everything)).toEqual([]);
    expect(unknownOptions({ ...everything, sdkKey: 'x', streamingURL: 'x', toString: 1 })).toEqual([
      'sdkKey',
      'streamingURL',
      'toString',
    ]);
  });
});
