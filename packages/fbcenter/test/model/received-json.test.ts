import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receivedJson } from '../../src/model/received-json.js';
import { check } from '../support/property.js';

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a text that somebody outside has sent', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['{"a":[1]}', { a: [1] }],
    ['', undefined],
    ['{', undefined],
    ['undefined', undefined],
    [lists(3), [[[]]]],
    [lists(201), undefined],
    [`{"data":${lists(5_000)}}`, undefined],
  ])('is read, or is nothing: %#', (text, value) => {
    expect(receivedJson(text)).toEqual(value);
  });

  it('can be written again, whatever it is', async () => {
    const texts = fc.oneof(fc.json(), fc.string(), fc.nat(10_000).map(lists));
    await check(fc.property(texts, (text) => void JSON.stringify(receivedJson(text))));
  });
});
