import {
  type AnyProviderEvent,
  type Client,
  type EventDetails,
  OpenFeature,
  ProviderEvents,
} from '@openfeature/server-sdk';
import { FBClient, type Options } from 'fbclient';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FBProvider, type FBProviderOptions } from '../src/index.js';
import { flag, full, rule, type ScriptedSource, scriptedClient } from './support/scripted-source.js';

const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const ADA = { targetingKey: 'ada' };
const BOOTSTRAP = full([flag('switch', { on: true, off: false })]);

beforeEach(() => {
  OpenFeature.setLogger(quiet);
});
afterEach(async () => {
  vi.useRealTimers();
  await OpenFeature.clearProviders();
  OpenFeature.clearHandlers();
  OpenFeature.setContext({});
});

/** Lets everything that is due happen: the client calls its listeners, and the SDK its handlers, a few turns later. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface World {
  readonly client: FBClient;
  readonly source: ScriptedSource;
  readonly provider: FBProvider;
  readonly openFeature: Client;
  readonly events: [AnyProviderEvent, EventDetails | undefined][];
  /** How `setProviderAndWait` has ended; `undefined` while it has not. */
  outcome: string | undefined;
  readonly set: Promise<void>;
}

function start(options: Options = {}, providerOptions?: FBProviderOptions): World {
  const { client, source } = scriptedClient({ startWait: 50, ...options });
  const provider = new FBProvider(client, providerOptions);
  const events: World['events'] = [];
  for (const event of Object.values(ProviderEvents)) {
    OpenFeature.addHandler(event as never, (details) => void events.push([event as AnyProviderEvent, details]));
  }
  events.length = 0;
  const world: World = {
    client,
    source,
    provider,
    events,
    openFeature: OpenFeature.getClient(),
    outcome: undefined,
    set: Promise.resolve(),
  };
  const set = OpenFeature.setProviderAndWait(provider).then(
    () => {
      world.outcome = 'set';
    },
    (error: Error & { code?: string }) => {
      world.outcome = `rejected: ${error.code}`;
    },
  );
  return Object.assign(world, { set });
}

/** What the application gets: the provider's status, the value, the code. */
async function seen({ openFeature }: World): Promise<readonly unknown[]> {
  const { value, errorCode } = await openFeature.getBooleanDetails('switch', false, ADA);
  return [openFeature.providerStatus, value, errorCode];
}

const FLAG = flag('switch', { on: true, off: false });

