import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedHash } from '../../src/experiments/intake/keyed-hash.js';
import { check } from '../support/property.js';

const KEY = Buffer.from('0123456789abcdef'.repeat(4), 'hex');

function expected(key: Uint8Array, text: string): readonly [number, number] {
  const hash = createHmac('sha256', key).update(text).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4)];
}

describe('the keyed hash of a text', () => {
  // RFC 4231, test cases 1 and 2.
  it.each([
    [Buffer.alloc(20, 0x0b), 'Hi There', [0xb0344c61, 0xd8db3853]],
    [Buffer.from('Jefe'), 'what do ya want for nothing?', [0x5bdcc146, 0xbf60754e]],
  ])('is what the standard says (%#)', (key, text, hash) => {
    expect(new KeyedHash(key).of(text)).toEqual(hash);
  });

  it('is that of HMAC-SHA256 at every length, on both sides of each block', () => {
    const hash = new KeyedHash(KEY);
    const lengths = Array.from({ length: 301 }, (_, length) => length);
    for (const length of [...lengths, 999, 1_000, 1_001, 5_000]) {
      for (const unit of ['x', 'é', '🚩']) {
        const text = unit.repeat(length);
        expect(hash.of(text), `${length} × ${unit}`).toEqual(expected(KEY, text));
      }
    }
  });

  it.each(['\ud800', 'a\udc00b', `${'x'.repeat(54)}\ud83d`, '\u0000', '\u007f\u0080'])('is the same for %j', (text) => {
    expect(new KeyedHash(KEY).of(text)).toEqual(expected(KEY, text));
  });

  it('is that of HMAC-SHA256 for any key and text, one after another', async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 120 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(key, texts, (bytes, all) => {
      const hash = new KeyedHash(bytes);
      for (const text of all) expect(hash.of(text)).toEqual(expected(bytes, text));
    });
    await check(property, 200);
  });
});
