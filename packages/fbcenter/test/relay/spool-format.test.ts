import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bodiesIn,
  doneName,
  laneOf,
  lastNumberIn,
  lineOf,
  numberOf,
  segmentName,
} from '../../src/relay/spool-format.js';
import { check } from '../support/property.js';

describe("the names of a queue's files", () => {
  it.each<[lane: string, number: number, file: string]>([
    ['a', 1, 'a.0000000001.spool'],
    ['lane-1_X', 42, 'lane-1_X.0000000042.spool'],
    ['a', 9_999_999_999, 'a.9999999999.spool'],
  ])('say the lane %j and the number %d', (lane, number, file) => {
    expect(segmentName(lane, number)).toBe(file);
    expect([laneOf(file), numberOf(file)]).toEqual([lane, number]);
    expect(doneName(file)).toBe(file.replace('.spool', '.done'));
  });

  it.each([
    '',
    'a.1.spool',
    'a.0000000001.done',
    'a.0000000001.spool.tmp',
    'a b.0000000001.spool',
    '.0000000001.spool',
    'environments.json',
    '../a.0000000001.spool',
    'id.snapshot',
  ])('are not %j', (file) => {
    expect([laneOf(file), numberOf(file)]).toEqual([undefined, 0]);
  });

  it('are in the order of their numbers', async () => {
    const number = fc.integer({ min: 1, max: 10 ** 10 - 1 });
    await check(
      fc.property(number, number, (one, other) => {
        expect(segmentName('a', one) < segmentName('a', other)).toBe(one < other);
      }),
    );
  });
});

describe('how far a segment is done with', () => {
  it.each<[text: string, done: number]>([
    ['', 0],
    ['3\n', 3],
    ['1\n2\n3\n', 3],
    ['1\n2\n3', 2],
    ['3', 0],
    ['1\n\n', 1],
    ['1\nx\n', 0],
    ['-1\n', 0],
    ['1.5\n', 0],
    ['1e400\n', 0],
    ['\n', 0],
  ])('in a file with %j is %d', (text, done) => {
    expect(lastNumberIn(text)).toBe(done);
  });

  it('is what was noted last, wherever a crash has cut the file off', async () => {
    await check(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 6 }), { maxLength: 8 }), fc.nat(60), (noted, cutAt) => {
        const lines = noted.map((number) => `${number}\n`);
        const text = lines.join('').slice(0, cutAt);
        const whole = text.split('\n').length - 1;
        expect(lastNumberIn(text)).toBe(noted[whole - 1] ?? 0);
      }),
      200,
    );
  });
});

describe('the bodies of a segment', () => {
  it.each<[what: string, line: string]>([
    ['without its count', '[1]'],
    ['whose count is none', 'x [1]'],
    ['whose count is negative', '-1 [1]'],
    ['that is no list', '1 {"a":1}'],
    ['that is cut off', '1 [{"a":'],
    ['that is cut off and ends as a list does', '1 [{"a":]'],
    ['that is a count alone', '1'],
    ['of zeros, as a crash may leave them', '\0\0\0\0'],
  ])('are the others when a line is one %s', (_, line) => {
    const text = `1 [1]\n${line}\n2 [2,3]\n`;
    expect(bodiesIn(text)).toEqual({
      bodies: [
        { events: 1, text: '[1]' },
        { events: 2, text: '[2,3]' },
      ],
      unreadable: 1,
    });
  });

  it('are none in an empty file', () => {
    expect(bodiesIn('')).toEqual({ bodies: [], unreadable: 0 });
    expect(bodiesIn('\n\n')).toEqual({ bodies: [], unreadable: 0 });
  });

  it('are read as they were written, whatever is in them, and cut off at most the last is lost', async () => {
    const letter = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u2028', '\u2029', '\u0085', '\n', '\r', '\0'),
    );
    const list = fc.array(
      fc.oneof(
        fc.jsonValue(),
        fc.array(letter).map((letters) => letters.join('')),
      ),
      { maxLength: 3 },
    );
    await check(
      fc.property(fc.array(list, { maxLength: 4 }), fc.nat(3), (lists, cut) => {
        const bodies = lists.map((one) => ({ events: one.length, text: JSON.stringify(one) }));
        const text = bodies.map(lineOf).join('');
        expect(bodiesIn(text)).toEqual({ bodies, unreadable: 0 });
        const { bodies: left, unreadable } = bodiesIn(text.slice(0, Math.max(0, text.length - 1 - cut)));
        expect(left).toEqual(bodies.slice(0, left.length));
        expect(left.length).toBeGreaterThanOrEqual(bodies.length - 1);
        expect(unreadable).toBeLessThanOrEqual(1);
      }),
      300,
    );
  });
});
