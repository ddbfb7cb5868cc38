import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeGuid, isSecret, newSecret } from '../../src/access/secrets.js';
import { check } from '../support/property.js';

describe('secrets', () => {
  it('encode GUIDs as .NET does', () => {
    // Guid.Parse("00112233-4455-6677-8899-aabbccddeeff").ToByteArray() is 33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff.
    expect(encodeGuid('00112233-4455-6677-8899-aabbccddeeff')).toBe('MyIRAFVEd2aImaq7zN3u_w');
    expect(encodeGuid('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('_____________________w');
    expect(encodeGuid('fbefbefb-efbe-fbef-befb-efbefbefbefb')).toMatch(/^[\w-]{22}$/);
  });

  it('are 44 characters, a random GUID and the environment', () => {
    const id = '00112233-4455-6677-8899-aabbccddeeff';
    const secret = newSecret(id);
    expect(isSecret(secret)).toBe(true);
    expect(secret.slice(22)).toBe(encodeGuid(id));
    expect(newSecret(id)).not.toBe(secret);
  });
});

describe('the form of a secret', () => {
  it.each<[string, boolean]>([
    ['a'.repeat(44), true],
    ['-_'.repeat(22), true],
    ['a'.repeat(43), false],
    ['a'.repeat(45), false],
    [`${'a'.repeat(43)}!`, false],
    [`${'a'.repeat(43)} `, false],
    [`${'a'.repeat(44)}\n`, false],
    [`${'a'.repeat(43)}é`, false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isSecret(text)).toBe(expected);
  });

  it('is that of every secret that is made, and no two GUIDs are encoded alike', async () => {
    await check(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        expect(isSecret(newSecret(one))).toBe(true);
        expect(encodeGuid(one) === encodeGuid(other)).toBe(one === other);
      }),
    );
  });
});
