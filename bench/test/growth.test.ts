import { describe, expect, it } from 'vitest';
import { SDKS } from '../src/adapters/all.js';
import { checkSwitch } from '../src/environment/check.js';
import { GROWING } from '../src/environment/growing.js';
import { chart, type Panel } from '../src/report/chart.js';
import { growthTable } from '../src/report/tables.js';
import type { GrowthResult } from '../src/sections/growth.js';

describe.each(GROWING)('$what', (growing) => {
  it.each(SDKS)('has the same values in $name, the last rule included', async (sdk) => {
    for (const size of growing.sizes.slice(0, 2)) {
      const { environment, flag, users } = growing.make(size);
      const client = await sdk.open(sdk.encode(environment));
      const { expected } = await checkSwitch(sdk, client, flag, users.slice(0, 20), environment);
      expect([size, expected.every((value) => value === true)]).toEqual([size, true]);
      await client.close();
    }
  });
});

const RESULT: GrowthResult = {
  growing: { what: 'rules', sizes: [1, 10], asks: 'one flag', make: () => expect.unreachable() },
  times: new Map([
    [
      1,
      new Map([
        ['fbclient', 100],
        ['slow', 200],
      ]),
    ],
    [10, new Map([['fbclient', 100]])],
  ]),
};

it('the table has a row for each size, and a dash for who could not', () => {
  expect(growthTable([RESULT]).split('\n')).toEqual([
    '| a flag takes, with so many |  | fbclient | slow |',
    '| --- | --- | --- | --- |',
    '| rules | 1 | **100 ns** | 200 ns |',
    '|  | 10 | **100 ns** | – |',
  ]);
});

describe('the picture', () => {
  const panel: Panel = {
    title: 'rules <on> & off',
    lines: [
      { name: 'fbclient', points: [100, 1_000, 10_000].map((size) => ({ size, nanoseconds: 100 })) },
      { name: '@a/slow', points: [100, 1_000, 10_000].map((size) => ({ size, nanoseconds: size })) },
    ],
  };
  const svg = chart('growth', [panel, panel, panel, panel]);
  const [ours, slow] = [...svg.matchAll(/<polyline points="([^"]*)"/g)]
    .slice(0, 2)
    .map(([, points = '']) => points.split(' ').map((point) => point.split(',').map(Number)))
    .reverse();
  const heights = (points: readonly number[][] | undefined) => points?.map(([, y]) => y);

  it('has what does not grow level, and what grows with the size rising evenly', () => {
    expect(new Set(heights(ours)).size).toBe(1);
    const [first = 0, second = 0, third = 0] = heights(slow) ?? [];
    expect(first).toBeGreaterThan(second);
    expect(Math.abs(first - second - (second - third))).toBeLessThan(0.2);
    expect(ours?.map(([x]) => x)).toEqual(slow?.map(([x]) => x));
  });

  it('has a title that is text, whatever is in it, and each name once in the legend', () => {
    expect(svg).toContain('rules &lt;on&gt; &amp; off');
    expect(svg.match(/<text x="19">/g)).toHaveLength(2);
    expect(svg).toContain('<text x="19">@a/slow</text>');
  });

  it('is the same for the same figures', () => {
    expect(chart('growth', [panel, panel, panel, panel])).toBe(svg);
  });
});
