import { InputCheck } from './input.js';

export interface PValues {
  readonly pValues: readonly number[];
}

export interface Adjusted {
  /** In the order of the input. One that is below alpha is a finding, although there were several tests. */
  readonly adjusted: readonly number[];
}

/**
 * Holm 1979: keeps the chance of *any* false finding among all tests below alpha. For the metrics that decide.
 *
 * @throws InvalidInputError
 */
export function holm({ pValues }: PValues): Adjusted {
  const sorted = sortedOf(pValues);
  let least = 0;
  const adjusted = sorted.map(({ p, place }, rank) => {
    least = Math.max(least, Math.min(1, (sorted.length - rank) * p));
    return { p: least, place };
  });
  return inOrder(adjusted);
}

/**
 * Benjamini and Hochberg 1995: keeps the share of false findings *among the findings* below alpha. For metrics that one
 * only explores.
 *
 * @throws InvalidInputError
 */
export function benjaminiHochberg({ pValues }: PValues): Adjusted {
  const sorted = sortedOf(pValues);
  let most = 1;
  const adjusted = sorted.toReversed().map(({ p, place }, rank) => {
    most = Math.min(most, (sorted.length / (sorted.length - rank)) * p);
    return { p: most, place };
  });
  return inOrder(adjusted);
}

interface Placed {
  readonly p: number;
  readonly place: number;
}

function sortedOf(pValues: readonly number[]): readonly Placed[] {
  const check = new InputCheck().list('pValues', pValues, 0);
  check.done();
  for (const [index, p] of pValues.entries()) {
    check.within(`pValues[${index}]`, p, 0, 1, 'must be a number from 0 to 1');
  }
  check.done();
  return pValues.map((p, place) => ({ p, place })).sort((a, b) => a.p - b.p);
}

function inOrder(placed: readonly Placed[]): Adjusted {
  return { adjusted: placed.toSorted((a, b) => a.place - b.place).map(({ p }) => p) };
}
