import { describe, expect, it } from 'vitest';
import { type FrameOf, frameOf, headerOf } from '../../src/streaming/frames.js';
import { FakeSocket } from '../support/fake-socket.js';

const WHOLE: FrameOf = { isFirst: true, isLast: true, isDeflated: false };

describe('a frame', () => {
  it.each([
    [0, '8100'],
    [1, '8101'],
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
    [2 ** 32 + 5, '817f0000000100000005'],
  ])('of %i bytes begins with %s', (length, header) => {
    expect(headerOf(length, WHOLE).toString('hex')).toBe(header);
  });

  it.each<[string, FrameOf, string]>([
    ['the only one', WHOLE, '81'],
    ['the first', { ...WHOLE, isLast: false }, '01'],
    ['one in the middle', { isFirst: false, isLast: false, isDeflated: false }, '00'],
    ['the last', { ...WHOLE, isFirst: false }, '80'],
    ['the only one, compressed', { ...WHOLE, isDeflated: true }, 'c1'],
    ['the first, compressed', { isFirst: true, isLast: false, isDeflated: true }, '41'],
    // Only the first says so (RFC 7692, 6.1).
    ['one in the middle, compressed', { isFirst: false, isLast: false, isDeflated: true }, '00'],
    ['the last, compressed', { isFirst: false, isLast: true, isDeflated: true }, '80'],
  ])('that is %s says so', (_, of, first) => {
    expect(headerOf(5, of).toString('hex')).toBe(`${first}05`);
  });

  it('of a message is made once, and has all of it', () => {
    const message = Buffer.from('a push for thousands');
    expect(frameOf(message)).toBe(frameOf(message));
    const socket = new FakeSocket();
    for (const one of [message, Buffer.from(message), Buffer.from('é'.repeat(40_000))]) socket.write(frameOf(one));
    expect(socket.sent).toEqual(['a push for thousands', 'a push for thousands', 'é'.repeat(40_000)]);
  });
});
