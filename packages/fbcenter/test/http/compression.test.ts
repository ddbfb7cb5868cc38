import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Answer, bytes, empty, events, json, jsonText } from '../../src/http/answer.js';
import { compressed } from '../../src/http/compression.js';

const LONG = Buffer.from(
  JSON.stringify({ items: Array.from({ length: 500 }, (_, index) => ({ key: `flag-${index}` })) }),
);
const encodingOf = ({ headers }: Answer) => headers?.['content-encoding'];

describe('a long answer', () => {
  it('is sent compressed to who takes gzip, and is the same once it is decompressed', async () => {
    const answer = await compressed(jsonText(LONG, 200, { etag: '"5"' }), 'gzip, deflate, br');
    expect(answer.headers).toEqual({ etag: '"5"', vary: 'accept-encoding', 'content-encoding': 'gzip' });
    if (answer.body.kind !== 'bytes') throw new Error('not compressed');
    expect(answer.body.type).toBe('application/json; charset=utf-8');
    expect(answer.body.bytes.length).toBeLessThan(LONG.length / 4);
    expect(gunzipSync(answer.body.bytes).equals(LONG)).toBe(true);
  });

  it.each<[header: string | string[] | undefined, isCompressed: boolean]>([
    [undefined, false],
    ['', false],
    ['identity', false],
    ['br', false],
    ['deflate', false],
    ['gzip', true],
    ['x-gzip', true],
    ['br, gzip', true],
    ['gzip;q=1', true],
    ['gzip;q=0.5', true],
    ['gzip; q=0.001', true],
    ['gzip;q=0', false],
    ['gzip;q=0.0', false],
    ['gzip ; q=0.000', false],
    ['gzip;q=0, br', false],
    ['br;q=0, gzip', true],
    [['gzip', 'br'], true],
    ['gzipped', false],
  ])('by accept-encoding %j is compressed: %s', async (header, isCompressed) => {
    const answer = await compressed(jsonText(LONG), header);
    expect(encodingOf(answer)).toBe(isCompressed ? 'gzip' : undefined);
    // A cache must not give either form to who did not ask for it.
    expect(answer.headers?.vary).toBe('accept-encoding');
  });

  it('that several ask for at once is compressed once', async () => {
    const text = Buffer.from(LONG);
    const answers = await Promise.all(Array.from({ length: 5 }, () => compressed(jsonText(text), 'gzip')));
    const bodies = answers.map(({ body }) => (body.kind === 'bytes' ? body.bytes : undefined));
    expect(new Set(bodies).size).toBe(1);
    const other = await compressed(jsonText(Buffer.from(LONG)), 'gzip');
    expect(other.body.kind === 'bytes' && other.body.bytes).not.toBe(bodies[0]);
  });
});

describe('an answer is left as it is', () => {
  const short = Buffer.from(`"${'x'.repeat(8 * 1024 - 3)}"`);
  it.each<[string, Answer]>([
    ['empty', empty()],
    ['a value', json({ a: 'x'.repeat(20_000) })],
    ['bytes of the page', bytes(LONG, 'text/javascript')],
    ['a stream', events(() => () => {})],
    ['a byte too short', jsonText(short)],
    ['an error', jsonText(LONG, 500)],
    ['one that made something', jsonText(LONG, 201)],
  ])('that is %s', async (_, answer) => {
    expect(await compressed(answer, 'gzip')).toBe(answer);
  });

  it('to a byte: one more, and it is compressed', async () => {
    const long = Buffer.from(`"${'x'.repeat(8 * 1024 - 2)}"`);
    expect([short.length, long.length]).toEqual([8 * 1024 - 1, 8 * 1024]);
    expect(encodingOf(await compressed(jsonText(long), 'gzip'))).toBe('gzip');
  });
});
