import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallyBuilder } from '../../src/insights/tally.js';
import { check } from '../support/property.js';
import { evaluation, metric, NOTHING } from '../support/tallies.js';

describe('a tally', () => {
  it('of nothing is empty', () => {
    expect(new TallyBuilder().build()).toEqual(NOTHING);
    expect(new TallyBuilder().entries).toBe(0);
  });

  it('adds up by flag and variation and by event, and counts its entries', () => {
    const tally = new TallyBuilder();
    tally.addEvaluations(evaluation('f', 'on', 2, 1));
    tally.addEvaluations(evaluation('f', 'off', 5));
    tally.addEvaluations(evaluation('f', 'on', 3, 2));
    tally.addEvaluations(evaluation('g', 'on'));
    tally.addMetrics(metric('m', 4));
    tally.addMetrics(metric('m', -1, 2));
    tally.addIdentifications(3);
    tally.addRejected(2);
    expect(tally.entries).toBe(4);
    expect(tally.build()).toEqual({
      evaluations: [evaluation('f', 'on', 5, 3), evaluation('f', 'off', 5), evaluation('g', 'on')],
      metrics: [metric('m', 4, -1, 2)],
      identifications: 3,
      rejected: 2,
    });
  });

  it('that is built does not change when more is added', () => {
    const tally = new TallyBuilder();
    tally.addEvaluations(evaluation('f', 'on'));
    tally.addMetrics(metric('m', 1));
    const built = tally.build();
    tally.addEvaluations(evaluation('f', 'on'));
    tally.addMetrics(metric('m', 1));
    expect(built).toEqual({ ...NOTHING, evaluations: [evaluation('f', 'on')], metrics: [metric('m', 1)] });
  });

  it.each([
    [[1.7e308, 1.7e308]],
    [[-1.7e308, -1.7e308]],
    [[1.7e308, 1.7e308, -1.7e308, -1.7e308, -1.7e308]],
    [[Number.MAX_VALUE, -Number.MAX_VALUE]],
  ])('of %j has a finite sum', (values) => {
    const tally = new TallyBuilder();
    for (const value of values) tally.addMetrics({ eventName: 'm', count: 1, sum: value, min: value, max: value });
    const [built] = tally.build().metrics;
    expect(built).toMatchObject({ count: values.length, min: Math.min(...values), max: Math.max(...values) });
    expect(Number.isFinite(built?.sum)).toBe(true);
  });

  it('is the same whether counts are added one by one or as tallies', async () => {
    const name = fc.constantFrom('a', 'b', '__proto__');
    const entry = fc.record({ flag: name, variation: name, experiment: fc.nat(1), value: fc.integer() });
    await check(
      fc.property(fc.array(fc.array(entry, { maxLength: 5 }), { maxLength: 5 }), (parts) => {
        const add = (tally: TallyBuilder, { flag, variation, experiment, value }: (typeof parts)[number][number]) => {
          tally.addEvaluations(evaluation(flag, variation, 1, experiment));
          tally.addMetrics(metric(variation, value));
          tally.addRejected(1);
        };
        const oneByOne = new TallyBuilder();
        const asTallies = new TallyBuilder();
        for (const part of parts) {
          const tally = new TallyBuilder();
          for (const item of part) {
            add(oneByOne, item);
            add(tally, item);
          }
          asTallies.add(tally.build());
        }
        expect(asTallies.build()).toEqual(oneByOne.build());
        expect(asTallies.entries).toBe(oneByOne.entries);
      }),
    );
  });
});