describe('the status of the provider', () => {
  it('at the start is NOT_READY, and READY with the first flags', async () => {
    const world = start({ startWait: 5_000 });
    await settle();
    expect(await seen(world)).toEqual(['NOT_READY', false, 'PROVIDER_NOT_READY']);
    await world.source.sends(FLAG);
    await world.set;
    expect(world.outcome).toBe('set');
    expect(await seen(world)).toEqual(['READY', true, undefined]);
    await settle();
    // The SDK of today adds one of its own at the end of initialize.
    expect(world.events.map(([event]) => event)).toEqual([ProviderEvents.Ready, ProviderEvents.Ready]);
  });

  it('is READY before initialize ends, as the specification wants it', async () => {
    const { client, source } = scriptedClient({ startWait: 5_000 });
    const provider = new FBProvider(client);
    const order: string[] = [];
    provider.events.addHandler(ProviderEvents.Ready, () => void order.push('ready'));
    const initialized = provider.initialize().then(() => order.push('initialized'));
    await source.sends(FLAG);
    await initialized;
    expect(order).toEqual(['ready', 'initialized']);
    await provider.onClose();
  });

  it('with a bootstrap is STALE while it is set, and serves; then READY', async () => {
    const world = start({ bootstrap: BOOTSTRAP, startWait: 5_000 });
    await settle();
    expect(world.outcome).toBeUndefined();
    expect(await seen(world)).toEqual(['STALE', true, undefined]);
    await world.source.sends(FLAG);
    await world.set;
    expect(await seen(world)).toEqual(['READY', true, undefined]);
    expect(world.events.map(([event]) => event)[0]).toBe(ProviderEvents.Stale);
  });

  it('with persisted flags is the same', async () => {
    const kept = new Map<string, string>();
    const persistence = {
      load: (environment: string) => Promise.resolve(kept.get(environment)),
      save: (environment: string, data: string) => {
        kept.set(environment, data);
        return Promise.resolve();
      },
    };
    const first = scriptedClient({ persistence, envSecret: 'secret' });
    await first.source.sends(FLAG);
    await first.client.close();
    expect(kept.size).toBe(1);
    const world = start({ persistence, envSecret: 'secret', startWait: 5_000 });
    await vi.waitFor(async () => expect(await seen(world)).toEqual(['STALE', true, undefined]));
    await world.source.sends(FLAG);
    await world.set;
    expect(await seen(world)).toEqual(['READY', true, undefined]);
  });

  it('with a bootstrap and without a server is STALE after startWait as well, and setting it succeeds', async () => {
    const world = start({ bootstrap: BOOTSTRAP });
    await world.set;
    expect(world.outcome).toBe('set');
    await settle();
    expect(await seen(world)).toEqual(['STALE', true, undefined]);
  });

  it('without flags in time is ERROR, and READY when they come', async () => {
    const world = start();
    await world.set;
    expect(world.outcome).toBe('rejected: GENERAL');
    expect(await seen(world)).toEqual(['ERROR', false, 'PROVIDER_NOT_READY']);
    expect(world.events[0]).toEqual([
      ProviderEvents.Error,
      expect.objectContaining({
        errorCode: 'PROVIDER_NOT_READY',
        message: expect.stringMatching(/^no flags in time: /),
      }),
    ]);
    await world.source.sends(FLAG);
    await settle();
    expect(await seen(world)).toEqual(['READY', true, undefined]);
  });

  it('in an outage is STALE and serves, and READY after it', async () => {
    const world = start();
    await world.source.sends(FLAG);
    await world.set;
    world.source.goesAway();
    await settle();
    expect(await seen(world)).toEqual(['STALE', true, undefined]);
    expect(world.events.at(-1)?.[1]?.message).toBe('the connection was lost');
    world.source.sink.confirm();
    await settle();
    expect(await seen(world)).toEqual(['READY', true, undefined]);
  });

  it('in an outage that is longer than errorAfterStale is ERROR and serves; it is READY after it', async () => {
    const world = start({}, { errorAfterStale: 60_000 });
    await world.source.sends(FLAG);
    await world.set;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    world.source.goesAway();
    await settle();
    vi.advanceTimersByTime(59_999);
    await settle();
    expect(await seen(world)).toEqual(['STALE', true, undefined]);
    vi.advanceTimersByTime(1);
    await settle();
    expect(await seen(world)).toEqual(['ERROR', true, undefined]);
    expect(world.events.at(-1)?.[1]).toMatchObject({
      errorCode: 'GENERAL',
      message: expect.stringContaining('too long'),
    });
    world.source.sink.confirm();
    await settle();
    expect(await seen(world)).toEqual(['READY', true, undefined]);
    vi.advanceTimersByTime(120_000);
    await settle();
    expect(await seen(world)).toEqual(['READY', true, undefined]);
  });

  it('refused at the start is FATAL, and READY when the server lets it in', async () => {
    const world = start({ startWait: 5_000 });
    world.source.refuses();
    await world.set;
    expect(world.outcome).toBe('rejected: PROVIDER_FATAL');
    expect(await seen(world)).toEqual(['FATAL', false, 'PROVIDER_FATAL']);
    expect(world.events[0]).toEqual([
      ProviderEvents.Error,
      expect.objectContaining({ errorCode: 'PROVIDER_FATAL', message: 'the server refused the secret' }),
    ]);
    await world.source.sends(FLAG);
    await settle();
    expect(await seen(world)).toEqual(['READY', true, undefined]);
  });

  it.each<[FBProviderOptions['whenRefused'], readonly unknown[]]>([
    [undefined, ['ERROR', true, undefined]],
    ['error', ['ERROR', true, undefined]],
    ['fatal', ['FATAL', false, 'PROVIDER_FATAL']],
  ])(
    'refused while it holds flags, with whenRefused %s; and READY when it is let in again',
    async (whenRefused, then) => {
      const world = start({}, { whenRefused });
      await world.source.sends(FLAG);
      await world.set;
      world.source.refuses();
      await settle();
      expect(await seen(world)).toEqual(then);
      world.source.sink.confirm();
      await settle();
      expect(await seen(world)).toEqual(['READY', true, undefined]);
    },
  );

  it('refused at the start with a bootstrap is ERROR, and serves; setting it succeeds', async () => {
    const world = start({ bootstrap: BOOTSTRAP, startWait: 5_000 });
    world.source.refuses();
    await world.set;
    await settle();
    expect(world.outcome).toBe('set');
    expect(await seen(world)).toEqual(['ERROR', true, undefined]);
    expect(world.events.at(-1)?.[1]).toMatchObject({
      errorCode: 'GENERAL',
      message: 'the server refused the secret',
    });
  });

  it('refused at the start with a bootstrap and whenRefused fatal is FATAL, and setting it fails', async () => {
    const world = start({ bootstrap: BOOTSTRAP, startWait: 5_000 }, { whenRefused: 'fatal' });
    world.source.refuses();
    await world.set;
    await settle();
    expect(world.outcome).toBe('rejected: PROVIDER_FATAL');
    expect(await seen(world)).toEqual(['FATAL', false, 'PROVIDER_FATAL']);
  });

  // An SDK that does what the specification says waits for READY or ERROR before it says that the provider is set.
  it.each<[string, Options, (source: ScriptedSource) => unknown, readonly string[]]>([
    ['in sync', {}, (source) => source.sends(FLAG), ['READY']],
    ['with a bootstrap and no server', { bootstrap: BOOTSTRAP }, () => undefined, ['STALE', 'READY', 'STALE']],
    ['with a bootstrap, refused', { bootstrap: BOOTSTRAP }, (source) => source.refuses(), ['ERROR', 'READY', 'ERROR']],
    ['without flags, refused', {}, (source) => source.refuses(), ['ERROR']],
    ['without flags and server', {}, () => undefined, ['ERROR']],
  ])(
    '%s has reported READY or ERROR, and what is true last, before initialize ends',
    async (_, options, then, expected) => {
      const { client, source } = scriptedClient({ startWait: 20, ...options });
      const provider = new FBProvider(client);
      const reported: string[] = [];
      for (const event of Object.values(ProviderEvents)) {
        provider.events.addHandler(event as never, () => void reported.push(event.replace('PROVIDER_', '')));
      }
      const initialized = provider.initialize().then(
        () => undefined,
        () => undefined,
      );
      then(source);
      await initialized;
      expect(reported).toEqual(expected);
      await provider.onClose();
    },
  );

  it('is FATAL when the application has closed the client behind its back', async () => {
    const world = start();
    await world.source.sends(FLAG);
    await world.set;
    await world.client.close();
    await settle();
    expect(world.openFeature.providerStatus).toBe('FATAL');
    expect(world.events.at(-1)?.[1]).toMatchObject({ errorCode: 'PROVIDER_FATAL', message: 'the client is closed' });
  });

  it('is not reported any more after the close, which closes the client once, for several domains as well', async () => {
    const world = start();
    await world.source.sends(FLAG);
    await world.set;
    await OpenFeature.setProviderAndWait('other', world.provider);
    const closed = vi.spyOn(world.client, 'close');
    const reported: unknown[] = [];
    for (const event of Object.values(ProviderEvents)) {
      world.provider.events.addHandler(event as never, (details) => void reported.push(details));
    }
    await OpenFeature.close();
    await settle();
    expect(closed).toHaveBeenCalledTimes(1);
    expect(world.client.status).toBe('Closed');
    expect(reported).toEqual([]);
  });

  it('ends with a client that stays open when it is the application’s', async () => {
    const world = start({}, { closesClient: false });
    await world.source.sends(FLAG);
    await world.set;
    const flushed = vi.spyOn(world.client, 'flushAndWait');
    await world.provider.onClose();
    expect(flushed).toHaveBeenCalledTimes(1);
    expect(world.client.status).toBe('Ready');
    await world.client.close();
  });

  it('survives a provider that is set, replaced and closed before its client has flags', async () => {
    const world = start({ startWait: 5_000 });
    await OpenFeature.clearProviders();
    await world.set;
    expect(world.outcome).toBe('rejected: PROVIDER_FATAL');
    expect(world.client.status).toBe('Closed');
  });
});

