import { beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { FBClient, get, setConfig } from '../src/index.js';
import { TestFlags } from '../src/testing.js';
import { offlineClient } from './support/clients.js';
import { wireFlag } from './support/wire.js';

interface Flags {
  checkout: boolean;
  theme: 'light' | 'dark';
  limit?: number;
  banner: { text: string; pages: string[] } | null;
}

const ADA = { key: 'ada' };
const BOB = { key: 'bob' };

let client: FBClient<Flags>;
let flags: TestFlags<Flags>;

beforeEach(() => {
  client = new FBClient<Flags>({ offline: true });
  flags = new TestFlags(client, { checkout: true, theme: 'dark' });
});

describe('the flags of a test', () => {
  it('are served at once, to everybody; the others have their defaults', () => {
    expect(client.variation('checkout', ADA, false)).toBe(true);
    expect(client.stringVariation('theme', BOB)).toBe('dark');
    expect(client.variation('limit', ADA, 25)).toBe(25);
    expect([client.status, client.isFlagKnown('limit')]).toEqual(['Ready', false]);
  });

  it('change at once, those that are named', () => {
    void flags.set({ checkout: false, limit: 50 });
    expect(client.variation('checkout', ADA, true)).toBe(false);
    expect(client.variation('limit', ADA, 25)).toBe(50);
    expect(client.variation('theme', ADA, 'light')).toBe('dark');
  });

  it.each<[string, string | number | boolean | object | null]>([
    ['a text', 'abc'],
    ['an empty text', ''],
    ['a text that looks like a number', '1'],
    ['a number', -1.5],
    ['a very large number', 1e300],
    ['a boolean', false],
    ['null', null],
    ['an object', { text: 'Hello', pages: ['home'] }],
    ['a list', [1, 'two', null, [true]]],
  ])('can be %s', (_name, value) => {
    const any = new FBClient({ offline: true });
    new TestFlags(any, { flag: value });
    expect(any.variation('flag', ADA)).toEqual(value);
    const { value: own, reason } = any.variationDetail('flag', ADA, value);
    expect([own, reason]).toEqual([value, 'Fallthrough']);
  });

  it('can be others for some users', () => {
    void flags.setFor('ada', { checkout: false, theme: 'light' });
    void flags.setFor('bob', { checkout: true });
    void flags.setFor('bob', { checkout: false });
    expect(client.variationDetail('theme', ADA, 'dark')).toMatchObject({ value: 'light', reason: 'TargetMatch' });
    const values = [ADA, BOB, { key: 'cleo' }].map((user) => client.variation('checkout', user));
    expect(values).toEqual([false, false, true]);
    expect(client.variation('theme', BOB, 'light')).toBe('dark');
  });

  it('are of everybody again when they are set', () => {
    void flags.setFor('ada', { checkout: false, theme: 'light' });
    void flags.set({ theme: 'dark' });
    expect([client.variation('theme', ADA), client.variation('checkout', ADA)]).toEqual(['dark', false]);
  });

  it('can be removed, and set again', () => {
    void flags.remove('checkout', 'limit');
    expect(client.variationDetail('checkout', ADA, false)).toMatchObject({ value: false, reason: 'Error' });
    expect(client.variation('theme', ADA)).toBe('dark');
    void flags.set({ checkout: true });
    expect(client.variation('checkout', ADA)).toBe(true);
  });

  it('take the place of those of a bootstrap, however new these are', () => {
    const real = offlineClient([
      wireFlag('replaced', 'real', { updatedAt: '2999-12-31T23:59:59.999Z' }),
      wireFlag('removed', 'real', { updatedAt: '2999-12-31T23:59:59.999Z' }),
      wireFlag('kept', 'real'),
    ]);
    const overrides = new TestFlags(real, { replaced: 'mine' });
    void overrides.remove('removed');
    const values = ['replaced', 'removed', 'kept'].map((key) => real.variation(key, ADA, 'default'));
    expect(values).toEqual(['mine', 'default', 'real']);
    new TestFlags(real, { replaced: 'of another' });
    expect(real.variation('replaced', ADA, '')).toBe('of another');
  });

  it('are those of the application-wide client as well', async () => {
    new TestFlags(setConfig<Flags>({ offline: true }), { limit: 7 });
    expect(get<Flags>().numberVariation('limit', ADA)).toBe(7);
    await get().close();
  });

  it('may have names that objects have by themselves', () => {
    const any = new FBClient({ offline: true });
    const odd = new TestFlags(any, JSON.parse('{ "__proto__": "a", "constructor": "b" }'));
    void odd.setFor('__proto__', { constructor: 'c' });
    expect(any.variation('__proto__', ADA, '')).toBe('a');
    expect([any.variation('constructor', ADA, ''), any.variation('constructor', { key: '__proto__' }, '')]).toEqual([
      'b',
      'c',
    ]);
  });

  it('are copied: a value that changes later is as it was', () => {
    const banner = { text: 'Hello', pages: ['home'] };
    void flags.set({ banner });
    banner.pages.push('cart');
    expect(client.variation('banner', ADA, null)).toEqual({ text: 'Hello', pages: ['home'] });
  });
});

describe('listeners', () => {
  it('have been called when the change is awaited', async () => {
    const told: unknown[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => told.push(flagKey));
    client.flagTracker.addFlagValueChangedListener('theme', ADA, (key, previous, now) => {
      told.push([key, previous, now]);
    });
    const changed = flags.set({ limit: 1, theme: 'light' });
    expect(told).toEqual([]);
    await changed;
    expect(told).toEqual(['limit', 'theme', ['theme', 'dark', 'light']]);
    await flags.setFor('bob', { theme: 'dark' });
    expect(told.slice(3)).toEqual(['theme']);
    await flags.remove('theme', 'limit', 'theme');
    expect(told.slice(4)).toEqual(['theme', ['theme', 'light', undefined], 'limit']);
  });

  it('that take long are waited for', async () => {
    const told: number[] = [];
    for (const n of [1, 2, 3]) {
      client.flagTracker.addFlagValueChangedListener('theme', ADA, () => {
        const end = performance.now() + 10;
        while (performance.now() < end);
        told.push(n);
      });
    }
    await flags.set({ limit: 1, theme: 'light' });
    expect(told).toEqual([1, 2, 3]);
  });

  it('are not called when nothing is changed, which is no reason to wait', async () => {
    const listener = vi.fn();
    client.flagTracker.addFlagChangedListener(listener);
    await flags.set({});
    await flags.remove();
    await flags.remove('limit');
    expect(listener).not.toHaveBeenCalled();
  });

  it('are left alone: none of ours stays', async () => {
    await flags.set({ theme: 'light' });
    await flags.set({ theme: 'light' });
    expect(client.diagnostics().pendingNotifications).toBe(0);
    void flags.set({ theme: 'dark' });
    expect(client.diagnostics().pendingNotifications).toBe(1);
  });

  it('need no clock: they are called while a test holds the time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance'] });
    try {
      const listener = vi.fn();
      client.flagTracker.addFlagValueChangedListener('theme', ADA, listener);
      await flags.set({ theme: 'light' });
      expect(listener).toHaveBeenCalledOnce();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what cannot be done fails the test that does it', () => {
  const any = new FBClient({ offline: true });
  const loose = new TestFlags(any, { known: 1 });
  const circular: { self?: unknown } = {};
  circular.self = circular;

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['no number', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['circular', circular],
    ['an object whose JSON is nothing', { toJSON: () => undefined }],
  ])('a value that is %s', (_name, value) => {
    const values = { known: 2, flag: value as string };
    const message = 'the flag "flag" cannot have this value: it must be a text, a finite number, a boolean or JSON';
    expect(() => loose.set(values)).toThrow(new TypeError(message));
    expect(any.variation('known', ADA)).toBe(1);
  });

  it('values for a user of a flag that nobody else has', () => {
    const message = 'the flag "other" has no value for everybody: give it one with set() before setFor()';
    expect(() => loose.setFor('ada', { known: 2, other: 2 })).toThrow(new TypeError(message));
    expect(any.variation('known', ADA)).toBe(1);
  });

  it.each(['', '  '])('a key that no flag can have: "%s"', (key) => {
    expect(() => loose.set({ [key]: 1 })).toThrow(new TypeError('a flag key must not be blank'));
  });

  it.each(['', '  '])('a key that no user can have: "%s"', (key) => {
    expect(() => loose.setFor(key, { known: 2 })).toThrow(new TypeError('a user key must not be blank'));
  });

  it('flags for a client that has a server', async () => {
    const source = { start: () => undefined, close: () => undefined };
    const online = new FBClient({ dataSource: source, disableEvents: true });
    const message = 'TestFlags needs a client that is offline and not closed: new FBClient({ offline: true })';
    expect(() => new TestFlags(online, { a: 1 })).toThrow(new TypeError(message));
    expect(() => new TestFlags(online)).toThrow(TypeError);
    await online.close();
    const closed = new FBClient({ offline: true });
    const late = new TestFlags(closed);
    await closed.close();
    expect(() => late.set({ a: 1 })).toThrow(new TypeError(message));
  });
});

it('are of the described types', () => {
  expectTypeOf(new TestFlags(client)).toEqualTypeOf<TestFlags<Flags>>();
  const misuse = (): unknown => [
    // @ts-expect-error there is no such flag
    flags.set({ tehme: 'light' }),
    // @ts-expect-error no variation is purple
    flags.set({ theme: 'purple' }),
    // @ts-expect-error a limit is a number
    flags.setFor('ada', { limit: '5' }),
    // @ts-expect-error there is no such flag
    flags.remove('tehme'),
    // @ts-expect-error there is no such flag
    new TestFlags(client, { tehme: 'light' }),
  ];
  expectTypeOf(misuse).toBeFunction();
});
