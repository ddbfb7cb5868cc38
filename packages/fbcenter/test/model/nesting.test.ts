import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNestedTooDeeply } from '../../src/model/nesting.js';
import { check } from '../support/property.js';

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a body', () => {
  it.each<[string, string, boolean]>([
    ['nothing', '', false],
    ['a text', '"x"', false],
    ['two hundred lists', lists(200), false],
    ['one more', lists(201), true],
    ['objects', '{"a":'.repeat(201), true],
    ['brackets that nobody closes', '['.repeat(1_000_000), true],
    ['many lists beside each other', `[${'[],'.repeat(1_000)}[]]`, false],
    ['brackets in a text', JSON.stringify('['.repeat(1_000)), false],
    ['brackets in a text with quotes', JSON.stringify('"['.repeat(1_000)), false],
    ['brackets in a text with backslashes', JSON.stringify('\\'.repeat(1_001) + '['.repeat(1_000)), false],
    ['brackets after a text that ends in backslashes', JSON.stringify('\\'.repeat(1_000)) + '['.repeat(1_000), true],
    ['a text that does not end', `"${'['.repeat(1_000)}`, false],
  ])('of %s is nested too deeply: %s', (_, json, expected) => {
    expect(isNestedTooDeeply(json)).toBe(expected);
  });

  it('is nested as deeply as a walk through its value finds', async () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const deep = fc.tuple(fc.json(), fc.integer({ min: 190, max: 210 }));
    await check(
      fc.property(deep, ([json, depth]) => {
        const text = '['.repeat(depth) + json + ']'.repeat(depth);
        expect(isNestedTooDeeply(text)).toBe(depthOf(JSON.parse(text)) > 200);
      }),
    );
  });
});
