import { describe, expect, it } from 'vitest';
import { LatestUsers } from '../../src/evaluation/latest-users.js';
import { FakeClock } from '../support/fake-clock.js';

const reported = (keyId: unknown, ...customizedProperties: unknown[]) => ({ user: { keyId, customizedProperties } });
const keysOf = (users: LatestUsers, environment = 'e') => users.of(environment).map(({ user }) => user.key);

describe('the users seen lately', () => {
  it('are those that SDKs have reported, as applications pass them, the latest first', () => {
    const clock = new FakeClock();
    const users = new LatestUsers(clock);
    users.note('e', [
      { user: { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NZ' }] } },
    ]);
    clock.time += 1_000;
    users.note('e', [reported('grace')]);
    expect(users.of('e')).toEqual([
      { user: { key: 'grace', name: undefined }, seenAt: clock.time },
      { user: { key: 'ada', name: 'Ada', country: 'NZ' }, seenAt: clock.time - 1_000 },
    ]);
  });

  it('stand there once, as they were the last time', () => {
    const users = new LatestUsers(new FakeClock());
    users.note('e', [reported('ada', { name: 'plan', value: 'free' }), reported('grace')]);
    users.note('e', [reported('ada', { name: 'plan', value: 'pro' })]);
    expect(users.of('e').map(({ user }) => [user.key, user.plan])).toEqual([
      ['ada', 'pro'],
      ['grace', undefined],
    ]);
  });

  it('are at most a hundred of an environment, of at most fifty environments', () => {
    const users = new LatestUsers(new FakeClock());
    for (let index = 0; index < 250; index++) users.note('e', [reported(`user-${index}`)]);
    expect(keysOf(users)).toHaveLength(100);
    expect(keysOf(users)[0]).toBe('user-249');
    for (let index = 0; index < 50; index++) users.note(`other-${index}`, [reported('ada')]);
    expect(keysOf(users)).toEqual([]);
    expect(keysOf(users, 'other-0')).toEqual(['ada']);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['no object', 'ada'],
    ['no user', {}],
    ['a user of no key', reported(undefined)],
    ['a user of a blank key', reported(' ')],
    ['a user that is too large', reported('ada', { name: 'a', value: 'x'.repeat(10_000) })],
  ])('do not have %s', (_name, item) => {
    const users = new LatestUsers(new FakeClock());
    users.note('e', [item, reported('grace')]);
    expect(keysOf(users)).toEqual(['grace']);
  });

  it('are forgotten for one environment alone', () => {
    const users = new LatestUsers(new FakeClock());
    for (const environment of ['e', 'f']) users.note(environment, [reported('ada')]);
    users.forget('e');
    expect([keysOf(users, 'e'), keysOf(users, 'f')]).toEqual([[], ['ada']]);
  });
});
