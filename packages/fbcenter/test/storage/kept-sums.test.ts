import { expect, it } from 'vitest';
import { countingOf } from '../../src/experiments/counting/counting.js';
import { emptySums } from '../../src/experiments/counting/sums.js';
import { keptText } from '../../src/storage/kept-json.js';
import { keptSums } from '../../src/storage/kept-sums.js';
import { aMetric, anIteration, aPlan } from '../support/experiments.js';

const sums = emptySums(countingOf({ ...anIteration(0, aPlan([aMetric({})])) }));

it('are what was kept', () => {
  const counted = { ...sums, late: 1, undeclared: 2 };
  expect(keptSums(keptText(counted))).toEqual(counted);
});

it('have no undeclared evaluations when they are of a center that did not count those', () => {
  const { undeclared: _, ...older } = { ...sums, late: 1 };
  expect(keptSums(keptText(older))).toEqual({ ...older, undeclared: 0 });
});

it('are refused when a bit has flipped', () => {
  expect(() => keptSums(keptText(sums).replace('"late":0', '"late":1'))).toThrow(
    expect.objectContaining({ code: 'damaged-data' }),
  );
});
