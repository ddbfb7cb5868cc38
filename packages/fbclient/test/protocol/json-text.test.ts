import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, utf8Length } from '../../src/protocol/json-text.js';
import { check } from '../support/property.js';

const ANY_TEXT = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

describe('text within JSON', () => {
  it('is read back as it was, with U+FFFD for each half of a surrogate pair', async () => {
    await check(
      fc.property(fc.oneof(ANY_TEXT, fc.string()), (text) => {
        expect(JSON.parse(`"${escaped(text)}"`)).toBe(text.toWellFormed());
      }),
      1_000,
    );
  });

  it('takes as many bytes as it is said to', async () => {
    await check(
      fc.property(ANY_TEXT, (text) => {
        const sent = escaped(text);
        expect(utf8Length(sent)).toBe(Buffer.byteLength(sent));
      }),
      1_000,
    );
  });
});
