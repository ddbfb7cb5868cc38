import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../../src/runtime/bytes.js';
import { asDeflatedMessage, asGzip } from '../../src/runtime/compressed-bytes.js';
import { inflated } from '../support/fake-socket.js';
import { check } from '../support/property.js';

/** Some that are kept as they are, some that are compressed, and the borders between. */
const LENGTHS = [0, 1, 100, 511, 512, 513, 5_000, 65_535, 65_536, 200_000];
const documents = (length: number) =>
  Buffer.from('{"key":"flag","isEnabled":true},'.repeat(length / 32 + 1)).subarray(0, length);
const partsOf = (lengths: readonly number[]) => lengths.map(documents);

describe('compressed bytes', () => {
  it.each([[LENGTHS], [[...LENGTHS].reverse()], [[]], [[0]], [[0, 0]], ...LENGTHS.map((length) => [[length]])])(
    'of parts of %j are the same once they are unpacked, as gzip and as a message',
    async (lengths) => {
      const bytes = new Bytes(partsOf(lengths));
      const [gzip, message] = [await asGzip(bytes), await asDeflatedMessage(bytes)];
      expect(gunzipSync(gzip.whole()).equals(bytes.whole())).toBe(true);
      expect(inflated(message.whole()).equals(bytes.whole())).toBe(true);
      for (const { length, parts } of [gzip, message])
        expect(length).toBe(parts.reduce((sum, part) => sum + part.length, 0));
    },
  );

  it('are the same whatever the parts hold', async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 6 });
    await check(
      fc.asyncProperty(parts, async (arrays) => {
        const bytes = new Bytes(arrays.map((array) => Buffer.from(array)));
        expect(gunzipSync((await asGzip(bytes)).whole()).equals(bytes.whole())).toBe(true);
        expect(inflated((await asDeflatedMessage(bytes)).whole()).equals(bytes.whole())).toBe(true);
      }),
      100,
    );
  });

  it('of documents are a tenth, for a poll and for a stream alike', async () => {
    const bytes = new Bytes(partsOf([65_536, 65_536, 30]));
    expect((await asGzip(bytes)).length).toBeLessThan(bytes.length / 10);
    expect((await asDeflatedMessage(bytes)).length).toBeLessThan(bytes.length / 10);
  });

  it('are made once for everybody who asks, at once or later', async () => {
    const bytes = new Bytes(partsOf([70_000]));
    const [one, other] = await Promise.all([asGzip(bytes), asGzip(bytes)]);
    expect(other).toBe(one);
    expect(await asGzip(bytes)).toBe(one);
    // Both forms are of the same blocks.
    expect((await asDeflatedMessage(bytes)).parts[0]).toBe(one?.parts[1]);
  });

  it('share what was compressed of the parts that they have in common', async () => {
    const [head, page, other] = partsOf([40, 65_536, 30_000]);
    if (head === undefined || page === undefined || other === undefined) throw new Error('no parts');
    const before = await asDeflatedMessage(new Bytes([head, page, other]));
    const changed = Buffer.from(other);
    changed.write('changed', 100);
    const after = await asDeflatedMessage(new Bytes([Buffer.from(head), page, changed]));
    expect(after.parts[1]).toBe(before.parts[1]);
    expect(after.parts[2]).not.toBe(before.parts[2]);
    expect(inflated(after.whole()).includes('changed')).toBe(true);
  });
});