type Happening = 'answers' | 'goes away' | 'comes back' | 'refuses' | 'lets in' | 'is closed';

describe('the way of a provider', () => {
  const happens: Readonly<Record<Happening, (world: World) => unknown>> = {
    answers: ({ source }) => source.sends(FLAG),
    'goes away': ({ source }) => source.goesAway(),
    'comes back': ({ source }) => source.sink.confirm(),
    refuses: ({ source }) => source.refuses(),
    'lets in': ({ source }) => source.sends(FLAG),
    'is closed': () => OpenFeature.close(),
  };
  const NOT_READY = ['NOT_READY', false, 'PROVIDER_NOT_READY'];
  const READY = ['READY', true, undefined];
  const STALE = ['STALE', true, undefined];
  const ERROR = ['ERROR', true, undefined];
  const FATAL = ['FATAL', false, 'PROVIDER_FATAL'];
  const LONG = { startWait: 60_000 };

  it.each<
    [string, Options, FBProviderOptions, readonly unknown[], readonly (readonly [Happening, readonly unknown[]])[]]
  >([
    [
      'from nothing, through an outage and a refusal',
      LONG,
      {},
      NOT_READY,
      [
        ['answers', READY],
        ['goes away', STALE],
        ['comes back', READY],
        ['refuses', ERROR],
        ['lets in', READY],
        ['is closed', NOT_READY],
      ],
    ],
    [
      'from nothing, refused at once',
      LONG,
      {},
      NOT_READY,
      [
        ['refuses', FATAL],
        ['lets in', READY],
        ['refuses', ERROR],
        ['comes back', READY],
      ],
    ],
    [
      'from a bootstrap',
      { ...LONG, bootstrap: BOOTSTRAP },
      {},
      STALE,
      [
        ['goes away', STALE],
        ['answers', READY],
        ['goes away', STALE],
        ['refuses', ERROR],
        ['lets in', READY],
        ['is closed', NOT_READY],
      ],
    ],
    [
      'from a bootstrap, refused at once',
      { ...LONG, bootstrap: BOOTSTRAP },
      {},
      STALE,
      [
        ['refuses', ERROR],
        ['lets in', READY],
      ],
    ],
    [
      'that shall not serve when it is refused',
      LONG,
      { whenRefused: 'fatal' },
      NOT_READY,
      [
        ['answers', READY],
        ['goes away', STALE],
        ['refuses', FATAL],
        ['lets in', READY],
      ],
    ],
  ])('%s', async (_, options, providerOptions, first, then) => {
    const world = start(options, providerOptions);
    await settle();
    expect(await seen(world)).toEqual(first);
    for (const [happening, expected] of then) {
      await happens[happening](world);
      await settle();
      // The end of a close: the SDK has no provider for the client any more, or one that is not ready.
      if (happening === 'is closed') expect(world.client.status).toBe('Closed');
      else expect([happening, ...(await seen(world))]).toEqual([happening, ...expected]);
    }
  });
});

