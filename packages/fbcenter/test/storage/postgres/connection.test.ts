import { describe, expect, it } from 'vitest';
import { connectionOf, type Parameter, storableText } from '../../../src/storage/postgres/connection.js';

describe('a text', () => {
  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['🚩 ключ "quoted" \n', '🚩 ключ "quoted" \n'],
    ['a\0b', 'a\ufffdb'],
    ['\ud800', '\ufffd'],
    ['a\udc00b', 'a\ufffdb'],
    ['\ud83d\udea9\ud83d', '🚩\ufffd'],
    ['\udea9\ud83d', '\ufffd\ufffd'],
  ])('%j is kept as %j', (text, kept) => {
    expect(storableText(text)).toBe(kept);
    expect(storableText(kept)).toBe(kept);
  });
});

describe('a connection', () => {
  it('gives counts and rows, and what PostgreSQL can keep of each parameter', async () => {
    const seen: (readonly Parameter[])[] = [];
    const connection = connectionOf(async (_, parameters) => {
      seen.push(parameters);
      return { count: 2, rows: [{ a: 1 }, { a: 2 }] };
    });
    expect(await connection.run('x', 'a\0', 1, true, null)).toBe(2);
    expect(await connection.row('x')).toEqual({ a: 1 });
    expect(await connection.rows('x')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(seen).toEqual([['a\ufffd', 1, true, null], [], []]);
  });
});
