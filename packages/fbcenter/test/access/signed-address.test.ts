import { describe, expect, it } from 'vitest';
import { isSigned, signAddress } from '../../src/access/signed-address.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 1);
const sign = (now = NOW, subject = 'dev\ns1', secret = 'secret') => signAddress(subject, secret, now);
const check = ({ until, signature }: ReturnType<typeof sign>, now = NOW, subject = 'dev\ns1', secret = 'secret') =>
  isSigned(subject, until, signature, secret, now);

describe('a signed address', () => {
  it('is the same within half an hour, for all who ask', () => {
    expect(sign(NOW + 29 * MINUTE)).toEqual(sign(NOW));
    expect(sign(NOW + 30 * MINUTE)).not.toEqual(sign(NOW));
  });

  it.each([
    [0, true],
    [30, true],
    [59, true],
    [60, false],
    [600, false],
    // From the future: whoever made it has another clock.
    [-1, false],
  ])('is good after %i minutes: %s', (minutes, good) => {
    expect(check(sign(), NOW + minutes * MINUTE)).toBe(good);
  });

  it('is good for half an hour at least, whenever it was asked for', () => {
    for (let minute = 0; minute < 60; minute += 7) {
      const asked = NOW + minute * MINUTE;
      expect(check(sign(asked), asked + 30 * MINUTE - 1), `${minute}`).toBe(true);
    }
  });

  it('is good for nothing else, and with no other secret', () => {
    const signed = sign();
    expect(check(signed, NOW, 'dev\ns2')).toBe(false);
    expect(check(signed, NOW, 'dev\ns1', 'other')).toBe(false);
    expect(check({ ...signed, until: signed.until + 1 })).toBe(false);
    expect(check({ ...signed, until: Number.NaN })).toBe(false);
    expect(check({ ...signed, until: Number.POSITIVE_INFINITY })).toBe(false);
    expect(check({ ...signed, signature: '' })).toBe(false);
    expect(check({ ...signed, signature: signed.signature.slice(1) })).toBe(false);
    expect(check({ ...signed, signature: `${signed.signature}AAAA` })).toBe(false);
  });

  it('does not show the secret', () => {
    expect(sign().signature).toMatch(/^[\w-]{43}$/);
  });
});
