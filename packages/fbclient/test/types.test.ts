import { describe, expectTypeOf, it } from 'vitest';
import {
  type AllFlagStates,
  type DataSource,
  type DeepReadonly,
  type EvalDetail,
  FBClient,
  type FBUser,
  get,
  type InitializationResult,
  type InvalidConfigError,
  type JsonValue,
  type Logger,
  type Options,
  type Status,
  setConfig,
  type Wait,
} from '../src/index.js';

// The compiler is the judge of this file (`npm run types`); at run time it shows only that nothing in it throws.

interface Theme {
  readonly colours: readonly string[];
}

interface ShopFlags {
  readonly checkout: boolean;
  greeting: string;
  limit: number;
  theme: Theme;
}

type ShopFlagsAlias = { checkout: boolean; greeting: string; limit: number; theme: Theme };

const ADA = { key: 'ada' };
const offline = { offline: true } as const;
const shop = new FBClient<ShopFlags>(offline);
const aliased = new FBClient<ShopFlagsAlias>(offline);
const any = new FBClient(offline);

describe('flags that are described', () => {
  it('by an interface or by a type alias have checked keys and typed values', () => {
    expectTypeOf(shop.variation('checkout', ADA, false)).toEqualTypeOf<boolean>();
    expectTypeOf(shop.variation('greeting', ADA, 'hello')).toEqualTypeOf<string>();
    expectTypeOf(shop.variation('limit', ADA, 1)).toEqualTypeOf<number>();
    expectTypeOf(shop.variation('theme', ADA, { colours: ['red'] })).toEqualTypeOf<Theme>();
    expectTypeOf(aliased.variation('checkout', ADA, false)).toEqualTypeOf<boolean>();
    expectTypeOf(aliased.variation('theme', ADA, { colours: [] })).toEqualTypeOf<Theme>();
    // @ts-expect-error there is no such flag
    shop.variation('chekout', ADA, false);
    // @ts-expect-error there is no such flag
    aliased.variation('chekout', ADA, false);
    // @ts-expect-error there is no such flag
    shop.variationDetail('chekout', ADA);
  });

  it('have defaults of their type', () => {
    // @ts-expect-error it is a boolean flag
    shop.variation('checkout', ADA, 'no');
    // @ts-expect-error it is a number flag
    shop.variation('limit', ADA, '1');
    // @ts-expect-error a theme has colours
    shop.variation('theme', ADA, { colors: [] });
    // @ts-expect-error it is a string flag
    aliased.variationDetail('greeting', ADA, 5);
  });

  it('may have no value without a default', () => {
    expectTypeOf(shop.variation('limit', ADA)).toEqualTypeOf<number | undefined>();
    expectTypeOf(shop.variationDetail('theme', ADA)).toEqualTypeOf<EvalDetail<Theme | undefined>>();
  });

  it('are found by their type', () => {
    expectTypeOf(shop.boolVariation('checkout', ADA)).toEqualTypeOf<boolean>();
    expectTypeOf(shop.stringVariation('greeting', ADA, 'hello')).toEqualTypeOf<string>();
    expectTypeOf(shop.numberVariationDetail('limit', ADA)).toEqualTypeOf<EvalDetail<number>>();
    // @ts-expect-error it is no boolean flag
    shop.boolVariation('greeting', ADA);
    // @ts-expect-error it is no string flag
    shop.stringVariation('checkout', ADA);
    // @ts-expect-error it is no number flag
    shop.numberVariationDetail('theme', ADA);
    // @ts-expect-error it is a boolean
    shop.boolVariation('checkout', ADA, 'no');
    // @ts-expect-error there is no such flag
    shop.jsonVariation('tehme', ADA);
  });

  it('are known to bulk evaluation', () => {
    const all = shop.getAllLatestFlagVariations(ADA);
    expectTypeOf(all).toEqualTypeOf<AllFlagStates<ShopFlags>>();
    expectTypeOf(all.getVariation('limit', 1)).toEqualTypeOf<number>();
    expectTypeOf(all.get('theme', { colours: [] })).toEqualTypeOf<EvalDetail<Theme>>();
    expectTypeOf([...all]).toEqualTypeOf<EvalDetail<string>[]>();
    // @ts-expect-error there is no such flag
    all.getVariation('chekout', false);
    // @ts-expect-error it is a boolean flag
    all.getVariation('checkout', 1);
  });

  it('are known to the option defaults', () => {
    const good: Options<ShopFlags> = { ...offline, defaults: { limit: 5 } };
    expectTypeOf(good.defaults).toEqualTypeOf<Readonly<Partial<ShopFlags>> | undefined>();
    // @ts-expect-error it is a number flag
    const wrong: Options<ShopFlags> = { ...offline, defaults: { limit: 'five' } };
    // @ts-expect-error there is no such flag
    const unknown: Options<ShopFlags> = { ...offline, defaults: { limits: 5 } };
    expectTypeOf([wrong, unknown]).toEqualTypeOf<Options<ShopFlags>[]>();
  });

  it('are known to the application-wide client', async () => {
    const client = setConfig<ShopFlags>(offline);
    expectTypeOf(client).toEqualTypeOf<FBClient<ShopFlags>>();
    expectTypeOf(get<ShopFlags>().variation('limit', ADA, 1)).toEqualTypeOf<number>();
    // @ts-expect-error there is no such flag
    get<ShopFlags>().variation('limits', ADA, 1);
    expectTypeOf(get().variation('anything', ADA, 1)).toEqualTypeOf<number>();
    await client.close();
  });
});

