import { readFileSync } from 'node:fs';
import * as statistics from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';

/**
 * Reference cases: expected values were computed with 50 digits from the formulas of docs/experiments.md and rounded to
 * doubles. Numbers agree to 1e-9 unless the case says otherwise; fields that a case does not name are free.
 */
interface Case {
  readonly id: string;
  readonly kind: Kind;
  readonly note: string;
  readonly input: unknown;
  readonly expected: unknown;
  readonly relativeTolerance?: number;
  readonly absoluteTolerance?: number;
}

const { tTwoSided, tUpperQuantile, normalUpperTail, normalUpperQuantile, chiSquareUpperTail } = statistics;
const DISTRIBUTIONS = {
  't-two-sided': ({ t = NaN, df = NaN }) => tTwoSided(t, df),
  't-upper-quantile': ({ p = NaN, df = NaN }) => tUpperQuantile(p, df),
  'normal-upper-tail': ({ z = NaN }) => normalUpperTail(z),
  'normal-upper-quantile': ({ p = NaN }) => normalUpperQuantile(p),
  'chi-square-upper-tail': ({ x = NaN, df = NaN }) => chiSquareUpperTail(x, df),
} satisfies Record<string, (input: Record<string, number>) => number>;

/** The function of each kind of case: what is written in docs/experiments.md. */
const FUNCTIONS = {
  'mean-variance': statistics.meanVariance,
  welch: statistics.welch,
  'relative-fieller': statistics.relativeFieller,
  'relative-delta': statistics.relativeDelta,
  ratio: statistics.ratio,
  cuped: statistics.cuped,
  'always-valid': statistics.alwaysValid,
  'always-valid-comparison': statistics.alwaysValidComparison,
  bayes: statistics.bayes,
  'best-of-n': statistics.bestOfN,
  srm: statistics.srm,
  'srm-sequential': statistics.srmSequential,
  holm: statistics.holm,
  'benjamini-hochberg': statistics.benjaminiHochberg,
  'sample-size': statistics.sampleSize,
  'minimum-detectable-effect': statistics.minimumDetectableEffect,
  'remaining-time': statistics.remainingTime,
  pipeline: statistics.sumEvents,
  distribution: (input: { readonly function: keyof typeof DISTRIBUTIONS }) => ({
    value: DISTRIBUTIONS[input.function](input as unknown as Record<string, number>),
  }),
};
type Kind = keyof typeof FUNCTIONS;

function casesIn(file: string): readonly Case[] {
  const text = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): Case => JSON.parse(line));
}

const cases = casesIn('cases.jsonl');
/** Left to chance, with many at the edges: nobody, a single user, no variance, equal values, ties; computed with 60 digits. */
const generated = casesIn('generated-cases.jsonl');

/** Where the actual value is not the expected one. */
function differences(
  expected: unknown,
  actual: unknown,
  path: string,
  tolerance: Pick<Case, 'relativeTolerance' | 'absoluteTolerance'>,
): readonly string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const { relativeTolerance = 1e-9, absoluteTolerance = 0 } = tolerance;
    const allowed = Math.max(absoluteTolerance, relativeTolerance * Math.abs(expected));
    return Math.abs(actual - expected) <= allowed ? [] : [`${path}: ${actual} is not ${expected}`];
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return Object.is(expected, actual) ? [] : [`${path}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`];
  }
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return [`${path}: another length`];
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], `${path}.${key}`, tolerance),
  );
}

describe('the reference cases', () => {
  it.each(cases.map((one) => [`${one.id} ${one.kind}: ${one.note}`, one] as const))('%s', (_, one) => {
    const run = FUNCTIONS[one.kind] as (input: unknown) => unknown;
    expect(differences(one.expected, run(one.input), one.kind, one)).toEqual([]);
  });

  it('are of every kind', () => {
    expect(Object.keys(FUNCTIONS).filter((kind) => !cases.some((one) => one.kind === kind))).toEqual([]);
    expect(cases.length).toBe(114);
  });
});

describe('generated cases', () => {
  it.each([...new Set(generated.map(({ kind }) => kind))])('of %s agree', (kind) => {
    const wrong = generated
      .filter((one) => one.kind === kind)
      .flatMap((one) =>
        differences(one.expected, (FUNCTIONS[kind] as (input: unknown) => unknown)(one.input), one.id, one),
      );
    expect(wrong).toEqual([]);
  });
});

describe('distributions', () => {
  const rows = readFileSync(new URL('fixtures/distributions.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const WORST: Record<keyof typeof DISTRIBUTIONS, number> = {
    't-two-sided': 2e-13,
    't-upper-quantile': 2e-14,
    'normal-upper-tail': 2e-15,
    'normal-upper-quantile': 2e-15,
    'chi-square-upper-tail': 1e-13,
  };

  it.each(Object.entries(WORST))('%s is right to %d of the value, also at 1e-300', (name, worst) => {
    const errors = rows.flatMap((row) => {
      const [of, argument, df, value] = row.split(',');
      if (of !== name) return [];
      const at = Number(argument);
      const actual = DISTRIBUTIONS[name as keyof typeof DISTRIBUTIONS]({ t: at, p: at, z: at, x: at, df: Number(df) });
      return [{ row, error: Math.abs(actual / Number(value) - 1) }];
    });
    expect(errors.length).toBeGreaterThan(20);
    expect(errors.filter(({ error }) => !(error <= worst))).toEqual([]);
  });
});
