import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misreadNumber } from '../../src/model/exact-number.js';
import { isJsonObject } from '../../src/model/json.js';
import { Refusal } from '../../src/model/refusal.js';
import { check } from '../support/property.js';

describe('a number that is written as text', () => {
  it.each<[string, string | undefined]>([
    ['0', undefined],
    ['-0', undefined],
    ['0.0e999', undefined],
    ['1', undefined],
    ['0.1', undefined],
    // Digits behind the point are measured values: one more or less is none.
    ['0.1000000000000000055511151231257827', undefined],
    ['9007199254740991', undefined],
    ['9007199254740992', undefined],
    ['9007199254740993', '9007199254740992'],
    ['-9007199254740993', '-9007199254740992'],
    ['9007199254740994', undefined],
    ['90071992547409930e-1', '9007199254740992'],
    ['9007199254740992.5', '9007199254740992'],
    ['1e22', undefined],
    ['10000000000000000000000', undefined],
    ['10000000000000000000001', '1e+22'],
    ['1E22', undefined],
    ['1.0e+22', undefined],
    ['12345678901234567890', '12345678901234567000'],
    ['1e308', undefined],
    ['1e309', 'infinite'],
    ['-1e309', 'infinite'],
    ['5e-324', undefined],
    ['1e-400', '0'],
    ['-0.0001e-400', '0'],
    ['0e-400', undefined],
  ])('%s becomes %s', (text, expected) => {
    expect(misreadNumber(text)).toBe(expected);
  });

  it('is another one exactly when writing it back gives other digits', async () => {
    const text = fc
      .tuple(fc.bigInt(1n, 10n ** 25n), fc.nat(5))
      .map(([digits, zeros]) => `${digits}${'0'.repeat(zeros)}`);
    await check(
      fc.property(text, (whole) => {
        const isKept = BigInt(Number(whole)) === BigInt(whole);
        // What is kept may be read back from fewer digits than are written: those say the same number to everybody.
        if (isKept) return;
        expect(misreadNumber(whole)).toBe(
          String(Number(whole)).replace(/e.*|\.|0+$/g, '') === whole.replace(/0+$/, '')
            ? undefined
            : String(Number(whole)),
        );
      }),
      500,
    );
  });
});

describe('an object of JSON', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [{ a: 1 }, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [1, false],
  ])('%j: %s', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});

it('a refusal is an error with a code, a sentence and, if they are the reason, faults', () => {
  const faults = [{ code: 'blank', path: 'name', message: 'Must not be blank.' }] as const;
  expect(new Refusal('busy', 'Later.')).toMatchObject({ name: 'Refusal', code: 'busy', message: 'Later.' });
  expect(new Refusal('busy', 'Later.').faults).toBeUndefined();
  expect(new Refusal('invalid-document', 'No.', faults).faults).toBe(faults);
  expect(new Refusal('busy', 'Later.')).toBeInstanceOf(Error);
});