describe('described flags of every shape', () => {
  interface Shapes {
    config: { a: number; tags?: string[] };
    mode: 'light' | 'dark';
    step: 1 | 2;
    limit?: number;
    on?: boolean;
    banner: { text: string } | null;
    free: unknown;
    json: JsonValue;
  }
  const shapes = new FBClient<Shapes>(offline);

  it('keep their literals where a type is named', () => {
    expectTypeOf(shapes.stringVariation('mode', ADA, 'light')).toEqualTypeOf<'light' | 'dark'>();
    expectTypeOf(shapes.stringVariationDetail('mode', ADA, 'light')).toEqualTypeOf<EvalDetail<'light' | 'dark'>>();
    expectTypeOf(shapes.numberVariation('step', ADA, 1)).toEqualTypeOf<1 | 2>();
    // @ts-expect-error no variation is purple
    shapes.stringVariation('mode', ADA, 'purple');
    // @ts-expect-error no variation is purple
    shapes.stringVariationDetail('mode', ADA, 'purple');
    // @ts-expect-error no variation is 3
    shapes.numberVariation('step', ADA, 3);
  });

  it('can be what their type falls back to, where no default is given', () => {
    expectTypeOf(shapes.stringVariation('mode', ADA)).toEqualTypeOf<'light' | 'dark' | ''>();
    expectTypeOf(shapes.numberVariationDetail('step', ADA)).toEqualTypeOf<EvalDetail<0 | 1 | 2>>();
    expectTypeOf(shapes.numberVariation('limit', ADA)).toEqualTypeOf<number>();
    expectTypeOf(shapes.jsonVariation('banner', ADA)).toEqualTypeOf<{ readonly text: string } | null>();
    const maybe: 'light' | undefined = shapes.initialized ? 'light' : undefined;
    // @ts-expect-error it would be '' then
    shapes.stringVariation('mode', ADA, maybe);
    const count: number | undefined = shapes.initialized ? 5 : undefined;
    expectTypeOf(shapes.numberVariation('limit', ADA, count)).toEqualTypeOf<number>();
  });

  it('have JSON of their shape', () => {
    expectTypeOf(shapes.jsonVariation('config', ADA, { a: 1 })).toEqualTypeOf<{
      readonly a: number;
      readonly tags?: readonly string[];
    }>();
    expectTypeOf(shapes.jsonVariation('mode', ADA, 'dark')).toEqualTypeOf<'light' | 'dark'>();
    expectTypeOf(shapes.jsonVariationDetail('limit', ADA)).toEqualTypeOf<EvalDetail<number | null>>();
    // @ts-expect-error a config has an a
    shapes.jsonVariation('config', ADA, { b: 'wrong' });
    // @ts-expect-error a config has an a
    shapes.jsonVariationDetail('config', ADA, { b: 'wrong' });
    // @ts-expect-error it is never null
    shapes.jsonVariation('config', ADA, null);
  });

  it('may be optional', () => {
    expectTypeOf(shapes.numberVariation('limit', ADA, 5)).toEqualTypeOf<number>();
    expectTypeOf(shapes.boolVariation('on', ADA)).toEqualTypeOf<boolean>();
    expectTypeOf(shapes.variation('limit', ADA, 5)).toEqualTypeOf<number>();
    expectTypeOf(shapes.variation('limit', ADA)).toEqualTypeOf<number | undefined>();
    // @ts-expect-error it is a number flag
    shapes.stringVariation('limit', ADA);
    // @ts-expect-error an optional flag has a default all the same
    shapes.variation('limit', ADA, undefined);
  });

  it('may be unknown, null or any JSON', () => {
    expectTypeOf(shapes.variation('free', ADA)).toEqualTypeOf<unknown>();
    expectTypeOf(shapes.variation('free', ADA, 5)).toEqualTypeOf<unknown>();
    expectTypeOf(shapes.variation('banner', ADA, null)).toEqualTypeOf<{ readonly text: string } | null>();
    const json: JsonValue | undefined = shapes.variation('json', ADA);
    const served: JsonValue = shapes.variation('json', ADA, [{ deep: [json ?? null] }]);
    expectTypeOf(served).toEqualTypeOf<JsonValue>();
  });

  it('are known to listeners', () => {
    const { flagTracker } = shapes;
    flagTracker.addFlagValueChangedListener('config', ADA, (key, previous, current) => {
      expectTypeOf(key).toEqualTypeOf<'config'>();
      expectTypeOf(previous?.a).toEqualTypeOf<number | undefined>();
      expectTypeOf(current?.tags).toEqualTypeOf<readonly string[] | undefined>();
    });
    flagTracker.addFlagValueMaybeChangedListener('mode', ADA, (_key, value) => {
      expectTypeOf(value).toEqualTypeOf<'light' | 'dark' | undefined>();
    });
    flagTracker.addFlagValueChangedListener('mode', ADA, (key: string, _previous: unknown, current: unknown) => {
      expectTypeOf([key, current]).toEqualTypeOf<unknown[]>();
    });
    // @ts-expect-error there is no such flag
    flagTracker.addFlagValueChangedListener('moed', ADA, () => undefined);
    // @ts-expect-error there is no such flag
    flagTracker.addFlagValueMaybeChangedListener('moed', ADA, () => undefined);
    // The environment may hold more flags than are described.
    flagTracker.addFlagChangedListener(({ flagKey }) => expectTypeOf(flagKey).toEqualTypeOf<string>());
  });

  it('are not all that the server may be asked for', () => {
    expectTypeOf(shapes.isFlagKnown).parameter(0).toEqualTypeOf<string>();
  });
});

