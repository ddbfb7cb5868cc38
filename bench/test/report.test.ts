import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/arguments.js';
import { median, ratio } from '../src/measure/statistics.js';
import { duration, rounded, size } from '../src/report/numbers.js';
import { replacePart } from '../src/report/page.js';

describe('statistics', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('takes the middle of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('compares round with round, so that a slow round counts for both', () => {
    expect(ratio([20, 200, 30], [10, 100, 10])).toBe(2);
  });
});

describe('numbers', () => {
  it.each([
    [1_234_567, '1,230,000'],
    [987.6, '988'],
    [12.345, '12.3'],
    [1.5, '1.50'],
    [0.25, '0.25'],
    [0.0512, '0.051'],
    [2, '2'],
    [Number.NaN, '–'],
  ])('shows %d as %s', (value, text) => {
    expect(rounded(value)).toBe(text);
  });

  it('picks the unit', () => {
    expect([duration(250), duration(2_500), duration(2.5e6)]).toEqual(['250 ns', '2.50 µs', '2.50 ms']);
    expect([size(250), size(2_500), size(2.5e6)]).toEqual(['250 B', '2.50 kB', '2.50 MB']);
  });
});

describe('the page', () => {
  const page = 'before\n<!-- bench:events -->\nold\n<!-- /bench:events -->\nafter\n';

  it('gets a part replaced and keeps the rest', () => {
    expect(replacePart(page, 'events', 'new')).toBe(page.replace('old', 'new'));
  });

  it('must have the part', () => {
    expect(() => replacePart(page, 'push', 'new')).toThrow('bench:push');
  });
});

describe('arguments', () => {
  it('ask for everything when there are none', () => {
    expect(readArguments([])).toMatchObject({ isCheck: false, isWritten: true, rounds: undefined });
  });

  it('leave the page alone when it would lose columns or rows', () => {
    expect(readArguments(['--sdk', 'fbclient,featbit'])).toMatchObject({ isWritten: false });
    expect(readArguments(['--workload', 'rules'])).toMatchObject({ isWritten: false, workloads: ['rules'] });
  });

  it.each([
    [['--section', 'evalution'], 'there is no "evalution"'],
    [['--rounds', '0'], 'whole number'],
    [['--sdk', 'nobody'], 'no package'],
    [['--before', '/nowhere'], 'there is no /nowhere/dist/esm/index.js; --help says how to make it'],
    [['--frobnicate'], 'frobnicate'],
  ])('%j is refused', (given, problem) => {
    expect(readArguments(given)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});
