import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { syncAnswer } from '../../src/handlers/sync-answer.js';
import { contentOf } from '../../src/http/send.js';
import { Bytes } from '../../src/runtime/bytes.js';

const LONG = Bytes.of(Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, key) => ({ key, isEnabled: true })))));
const SHORT = Bytes.of(Buffer.from('{"messageType":"data-sync"}'));

describe('the answer to a poll', () => {
  it('is compressed for who takes that, has the same tag either way, and may be kept by no cache for others', async () => {
    const [packed, plain] = [await syncAnswer(LONG, { 'accept-encoding': 'gzip, br' }), await syncAnswer(LONG, {})];
    expect(packed.headers).toEqual({ ...plain.headers, 'content-encoding': 'gzip' });
    expect(plain.headers).toEqual({ etag: expect.stringMatching(/^W\/"[\w-]{22}"$/), vary: 'accept-encoding' });
    const [bytes, text] = [contentOf(packed), contentOf(plain)];
    expect(bytes?.length).toBeLessThan(LONG.length / 4);
    expect(gunzipSync(bytes ?? Buffer.alloc(0)).equals(text ?? Buffer.alloc(0))).toBe(true);
    expect(text?.equals(LONG.whole())).toBe(true);
  });

  it('is the same for everybody: compressed once', async () => {
    const [one, other] = [1, 2].map(() => syncAnswer(LONG, { 'accept-encoding': 'gzip' }));
    expect((await one)?.body).toEqual((await other)?.body);
    const [first, second] = [await one, await other].map((answer) => answer?.body);
    if (first?.kind !== 'json-bytes' || second?.kind !== 'json-bytes') throw new Error('other bodies');
    expect(second.content).toBe(first.content);
  });

  it('goes as it is when it is short', async () => {
    const answer = await syncAnswer(SHORT, { 'accept-encoding': 'gzip' });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(contentOf(answer)?.equals(SHORT.whole())).toBe(true);
  });

  const tagOf = async (message: Bytes) => String((await syncAnswer(message, {})).headers?.etag);

  it.each<[header: (tag: string) => string, status: number]>([
    [(tag) => tag, 304],
    [(tag) => tag.replace('W/', ''), 304],
    [(tag) => `"other", ${tag}`, 304],
    [() => '*', 304],
    [() => '"other"', 200],
    [(tag) => tag.replaceAll('"', ''), 200],
    [() => '', 200],
  ])('is 304 without a body for who has it already, case %#', async (header, status) => {
    const answer = await syncAnswer(LONG, { 'if-none-match': header(await tagOf(LONG)) });
    expect([answer.status, answer.body.kind]).toEqual([status, status === 304 ? 'empty' : 'json-bytes']);
    expect(answer.headers?.etag).toBe(await tagOf(LONG));
  });

  it('has the tag of what it says: the same for the same text, however it is in parts', async () => {
    const text = LONG.whole();
    expect(await tagOf(new Bytes([text.subarray(0, 100), text.subarray(100)]))).toBe(await tagOf(LONG));
    expect(await tagOf(SHORT)).not.toBe(await tagOf(LONG));
  });
});