describe('what is served', () => {
  interface Lists {
    list: string[];
    nested: { rows: { cells: number[] }[]; pair: [string, number[]]; either: string[] | boolean };
    frozen: { readonly rows: readonly { readonly cells: readonly number[] }[] };
  }
  const lists = new FBClient<Lists>(offline);

  it('is frozen, so it is read-only to its depth', () => {
    const list = any.variation('list', ADA, ['z']);
    const object = any.jsonVariation('object', ADA, { deep: { list: ['z'] } });
    const changes = [
      // @ts-expect-error it would throw once the flag is served
      () => list.push('b'),
      // @ts-expect-error it would throw once the flag is served
      () => object.deep.list.push('b'),
      // @ts-expect-error it would throw once the flag is served
      () => delete object.deep,
    ];
    expectTypeOf(changes).toBeArray();
    expectTypeOf(lists.variation('list', ADA, ['z'])).toEqualTypeOf<readonly string[]>();
    expectTypeOf(lists.variation('list', ADA)).toEqualTypeOf<readonly string[] | undefined>();
    expectTypeOf(lists.jsonVariationDetail('list', ADA, ['z'])).toEqualTypeOf<EvalDetail<readonly string[]>>();
    const all = lists.getAllLatestFlagVariations(ADA);
    expectTypeOf(all.getVariation('list', [])).toEqualTypeOf<readonly string[]>();
  });

  it('keeps its shape: lists of objects, tuples, unions', () => {
    const nested = lists.variation('nested', ADA, { rows: [], pair: ['', []], either: true });
    expectTypeOf(nested.rows).toEqualTypeOf<readonly { readonly cells: readonly number[] }[]>();
    expectTypeOf(nested.pair).toEqualTypeOf<readonly [string, readonly number[]]>();
    expectTypeOf(nested.either).toEqualTypeOf<readonly string[] | boolean>();
  });

  it('is of the described type where that is read-only, and may be the default of another call', () => {
    const frozen: Lists['frozen'] = lists.variation('frozen', ADA, { rows: [] });
    expectTypeOf(lists.variation('frozen', ADA, frozen)).toEqualTypeOf<Lists['frozen']>();
    const list = lists.variation('list', ADA, lists.variation('list', ADA, []));
    expectTypeOf(list).toEqualTypeOf<readonly string[]>();
    const named: DeepReadonly<Lists['nested']> | undefined = lists.variation('nested', ADA);
    expectTypeOf(named).toEqualTypeOf<DeepReadonly<Lists['nested']> | undefined>();
  });
});

