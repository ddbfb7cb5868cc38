import { describe, expect, it } from 'vitest';
import { TallyBuilder } from '../../src/insights/tally.js';

describe('a tally', () => {
  it.each([
    [[1.7e308, 1.7e308]],
    [[-1.7e308, -1.7e308]],
    [[1.7e308, 1.7e308, -1.7e308, -1.7e308, -1.7e308]],
    [[Number.MAX_VALUE, -Number.MAX_VALUE]],
  ])('of %j has a finite sum', (values) => {
    const tally = new TallyBuilder();
    for (const value of values) tally.addMetrics({ eventName: 'm', count: 1, sum: value, min: value, max: value });
    const [metric] = tally.build().metrics;
    expect(metric).toMatchObject({ count: values.length, min: Math.min(...values), max: Math.max(...values) });
    expect(Number.isFinite(metric?.sum)).toBe(true);
  });
});