describe('changes', () => {
  it('of one commit are one event with the keys of the flags', async () => {
    const world = start();
    await world.source.sends(flag('a', { x: 'x' }), flag('b', { x: 'x' }), flag('c', { x: 'x' }));
    await world.set;
    await settle();
    world.events.length = 0;
    await world.source.changes(flag('a', { x: 'y' }, { version: 2 }), flag('c', { x: 'y' }, { version: 2 }));
    await settle();
    await world.source.changes(flag('b', { x: 'y' }, { version: 3 }));
    await settle();
    expect(world.events.map(([event, details]) => [event, details?.flagsChanged])).toEqual([
      [ProviderEvents.ConfigurationChanged, ['a', 'c']],
      [ProviderEvents.ConfigurationChanged, ['b']],
    ]);
  });

  it('since the bootstrap are told when the server answers', async () => {
    const world = start({ bootstrap: BOOTSTRAP });
    await settle();
    await world.source.sends(flag('switch', { on: true, off: false }, { serves: 'off', version: 2 }));
    await world.set;
    await settle();
    const changes = world.events.filter(([event]) => event === ProviderEvents.ConfigurationChanged);
    expect(changes.map(([, details]) => details?.flagsChanged)).toEqual([['switch']]);
  });
});

describe('an evaluation', () => {
  const pro = { property: 'plan', op: 'Equal', value: 'pro' };
  const halves = [
    { id: 'a', rollout: [0, 0.5] as const },
    { id: 'b', rollout: [0.5, 1] as const },
  ];
  const AB = { a: 'A', b: 'B' };
  const flags = [
    flag('plain', AB),
    flag('off', AB, { on: false, off: 'b' }),
    flag('target', AB, { serves: 'b', targets: [{ keyIds: ['ada'], variationId: 'a' }] }),
    flag('rule', AB, { serves: 'b', rules: [rule('a', pro)] }),
    flag('rule in halves', AB, {
      serves: 'b',
      rules: [
        {
          conditions: [pro],
          includedInExpt: false,
          variations: halves.map((part) => ({ ...part, exptRollout: 1 })),
        },
      ],
    }),
    flag('halves', AB, { rollout: halves }),
    flag('damaged', AB, { serves: 'gone' }),
    flag('number', { n: 7 }),
    flag('boolean', { yes: true }),
    flag('text that looks like a number', { n: '7' }),
    flag('list', { l: [1, 2] }),
  ];

  async function ready(options: FBProviderOptions = {}): Promise<World> {
    const world = start({}, options);
    await world.source.sends(...flags);
    await world.set;
    return world;
  }

  it.each([
    ['off', {}, 'B', 'b', 'DISABLED'],
    ['target', {}, 'A', 'a', 'TARGETING_MATCH'],
    ['rule', { plan: 'pro' }, 'A', 'a', 'TARGETING_MATCH'],
    ['rule', { plan: 'free' }, 'B', 'b', 'DEFAULT'],
    ['rule in halves', { plan: 'pro' }, expect.any(String), expect.any(String), 'SPLIT'],
    ['halves', {}, expect.any(String), expect.any(String), 'SPLIT'],
    ['plain', {}, 'A', 'a', 'STATIC'],
  ])('of %s for %j has value, variant and reason', async (key, attributes, value, variant, reason) => {
    const { openFeature } = await ready();
    const details = await openFeature.getStringDetails(key, 'd', { ...ADA, ...attributes });
    expect(details).toMatchObject({ flagKey: key, value, variant, reason });
    expect(details.errorCode).toBeUndefined();
  });

  it.each([
    ['an unknown flag', 'x', ADA, 'FLAG_NOT_FOUND'],
    ['a damaged flag', 'damaged', ADA, 'PARSE_ERROR'],
    ['no key', 'plain', {}, 'TARGETING_KEY_MISSING'],
    ['a blank key', 'plain', { targetingKey: ' ' }, 'TARGETING_KEY_MISSING'],
    ['a key that is no text', 'plain', { key: 7 }, 'INVALID_CONTEXT'],
    ['a value of another type', 'number', ADA, 'TYPE_MISMATCH'],
  ])('of %s is the default with its code', async (_, key, context, code) => {
    const { openFeature } = await ready();
    const details = await openFeature.getStringDetails(key, 'd', context);
    expect(details).toMatchObject({ value: 'd', reason: 'ERROR', errorCode: code });
    expect(details.errorMessage).not.toBe('');
  });

  it.each([
    ['boolean', { boolean: true, number: undefined, plain: undefined, list: undefined }],
    ['number', { boolean: undefined, number: 7, plain: undefined, 'text that looks like a number': undefined }],
    ['string', { boolean: undefined, number: undefined, plain: 'A', list: undefined }],
    ['object', { boolean: undefined, number: undefined, plain: undefined, list: [1, 2] }],
  ] as const)('as %s gives only values of that type; the others are TYPE_MISMATCH', async (type, expected) => {
    const { openFeature } = await ready();
    const ask = (key: string) => {
      if (type === 'boolean') return openFeature.getBooleanDetails(key, false, ADA);
      if (type === 'number') return openFeature.getNumberDetails(key, -1, ADA);
      return type === 'string'
        ? openFeature.getStringDetails(key, 'd', ADA)
        : openFeature.getObjectDetails(key, {}, ADA);
    };
    for (const [key, value] of Object.entries(expected)) {
      const details = await ask(key);
      if (value === undefined) expect([key, details.errorCode]).toEqual([key, 'TYPE_MISMATCH']);
      else expect([key, details.value]).toEqual([key, value]);
    }
  });

  it('has version, context and flag set for telemetry, and says when it is stale and how old', async () => {
    const world = await ready({ flagSetId: 'shop/production' });
    const metadata = async () => (await world.openFeature.getStringDetails('plain', 'd', ADA)).flagMetadata;
    const fresh = { contextId: 'ada', flagSetId: 'shop/production', version: String(Date.UTC(2026, 0, 1) + 1) };
    expect(await metadata()).toEqual(fresh);
    world.source.goesAway();
    await settle();
    expect(await metadata()).toEqual({ ...fresh, stale: true, dataAge: expect.any(Number) });
  });

  it('merges the contexts of the API, the client and the call; a name is not needed', async () => {
    const { openFeature } = await ready();
    OpenFeature.setContext({ targetingKey: 'somebody', plan: 'free' });
    openFeature.setContext({ plan: 'pro' });
    expect(await openFeature.getStringValue('rule', 'd')).toBe('A');
    expect(await openFeature.getStringValue('target', 'd')).toBe('B');
    expect(await openFeature.getStringValue('target', 'd', ADA)).toBe('A');
    expect(await openFeature.getStringValue('rule', 'd', { plan: 'free' })).toBe('B');
  });

  it('counts as use: the event is recorded', async () => {
    const client = new FBClient({
      dataSource: { start: (sink) => void sink.accept(full(flags)), close: () => undefined },
      envSecret: 'secret',
      eventUrl: 'http://127.0.0.1:9',
      closeTimeout: 1,
    });
    await OpenFeature.setProviderAndWait(new FBProvider(client));
    await OpenFeature.getClient().getStringValue('plain', 'd', ADA);
    expect(client.diagnostics().events?.accepted).toBe(1);
  });
});