describe('flags that are not described', () => {
  it('have the type of the default, widened', () => {
    expectTypeOf(any.variation('flag', ADA, true)).toEqualTypeOf<boolean>();
    expectTypeOf(any.variation('flag', ADA, 'a')).toEqualTypeOf<string>();
    expectTypeOf(any.variation('flag', ADA, 5)).toEqualTypeOf<number>();
    expectTypeOf(any.variation('flag', ADA, 'a' as const)).toEqualTypeOf<string>();
    expectTypeOf(any.variation('flag', ADA, { a: 1 })).toEqualTypeOf<{ readonly a: number }>();
    expectTypeOf(any.variation('flag', ADA, ['a'])).toEqualTypeOf<readonly string[]>();
    expectTypeOf(any.variationDetail('flag', ADA, false)).toEqualTypeOf<EvalDetail<boolean>>();
    expectTypeOf(any.getAllLatestFlagVariations(ADA).getVariation('flag', 0)).toEqualTypeOf<number>();
  });

  it('are any JSON where the default is null, which asks for the flag’s own type', () => {
    expectTypeOf(any.variation('flag', ADA, null)).toEqualTypeOf<JsonValue>();
    expectTypeOf(any.jsonVariation('flag', ADA, null)).toEqualTypeOf<JsonValue>();
    expectTypeOf(any.jsonVariation('flag', ADA)).toEqualTypeOf<JsonValue>();
    expectTypeOf(any.jsonVariation('flag', ADA, { a: [1] })).toEqualTypeOf<{ readonly a: readonly number[] }>();
    expectTypeOf(any.jsonVariation('flag', ADA, undefined)).toEqualTypeOf<JsonValue>();
    expectTypeOf(any.jsonVariation('flag', ADA, JSON.parse('{}') as unknown)).toEqualTypeOf<unknown>();
  });

  it('are any JSON or nothing without a default', () => {
    expectTypeOf(any.variation('flag', ADA)).toEqualTypeOf<JsonValue | undefined>();
  });

  it('have keys of every kind, which are texts', () => {
    any.variation('whatever', ADA, '');
    // @ts-expect-error a key is a text
    any.variation(5, ADA, '');
    // @ts-expect-error no flag has values of this kind
    any.variation('flag', ADA, Symbol('x'));
  });
});

