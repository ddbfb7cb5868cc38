import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { md5FirstWord } from '../../src/flags/md5.js';
import { check } from '../support/property.js';

function firstWord(text: string): number {
  return createHash('md5').update(text, 'utf8').digest().readInt32LE(0);
}

describe('the first word of MD5 is that of node:crypto', () => {
  const scripts = {
    ASCII: 'a',
    'two bytes each': 'é',
    'three bytes each': '語',
    'four bytes each': '🙂',
    'a mixture': 'aé語🙂',
    'lone surrogates': '\ud800x',
  };

  // 55, 56, 63 and 64 bytes are where padding and block change; 119 to 128 are the same of the second block.
  it.each(Object.entries(scripts))('for every length up to 300 of %s', (_name, unit) => {
    for (let length = 0; length <= 300; length++) {
      const text = unit.repeat(length).slice(0, length);
      expect(md5FirstWord(text), `length ${length}`).toBe(firstWord(text));
    }
  });

  it('for a text that turns from ASCII at its very end', () => {
    for (let length = 0; length <= 64; length++) {
      const text = `${'a'.repeat(length)}é`;
      expect(md5FirstWord(text), `length ${length}`).toBe(firstWord(text));
    }
  });

  it('for a text in two parts, wherever it is cut, surrogate pairs included', () => {
    const text = 'checkout-🙂-é-of-a-user-with-a-key-that-is-longer-than-one-block';
    for (let cut = 0; cut <= text.length; cut++) {
      expect(md5FirstWord(text.slice(0, cut), text.slice(cut)), `cut at ${cut}`).toBe(firstWord(text));
    }
    const ascii = 'a'.repeat(130);
    for (let cut = 0; cut <= ascii.length; cut++) {
      expect(md5FirstWord(ascii.slice(0, cut), ascii.slice(cut)), `cut at ${cut}`).toBe(firstWord(ascii));
    }
  });

  it('where there is no TextEncoder, as in jsdom', async () => {
    vi.resetModules();
    vi.stubGlobal('TextEncoder', undefined);
    const { md5FirstWord: withoutEncoder } = await import('../../src/flags/md5.js');
    vi.unstubAllGlobals();
    expect(withoutEncoder('flag-é')).toBe(firstWord('flag-é'));
  });

  it('for a megabyte', () => {
    const text = 'fbclient'.repeat(131_072);
    expect(md5FirstWord(text)).toBe(firstWord(text));
  });

  it('for any text, whatever was hashed before it', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    await check(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (texts) => {
        expect(texts.map((text) => md5FirstWord(text))).toEqual(texts.map(firstWord));
      }),
      100,
    );
  });
});
