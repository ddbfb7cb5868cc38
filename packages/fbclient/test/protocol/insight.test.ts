import { describe, expect, it } from 'vitest';
import { encodeInsight, type InsightEvent, sizeOf } from '../../src/protocol/insight.js';
import { RecordedUser, snapshotOf } from '../../src/users/recorded-user.js';
import type { User } from '../../src/users/user.js';
import { SHIFTY_USERS, THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';

const NOW = 1_767_225_600_123;
const NONE: ReadonlySet<string> = new Set();
const ADA = new RecordedUser({ key: 'ada' });

function evaluation(attributes: User): InsightEvent {
  const user = new RecordedUser(attributes);
  const variation = { id: 'v-1', value: 'on' };
  return { kind: 'evaluation', user, timestamp: NOW, flagKey: 'checkout', variation, sendToExperiment: true };
}

function sent(event: InsightEvent, privateAttributes = NONE): unknown {
  return JSON.parse(encodeInsight(event, privateAttributes));
}

describe('an event on the wire', () => {
  it('of an evaluation', () => {
    expect(sent(evaluation({ key: 'ada', name: 'Ada' }))).toEqual({
      user: { keyId: 'ada', name: 'Ada', customizedProperties: [] },
      variations: [
        { featureFlagKey: 'checkout', variation: { id: 'v-1', value: 'on' }, timestamp: NOW, sendToExperiment: true },
      ],
    });
  });

  it('of a metric', () => {
    const event: InsightEvent = { kind: 'metric', user: ADA, timestamp: NOW, eventName: 'paid', value: 1.5 };
    expect(sent(event)).toEqual({
      user: { keyId: 'ada', name: '', customizedProperties: [] },
      metrics: [
        {
          appType: 'fbclient',
          route: 'index/metric',
          type: 'CustomEvent',
          eventName: 'paid',
          numericValue: 1.5,
          timestamp: NOW,
        },
      ],
    });
  });

  it('of a user', () => {
    expect(sent({ kind: 'identify', user: ADA, timestamp: NOW })).toEqual({
      user: { keyId: 'ada', name: '', customizedProperties: [] },
    });
  });

  it.each([0, -0, -1, 1e21, 1e-7, Number.MAX_VALUE, Number.MIN_VALUE])('carries the metric value %s', (value) => {
    const event: InsightEvent = { kind: 'metric', user: ADA, timestamp: NOW, eventName: 'paid', value };
    const read = sent(event) as { metrics: { numericValue: number }[] };
    expect(read.metrics[0]?.numericValue).toBe(value === 0 ? 0 : value);
  });
});

describe('the user on the wire', () => {
  function properties(attributes: Record<string, unknown>, privateAttributes = NONE): unknown {
    const { user } = sent(evaluation({ key: 'ada', ...attributes }), privateAttributes) as {
      user: { customizedProperties: unknown };
    };
    return user.customizedProperties;
  }

  it('has its attributes as texts, in their order', () => {
    expect(properties({ country: 'NL', age: 36, id: 10n, member: false, empty: '', nan: Number.NaN })).toEqual([
      { name: 'country', value: 'NL' },
      { name: 'age', value: '36' },
      { name: 'id', value: '10' },
      { name: 'member', value: 'false' },
      { name: 'empty', value: '' },
      { name: 'nan', value: 'NaN' },
    ]);
  });

  it('lacks what is no attribute', () => {
    expect(properties({ a: undefined, b: null, c: {}, d: ['x'], e: () => 1, f: Symbol('x'), g: new Date(0) })).toEqual(
      [],
    );
  });

  it('has attributes of every name', () => {
    const attributes = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c","keyId":"d"}');
    expect(properties(attributes)).toEqual([
      { name: '__proto__', value: 'a' },
      { name: 'constructor', value: 'b' },
      { name: 'toString', value: 'c' },
      { name: 'keyId', value: 'd' },
    ]);
  });

  it.each(['quote " and \\', 'line\nbreak', '\u0000\u001f\u007f', '\u2028\u2029', '日本語', '👩‍👩‍👧', '</script>'])(
    'survives the text %j everywhere',
    (text) => {
      const event: InsightEvent = {
        kind: 'evaluation',
        user: new RecordedUser({ key: text, name: text, [text]: text }),
        timestamp: NOW,
        flagKey: text,
        variation: { id: text, value: text },
        sendToExperiment: false,
      };
      expect(sent(event)).toEqual({
        user: { keyId: text, name: text, customizedProperties: [{ name: text, value: text }] },
        variations: [
          { featureFlagKey: text, variation: { id: text, value: text }, timestamp: NOW, sendToExperiment: false },
        ],
      });
    },
  );

  it('has U+FFFD for half of a surrogate pair, which FeatBit’s server takes for damage', () => {
    const text = encodeInsight(evaluation({ key: 'a\ud800', name: '\udfff', '\ud83d': '🚩' }), NONE);
    expect(JSON.parse(text)).toMatchObject({
      user: { keyId: 'a\ufffd', name: '\ufffd', customizedProperties: [{ name: '\ufffd', value: '🚩' }] },
    });
    expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
  });

  it('keeps private attributes back', () => {
    const privateAttributes = new Set(['email', 'name', '__proto__']);
    const user = JSON.parse('{"key":"ada","name":"MARKED","email":"MARKED","__proto__":"MARKED","country":"NL"}');
    const text = encodeInsight(evaluation(user), privateAttributes);
    expect(text).not.toContain('MARKED');
    expect(JSON.parse(text)).toMatchObject({
      user: { keyId: 'ada', name: '', customizedProperties: [{ name: 'country', value: 'NL' }] },
    });
  });
});

describe('a snapshot of a user', () => {
  it('does not follow later changes', () => {
    const user = { key: 'ada', country: 'NL' };
    const snapshot = snapshotOf(user);
    user.country = 'BE';
    user.key = 'bob';
    expect(snapshot).toEqual({ key: 'ada', country: 'NL' });
  });

  it('has its own properties only, whatever they are called', () => {
    const user: object = JSON.parse('{"key":"ada","__proto__":"given"}');
    const snapshot = snapshotOf(Object.setPrototypeOf(user, { inherited: 'x' }));
    expect(JSON.stringify(snapshot)).toBe('{"key":"ada","__proto__":"given"}');
    expect(Object.getPrototypeOf(snapshot)).toBe(Object.prototype);
  });

  it.each(UNUSABLE_USERS)('of what is no user does not exist: %s', (_name, user) => {
    expect(snapshotOf(user)).toBeUndefined();
  });

  it.each(THROWING_USERS)('of what throws does not exist: %s', (_name, user) => {
    expect(snapshotOf(user)).toBeUndefined();
  });

  it.each(SHIFTY_USERS)('is a user or does not exist: %s', (_name, user) => {
    const snapshot = snapshotOf(user());
    if (snapshot !== undefined) expect(snapshot.key).toBe('ada');
  });
});

describe('the size of an event', () => {
  it('grows with everything that the application brings', () => {
    const long = 'x'.repeat(10_000);
    const base = sizeOf(evaluation({ key: 'ada' }));
    expect(sizeOf(evaluation({ key: long }))).toBeGreaterThan(base + 9_000);
    expect(sizeOf(evaluation({ key: 'ada', note: long }))).toBeGreaterThan(base + 9_000);
    expect(sizeOf(evaluation({ key: 'ada', [long]: 1 }))).toBeGreaterThan(base + 9_000);
    const metric: InsightEvent = { kind: 'metric', user: ADA, timestamp: NOW, eventName: long, value: 1 };
    expect(sizeOf(metric)).toBeGreaterThan(10_000);
  });

  it('is not far from what is sent', () => {
    const event = evaluation({ key: 'ada', name: 'Ada', country: 'NL', age: 36 });
    const length = encodeInsight(event, NONE).length;
    expect(sizeOf(event)).toBeGreaterThan(length / 2);
    expect(sizeOf(event)).toBeLessThan(length * 2);
  });
});