describe('tracking', () => {
  it.each([
    ['its value', { value: 9.5 }, 9.5],
    ['1 without one', {}, 1],
    ['1 without details', undefined, 1],
    ['0 as it is', { value: 0, currency: 'EUR' }, 0],
  ])('records a metric with %s', async (_, details, value) => {
    const world = start();
    await world.source.sends(FLAG);
    await world.set;
    const tracked = vi.spyOn(world.client, 'trackMetric');
    world.openFeature.track('bought', { ...ADA, plan: 'pro' }, details);
    expect(tracked).toHaveBeenCalledWith({ key: 'ada', plan: 'pro' }, 'bought', value);
  });

  it('without a key is refused by the client', async () => {
    const world = start({ disableEvents: false, envSecret: 's', eventUrl: 'http://127.0.0.1:9', closeTimeout: 1 });
    await world.source.sends(FLAG);
    await world.set;
    world.openFeature.track('bought', {});
    expect(world.client.diagnostics().events?.dropped.invalidUser).toBe(1);
  });
});

describe('the options', () => {
  it.each([0, -1, Number.NaN, 2 ** 31])('refuse %d as errorAfterStale', (errorAfterStale) => {
    const { client } = scriptedClient();
    expect(() => new FBProvider(client, { errorAfterStale })).toThrow('errorAfterStale must be milliseconds');
    return client.close();
  });
});