describe('a user', () => {
  interface Account {
    key: string;
    country: string;
    age: number;
    member: boolean;
    team?: string;
    readonly plan: string | null;
  }
  type Visitor = { key: string; name: string; country: 'NL' | 'BE' };
  class Person {
    readonly key = 'ada';
    readonly name: string | undefined = undefined;
    readonly age = 36;
  }

  it('may be a literal, an interface, a type alias or a class, with attributes of its own', () => {
    const account: Account = { key: 'ada', country: 'NL', age: 36, member: true, plan: null };
    const visitor: Visitor = { key: 'ada', name: 'Ada', country: 'NL' };
    const named: FBUser = { key: 'ada', name: 'Ada', anything: 'goes' };
    any.variation('flag', { key: 'ada', country: 'NL', age: 36, member: true, none: undefined }, '');
    any.variation('flag', account, '');
    any.variation('flag', visitor, '');
    any.variation('flag', new Person(), '');
    any.variation('flag', named, '');
    any.boolVariation('flag', account);
    any.getAllLatestFlagVariations(account);
    any.trackMetric(account, 'paid', 5);
    any.trackMetrics(visitor, { paid: 5 });
    any.identify(new Person());
    any.flagTracker.addFlagValueChangedListener('flag', account, () => undefined);
  });

  it('has a key that is a text', () => {
    // @ts-expect-error a user has a key
    any.variation('flag', { name: 'Ada' }, '');
    // @ts-expect-error a key is a text
    any.variation('flag', { key: 5 }, '');
    // @ts-expect-error a name is a text
    any.variation('flag', { key: 'ada', name: 5 }, '');
    // @ts-expect-error a user is an object
    any.variation('flag', 'ada', '');
    // @ts-expect-error a user is an object
    any.identify(undefined);
  });

  it('has attributes that can be compared: nothing nested', () => {
    // @ts-expect-error an object is no attribute
    any.variation('flag', { key: 'ada', address: { city: 'Delft' } }, '');
    // @ts-expect-error a list is no attribute
    any.trackMetric({ key: 'ada', roles: ['admin'] }, 'paid');
    // @ts-expect-error a date is no attribute
    any.getAllLatestFlagVariations({ key: 'ada', since: new Date(0) });
    const nested: { key: string; address: { city: string } } = { key: 'ada', address: { city: 'Delft' } };
    // @ts-expect-error nor is it in a variable
    any.identify(nested);
  });
});

describe('the rest of the API', () => {
  it('says how waits end', () => {
    expectTypeOf(any.waitForInitialization(5)).toEqualTypeOf<Promise<InitializationResult>>();
    expectTypeOf(any.updateStatusProvider.waitForOKState()).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf<InitializationResult>().toEqualTypeOf<'ready' | 'timeout' | 'failed' | 'closed'>();
    expectTypeOf<Status>().toEqualTypeOf<'NotReady' | 'Ready' | 'Stale' | 'Closed'>();
    const waits: Wait[] = [5, {}, { timeout: 5 }, { signal: AbortSignal.timeout(5) }];
    for (const wait of waits) void any.flushAndWait(wait);
  });

  it('makes a client or an error, never both', () => {
    const { client, error } = FBClient.create<ShopFlags>(offline);
    if (error === undefined) expectTypeOf(client).toEqualTypeOf<FBClient<ShopFlags>>();
    else expectTypeOf(error).toEqualTypeOf<InvalidConfigError>();
  });

  it('takes the console and other loggers, and sources whose close may take time', () => {
    const loggers: Logger[] = [console, { debug: () => 1, info: () => 1, warn: () => 1, error: async () => undefined }];
    const sources: DataSource[] = [
      { start: () => undefined, close: () => undefined },
      { start: (sink) => void sink.accept('{}').then((committed: boolean) => committed), close: async () => undefined },
    ];
    expectTypeOf<NonNullable<Options['logger']>>().toEqualTypeOf<(typeof loggers)[number]>();
    expectTypeOf<NonNullable<Options['dataSource']>>().toEqualTypeOf<(typeof sources)[number]>();
  });

  it('refuses options that are misspelt or of another type', () => {
    // @ts-expect-error it is streamingUrl
    const misspelt: Options = { envSecret: 'x', streamingURL: 'ws://featbit.test' };
    // @ts-expect-error it is milliseconds
    const wrong: Options = { startWait: '5s' };
    expectTypeOf([misspelt, wrong]).toEqualTypeOf<Options[]>();
  });

  it('gives listeners what they are called with', () => {
    any.flagTracker.addFlagChangedListener((change) => expectTypeOf(change.flagKey).toEqualTypeOf<string>());
    const stop = any.flagTracker.addFlagValueChangedListener('flag', ADA, (_key, previous) => {
      expectTypeOf(previous).toEqualTypeOf<JsonValue | undefined>();
    });
    expectTypeOf(stop).toEqualTypeOf<() => void>();
    any.updateStatusProvider.addListener(({ status }) => expectTypeOf(status).toEqualTypeOf<Status>())();
  });
});
