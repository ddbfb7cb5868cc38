import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordedUsers } from '../../src/events/recorded-users.js';
import { encodeInsight } from '../../src/protocol/insight.js';
import type { RecordedUser } from '../../src/users/recorded-user.js';
import { must } from '../support/must.js';
import { SHIFTY_USERS, THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';
import { check } from '../support/property.js';

const NONE: ReadonlySet<string> = new Set();

function record(users: RecordedUsers, user: unknown): RecordedUser {
  return must(users.record(user));
}

function json(users: RecordedUsers, user: unknown): unknown {
  const { user: sent } = JSON.parse(
    encodeInsight({ kind: 'identify', user: record(users, user), timestamp: 0 }, NONE),
  ) as { user: unknown };
  return sent;
}

/** Users that are alike but for one thing. */
const USERS: readonly (readonly [string, object])[] = [
  ['a user', { key: 'ada', plan: 'pro', age: 36 }],
  ['another value', { key: 'ada', plan: 'pro', age: 37 }],
  ['a value of another type', { key: 'ada', plan: 'pro', age: '36' }],
  ['an attribute more', { key: 'ada', plan: 'pro', age: 36, beta: true }],
  ['an attribute less', { key: 'ada', plan: 'pro' }],
  ['another attribute', { key: 'ada', plan: 'pro', years: 36 }],
  ['another that is undefined', { key: 'ada', plan: 'pro', years: undefined }],
  ['a name that every object has', { key: 'ada', plan: 'pro', toString: Object.prototype.toString }],
  ['an attribute that is inherited', Object.assign(Object.create({ age: 36 }), { key: 'ada', plan: 'pro' })],
  ['another key', { key: 'bob', plan: 'pro', age: 36 }],
];

describe('the users of events', () => {
  it('are one as long as they do not change', () => {
    const users = new RecordedUsers();
    const user: Record<string, unknown> = { key: 'ada', plan: 'pro' };
    const first = users.record(user);
    expect(users.record(user)).toBe(first);
    expect(users.record({ key: 'ada', plan: 'pro' })).toBe(first);
    user.plan = 'free';
    expect(users.record(user)).not.toBe(first);
    expect(json(users, user)).toMatchObject({ customizedProperties: [{ name: 'plan', value: 'free' }] });
    expect(first?.attributes).toEqual({ key: 'ada', plan: 'pro' });
  });

  it.each(USERS.flatMap(([before, a]) => USERS.filter(([, b]) => b !== a).map(([after, b]) => [before, after, a, b])))(
    'are told apart: %s, %s',
    (_before, _after, a, b) => {
      const users = new RecordedUsers();
      users.record(a);
      expect(json(users, b)).toEqual(json(new RecordedUsers(), b));
    },
  );

  it('are what they would be if none was remembered', async () => {
    const value = fc.oneof(fc.constantFrom('x', 'y', '1', '', 1, 0, true, undefined, null), fc.constant(Number.NaN));
    const names = fc.constantFrom('a', 'b', 'name', 'toString', '__proto__', '1');
    const user = fc.tuple(fc.constantFrom('ada', 'bob'), fc.array(fc.tuple(names, value), { maxLength: 4 }));
    await check(
      fc.property(fc.array(user, { maxLength: 20 }), (all) => {
        const users = new RecordedUsers();
        for (const [key, attributes] of all) {
          const given = Object.fromEntries([['key', key], ...attributes]);
          expect(json(users, given)).toEqual(json(new RecordedUsers(), given));
        }
      }),
      500,
    );
  });

  it('are forgotten when asked, and when they are many', () => {
    const users = new RecordedUsers();
    const first = users.record({ key: 'ada' });
    users.forget();
    const second = users.record({ key: 'ada' });
    expect(second).not.toBe(first);
    for (let user = 0; user < 6; user++) users.record({ key: `${user}`, note: 'x'.repeat(200_000) });
    expect(users.record({ key: 'ada' })).not.toBe(second);
  });

  it.each(UNUSABLE_USERS)('are not there without a user: %s', (_name, user) => {
    expect(new RecordedUsers().record(user)).toBeUndefined();
  });

  it.each(THROWING_USERS)('are not there when it throws, even if one of its key is remembered: %s', (_name, user) => {
    const users = new RecordedUsers();
    users.record({ key: 'ada', country: 'NL' });
    expect(users.record(user)).toBeUndefined();
  });

  it.each(SHIFTY_USERS)('are users or not there: %s', (_name, user) => {
    const users = new RecordedUsers();
    users.record({ key: 'ada' });
    const recorded = users.record(user());
    if (recorded !== undefined) expect(recorded.attributes.key).toBe('ada');
  });
});
