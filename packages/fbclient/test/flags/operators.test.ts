import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS, OPERATORS, operationOf } from '../../src/flags/operators.js';
import { check } from '../support/property.js';

const TEXTS = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 4 });

describe('an operator', () => {
  it('is found by its name, which only it has', () => {
    expect(OPERATORS.map((op) => operationOf(op))).toEqual(OPERATIONS);
    expect(new Set(OPERATORS).size).toBe(OPERATORS.length);
  });

  it.each(['', 'equal', 'toString', '__proto__', 'Equal '])('is not there by another name: %j', (op) => {
    expect(operationOf(op)).toBeUndefined();
  });
});

describe('what an index finds the conditions of an operator by is enough to know that they hold', () => {
  type OnText = 'value' | 'other-value' | 'prefix' | 'suffix';
  const finders: Readonly<Record<OnText, (attribute: string, operand: string) => boolean>> = {
    value: (attribute, operand) => attribute === operand,
    'other-value': (attribute, operand) => attribute !== operand,
    prefix: (attribute, operand) => attribute.slice(0, operand.length) === operand,
    suffix: (attribute, operand) => operand === '' || attribute.slice(-operand.length) === operand,
  };
  const onText = OPERATIONS.filter((operation) => operation.operand === 'text');

  it.each(onText.filter(({ foundBy }) => foundBy !== 'nothing'))('$op by the $foundBy', async ({ foundBy, holds }) => {
    const finds = finders[foundBy as keyof typeof finders];
    const property = fc.property(
      TEXTS,
      TEXTS,
      (attribute, operand) => holds(attribute, operand) === finds(attribute, operand),
    );
    await check(property, 500);
  });

  const onNumbers = OPERATIONS.filter((operation) => operation.operand === 'number');

  it.each(onNumbers)('$op by the place of the number $foundBy the bound', async ({ foundBy, holds }) => {
    const numbers = fc.integer({ min: -5, max: 5 });
    const property = fc.property(numbers, numbers, (number, operand) => {
      const isOnItsSide = foundBy === 'at-most' ? number <= operand : number >= operand;
      // It never holds on the other side, and always on its own, where the bound itself may not count.
      return holds(number, operand) === (isOnItsSide && (number !== operand || holds(operand, operand)));
    });
    await check(property, 500);
  });

  it.each(OPERATIONS.filter(({ operand }) => operand === 'list'))('$op by $foundBy', ({ foundBy, ...operation }) => {
    expect({ ...operation, foundBy }).toMatchObject({ whenMember: foundBy === 'value' });
  });
});
