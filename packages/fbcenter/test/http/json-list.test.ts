import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonList } from '../../src/http/json-list.js';
import { check } from '../support/property.js';

describe('a list written as JSON', () => {
  it.each<[string, readonly unknown[], number]>([
    ['nothing', [], 0],
    ['one value', [1], 100],
    ['more than was expected', ['x'.repeat(50), 'y'.repeat(500)], 10],
    ['characters of several bytes, of which none was expected', ['ключ 🚩'.repeat(30)], 0],
    ['less than was expected', [null, true, { a: [] }], 10_000],
  ])('is what JSON.stringify writes: %s', async (_, values, expected) => {
    expect(String(await jsonList(values, expected))).toBe(JSON.stringify(values));
  });

  it('is what JSON.stringify writes, whatever the values are', async () => {
    await check(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.nat(200), async (values, expected) => {
        expect(String(await jsonList(values, expected))).toBe(JSON.stringify(values));
      }),
    );
  });

  it('gives the event loop its turns while the values are made', async () => {
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        await setImmediate();
        turns += 1;
      }
    })();
    function* slow() {
      for (let index = 0; index < 4; index++) {
        const end = performance.now() + 6;
        while (performance.now() < end);
        yield index;
      }
    }
    expect(String(await jsonList(slow(), 10))).toBe('[0,1,2,3]');
    isOver = true;
    await counting;
    expect(turns).toBeGreaterThan(2);
  });
});
