import { describe, expect, it } from 'vitest';
import { LoginLimit } from '../../src/access/login-limit.js';

const A = '192.0.2.1';
const limited = () => new LoginLimit({ failures: 3, window: 60_000, memory: 3_600_000, addresses: 2 });
const fail = (limit: LoginLimit, count: number, now: number, address = A) =>
  Array.from({ length: count }, () => limit.judge(address, false, now).kind);

describe('an address', () => {
  it('may send a few wrong tokens, then gets no answers for a while', () => {
    const limit = limited();
    expect(fail(limit, 5, 1_000)).toEqual(['refused', 'refused', 'refused', 'too-many', 'too-many']);
    expect(limit.judge(A, true, 31_000)).toEqual({ kind: 'too-many', retryAfter: 30 });
    expect(limit.judge(A, true, 61_000)).toEqual({ kind: 'accepted' });
    expect(fail(limit, 1, 61_000)).toEqual(['refused']);
  });

  it('keeps its access, once the right token has come from it, whoever guesses there', () => {
    const limit = limited();
    expect(limit.judge(A, true, 0).kind).toBe('accepted');
    fail(limit, 9, 1_000);
    expect(limit.judge(A, true, 2_000).kind).toBe('accepted');
    expect(fail(limit, 1, 2_000)).toEqual(['too-many']);
    fail(limit, 9, 4_000_000);
    expect(limit.judge(A, true, 4_000_000).kind).toBe('too-many');
  });

  it('counts by itself', () => {
    const limit = limited();
    fail(limit, 9, 0);
    expect(limit.judge('192.0.2.2', true, 0).kind).toBe('accepted');
    expect(fail(limit, 1, 0, '192.0.2.3')).toEqual(['refused']);
  });

  it.each<[string, string, string, boolean]>([
    ['the same', '192.0.2.1', '192.0.2.1', true],
    ['the same as IPv6', '192.0.2.1', '::ffff:192.0.2.1', true],
    ['another', '192.0.2.1', '192.0.2.2', false],
    ['of the same network of IPv6', '2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
    ['of the same network with zeros', '2001:db8::1', '2001:db8:0:0:9::', true],
    ['of another network of IPv6', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['the machine itself', '::1', '::1', true],
  ])('is one with %s: %s and %s', (_, one, other, isSame) => {
    const limit = limited();
    fail(limit, 3, 0, one);
    expect(fail(limit, 1, 0, other)).toEqual([isSame ? 'too-many' : 'refused']);
  });

  it('is forgotten when there are too many', () => {
    const limit = limited();
    for (const address of ['a', 'b', 'c']) fail(limit, 3, 0, address);
    expect(fail(limit, 1, 0, 'a')).toEqual(['refused']);
    expect(fail(limit, 1, 0, 'c')).toEqual(['too-many']);
  });

  it('that is not known, because the connection is gone, counts too', () => {
    const limit = limited();
    for (let count = 0; count < 3; count++) limit.judge(undefined, false, 0);
    expect(limit.judge(undefined, false, 0).kind).toBe('too-many');
  });
});
