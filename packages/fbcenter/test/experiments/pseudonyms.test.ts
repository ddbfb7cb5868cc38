import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pseudonyms } from '../../src/experiments/intake/pseudonyms.js';
import { check } from '../support/property.js';

const KEY = 'a1'.repeat(32);

/** As they are defined: the first 53 bits of HMAC-SHA256. */
function expected(userKey: string): number {
  const hash = createHmac('sha256', Buffer.from(KEY, 'hex')).update(userKey).digest();
  return Number(hash.readBigUInt64BE(0) >> 11n);
}

describe('pseudonyms', () => {
  it('are the first 53 bits of a keyed hash, the first time and every time', async () => {
    const pseudonyms = new Pseudonyms(KEY);
    const property = fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (userKey) => {
      for (let time = 0; time < 2; time++) expect(pseudonyms.of(userKey)).toBe(expected(userKey));
    });
    await check(property, 200);
  });

  it('are the same when so many users have come in between that none of them is remembered', () => {
    const pseudonyms = new Pseudonyms(KEY);
    const first = pseudonyms.of('first');
    for (let user = 0; user < 3_000; user++) pseudonyms.of(`user ${user}`);
    expect(pseudonyms.of('first')).toBe(first);
    for (const user of [0, 998, 999, 1_000, 1_998, 1_999, 2_999])
      expect(pseudonyms.of(`user ${user}`)).toBe(expected(`user ${user}`));
  });

  it('are others with another key', () => {
    expect(new Pseudonyms('b2'.repeat(32)).of('ada')).not.toBe(new Pseudonyms(KEY).of('ada'));
  });

  it('are whole numbers that a double holds', () => {
    const pseudonyms = new Pseudonyms(KEY);
    for (let user = 0; user < 1_000; user++) expect(Number.isSafeInteger(pseudonyms.of(`u${user}`))).toBe(true);
  });
});
