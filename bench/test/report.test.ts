import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/arguments.js';
import { median, ratio } from '../src/measure/statistics.js';
import { duration, rounded, size } from '../src/report/numbers.js';
import { replacePart } from '../src/report/page.js';
import { evaluationTable, hooksTable } from '../src/report/tables.js';

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

describe('the tables of evaluations', () => {
  const [ours, slower, missing] = ['fbclient', 'slower', 'missing'];
  const results = [
    {
      workload: 'target' as const,
      sdks: new Map([
        [ours, 100],
        [slower, 250],
        [missing, 200],
      ]),
      limits: new Map([['two Map.get', 20]]),
    },
    {
      workload: 'regex' as const,
      sdks: new Map([
        [ours, 1_000],
        [slower, 1_500],
      ]),
      limits: new Map(),
    },
  ];

  it('have how many there are in a second, and how many times as long they take as ours', () => {
    expect(evaluationTable(results).split('\n').slice(2)).toEqual([
      '| individual target, 1,000 keys | **10,000,000** | 4,000,000 (2.50×) | 5,000,000 (2×) | two Map.get: 50,000,000 (0.20×) |',
      '| regex rule, 1,000 users | **1,000,000** | 667,000 (1.50×) | – |  |',
    ]);
  });

  it('have how long they take with hooks, and how many times as long as without', () => {
    expect(hooksTable(results.slice(0, 1)).split('\n').slice(2)).toEqual([
      '| individual target, 1,000 keys | **100 ns** | 250 ns (2.50×) | 200 ns (2×) |',
    ]);
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
