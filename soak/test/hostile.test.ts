import { describe, expect, it } from 'vitest';
import { readArguments } from '../hostile/arguments.js';
import { linesOf, type Measured, quantile } from '../hostile/verdict.js';

describe('npm run hostile', () => {
  it.each<[string, unknown]>([
    ['--seed 5', { seconds: 30, clients: 200, seed: 5, calm: false }],
    ['--seed=-1 --seconds 5 --clients 1 --calm', { seconds: 5, clients: 1, seed: -1, calm: true }],
    ['--help --nonsense=', { problem: expect.any(String) }],
    ['--help', 'help'],
    ['--seconds 4', { problem: expect.stringContaining('--seconds') }],
    ['--seconds 601', { problem: expect.stringContaining('--seconds') }],
    ['--clients 0', { problem: expect.stringContaining('--clients') }],
    ['--seed x', { problem: expect.stringContaining('--seed') }],
    ['--nonsense', { problem: expect.stringContaining('--nonsense') }],
    ['something', { problem: expect.any(String) }],
  ])('understands %s', (line, expected) => {
    expect(readArguments(line.split(' '))).toEqual(expected);
  });

  it.each<[number[], number, number]>([
    [[], 0.5, Number.POSITIVE_INFINITY],
    [[3], 0.99, 3],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 1, 4],
    [Array.from({ length: 100 }, (_, index) => index), 0.99, 98],
  ])('takes of %j the quantile %d: %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  const memory = { rss: 399e6, heapTotal: 100e6, heapUsed: 80e6, external: 50e6, arrayBuffers: 40e6 };
  const kept: Measured = {
    life: Array(200).fill(99),
    delays: [499],
    writes: [1],
    syncs: [1],
    toSockets: [20],
    toProbe: [25],
    ownDelay: 30,
    collections: [3, 4],
    memory,
    loopDelay: 5,
    processor: { center: 500, sdks: 250 },
    wall: 1_000,
    stoppedIn: 4_999,
    interruptions: 0,
    attempts: { polls: 5 },
  };

  it.each<[string, Partial<Measured>, number]>([
    ['all', {}, 0],
    ['one slow answer of two hundred', { life: [...Array(199).fill(1), 5_000] }, 0],
    ['three slow answers of two hundred', { life: [...Array(197).fill(1), 100, 100, 100] }, 1],
    ['no answer at all', { life: [] }, 1],
    ['a change that an SDK never heard of', { delays: [1, Number.POSITIVE_INFINITY] }, 1],
    ['no change', { delays: [] }, 1],
    ['too much memory', { memory: { ...memory, rss: 400e6 } }, 1],
    ['memory that was never seen', { memory: undefined }, 1],
    ['a stop that took too long', { stoppedIn: 5_000 }, 1],
    ['a connection that an SDK lost', { interruptions: 1 }, 1],
  ])('judges %s: %s broken promises', (_, change, broken) => {
    const lines = linesOf({ ...kept, ...change });
    expect(lines.filter(({ good }) => good === false)).toHaveLength(broken);
  });

  it.each<[string, string]>([
    ['a change at every socket of the center: median, p99, worst', '20 ms, 20 ms, 20 ms'],
    ['a change in a process that has nothing else to do: median, p99, worst', '25 ms, 25 ms, 25 ms'],
    ['longest delay of its event loop; of that of all SDKs', '5 ms; 30 ms'],
    ['longest garbage collection of either', '3 ms; 4 ms'],
    ['memory of the center', '399 MB (heap 100 MB, 80 MB of it in use; buffers 50 MB)'],
    ['share of a processor: center; SDKs and writers', '50 %; 25 %'],
    ['polls', '5'],
  ])('shows where it comes from: %s', (what, figure) => {
    expect(linesOf(kept).find((line) => line.what === what)?.figure).toBe(figure);
  });
});
