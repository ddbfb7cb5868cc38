import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run.js';
import { CONVERSION, conversion, daily, experiment, hourly, revenue, USERS_PER_DAY } from '../simulation/experiment.js';
import { falseAlarms } from '../simulation/false-alarms.js';
import { markdownOf, replaceBlock } from '../simulation/page.js';
import { Random } from '../simulation/random.js';
import { alwaysValidSays, firstAlarms, type Rule } from '../simulation/rules.js';
import { coverage, power } from '../simulation/truth.js';

const SEED = 1;
const simulation = (runs: number) => ({ runs, seed: SEED, progress: () => undefined });

function momentsOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe('random numbers of the simulation', () => {
  const many = (draw: (random: Random) => number): readonly number[] => {
    const random = new Random(SEED, 0);
    return Array.from({ length: 50_000 }, () => draw(random));
  };

  it('are the same for a seed and stream, and others for another one', () => {
    const first = (seed: number, stream: number) => new Random(seed, stream).uniform();
    expect(first(1, 2)).toBe(first(1, 2));
    expect(new Set([first(1, 2), first(1, 3), first(2, 2), first(2, 1)]).size).toBe(4);
  });

  it.each<[string, (random: Random) => number, number, number]>([
    ['uniform', (random) => random.uniform(), 0.5, 1 / 12],
    ['normal', (random) => random.normal(), 0, 1],
    ['binomial, few users', (random) => random.binomial(20, 0.05), 1, 0.95],
    ['binomial, many users', (random) => random.binomial(7000, 0.0575), 402.5, 379.35625],
  ])('are %s', (_, draw, mean, variance) => {
    const moments = momentsOf(many(draw));
    // Five standard errors.
    expect(Math.abs(moments.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / 50_000));
    expect(moments.variance / variance).toBeGreaterThan(0.96);
    expect(moments.variance / variance).toBeLessThan(1.04);
  });
});

describe('a simulated experiment', () => {
  it('has as many users in hours as in days', () => {
    const total = (schedule: readonly number[]) => schedule.reduce((sum, users) => sum + users, 0);
    expect(total(hourly(28))).toBe(total(daily(28)));
    expect(total(hourly(1))).toBe(USERS_PER_DAY);
  });

  it('adds up, look by look, with sums that users can have', () => {
    const looks = [...experiment(new Random(SEED, 1), revenue(0.5, 1), conversion(0.5), daily(3))];
    expect(looks.map(({ control }) => control.n)).toEqual([500, 1000, 1500]);
    for (const { control, treatment } of looks) {
      expect(control.n * control.sumSquares).toBeGreaterThan(control.sum ** 2);
      expect(treatment.sum).toBe(treatment.sumSquares);
    }
  });

  it('is given up by each rule at its first alarm', () => {
    const looks = [...experiment(new Random(SEED, 1), CONVERSION, conversion(0.5), daily(3))];
    const fromThirdDay: Rule = ({ users }) => users > 2 * 2 * USERS_PER_DAY;
    expect(firstAlarms([alwaysValidSays(5000), fromThirdDay, () => false], looks)).toEqual([0, 2, undefined]);
  });
});

describe('the simulation', () => {
  it('finds that always-valid intervals keep their promise, and that Welch at every look does not', () => {
    const { rows, broken } = falseAlarms(simulation(100));
    expect(broken).toEqual([]);
    const welch = rows.find(([name]) => name === 'Welch at every look');
    expect(Number.parseFloat(welch?.[1] ?? '')).toBeGreaterThan(10);
  });

  it('finds true effects, and intervals that hold the truth', () => {
    const [fixed, always] = power(simulation(100)).rows;
    expect(Number.parseFloat(fixed?.[1] ?? '')).toBeGreaterThan(65);
    expect(Number.parseFloat(always?.[1] ?? '')).toBeGreaterThan(65);
    expect(coverage(simulation(100)).broken).toEqual([]);
  });

  it('puts its tables between the marks of the page, which are there', () => {
    const table = markdownOf([{ title: 'T', head: ['a', 'b'], rows: [['1', '2']], broken: [] }]);
    expect(table).toBe('**T**\n\n| a | b |\n| --- | --- |\n| 1 | 2 |');
    const page = readFileSync(join(ROOT, 'docs/experiments.md'), 'utf8');
    expect(replaceBlock(replaceBlock(page, 'x'), table)).toContain(`-->\n${table}\n<!--`);
    expect(() => replaceBlock('no marks', table)).toThrow('the page has no');
  });

  it.each([
    [['--help'], 0, 'Usage'],
    [['--runs', '1'], 2, '--runs must be'],
    [['--seed', 'x'], 2, '--seed must be'],
    [['--fast'], 2, 'fast'],
  ])('called with %j ends with %i', (args, status, text) => {
    const command = ['--conditions=fbclient-source', '--import=tsx', 'scripts/simulate-experiments.ts', ...args];
    const result = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
    expect(result.status).toBe(status);
    expect(result.stdout + result.stderr).toContain(text);
  });
});
