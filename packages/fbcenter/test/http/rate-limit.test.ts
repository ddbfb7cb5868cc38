import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/http/rate-limit.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Caller } from '../../src/model/caller.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import { anEnvironment } from '../support/environments.js';

const environment = anEnvironment('dev');
const sdk = (secretId: string): Caller => ({ kind: 'sdk', secret: 'server', secretId, environment });
const user = (id: string): Caller => ({
  kind: 'manager',
  actor: { kind: 'user', id, name: 'Ada' },
  grants: ALL_GRANTS,
});
const ADDRESS = '192.0.2.1';

/** How many of so many requests at one moment are answered. */
function answered(
  limit: RateLimit,
  count: number,
  caller: Caller | undefined,
  address: string | undefined,
  now = 0,
): number {
  let answers = 0;
  for (let index = 0; index < count; index++) if (limit.refusalOf(caller, address, now) === undefined) answers += 1;
  return answers;
}

describe('the limit of requests', () => {
  it('lets so many through in a minute, and says of the others how long to wait', () => {
    const limit = new RateLimit(3);
    expect(answered(limit, 5, sdk('a'), ADDRESS)).toBe(3);
    const refusal = limit.refusalOf(sdk('a'), ADDRESS, 20_500);
    expect(refusal).toMatchObject({ status: 429, headers: { 'retry-after': '40' } });
    expect(refusal?.body).toMatchObject({
      value: { code: 'rate-limited', message: expect.stringContaining('More than 3') },
    });
    expect(answered(limit, 5, sdk('a'), ADDRESS, 60_000)).toBe(3);
  });

  it('does not begin a new minute with a request that is refused', () => {
    const limit = new RateLimit(1);
    expect(answered(limit, 1, sdk('a'), ADDRESS, 0)).toBe(1);
    for (let now = 1_000; now < 60_000; now += 1_000) expect(answered(limit, 1, sdk('a'), ADDRESS, now)).toBe(0);
    expect(answered(limit, 1, sdk('a'), ADDRESS, 60_000)).toBe(1);
  });

  it.each<[string, Caller | undefined, string | undefined]>([
    ['another secret', sdk('b'), ADDRESS],
    ['the same secret from another address', sdk('a'), '192.0.2.2'],
    ['a user', user('u1'), ADDRESS],
    ['the access token of the settings', { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS }, ADDRESS],
    ['somebody who shows nothing', { kind: 'anybody' }, ADDRESS],
    ['somebody who is refused', undefined, ADDRESS],
    ['an address that is not known any more', sdk('a'), undefined],
  ])('of %s is another one', (_, caller, address) => {
    const limit = new RateLimit(2);
    expect(answered(limit, 9, sdk('a'), ADDRESS)).toBe(2);
    expect(answered(limit, 9, caller, address)).toBe(2);
    expect(answered(limit, 9, sdk('a'), ADDRESS)).toBe(0);
  });

  it('counts the addresses of an IPv6 network as one', () => {
    const limit = new RateLimit(2);
    expect(answered(limit, 1, sdk('a'), '2001:db8:1:2::1')).toBe(1);
    expect(answered(limit, 9, sdk('a'), '2001:db8:1:2:ffff::9')).toBe(1);
    expect(answered(limit, 1, sdk('a'), '2001:db8:1:3::1')).toBe(1);
  });

  it('remembers some callers at most, and forgets the oldest', () => {
    const limit = new RateLimit(1);
    expect(answered(limit, 1, sdk('first'), ADDRESS)).toBe(1);
    for (let index = 0; index < 50_000; index++) limit.refusalOf(sdk(`s${index}`), ADDRESS, 0);
    expect(answered(limit, 1, sdk('first'), ADDRESS)).toBe(1);
    expect(answered(limit, 1, sdk('s49999'), ADDRESS)).toBe(0);
  });
});
