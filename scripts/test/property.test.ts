import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ROOT } from '../run.js';

const HELPER = 'scripts/test-support/property.ts';
/** Every way to run a property with a seed that nobody has chosen. */
const RUNS_A_PROPERTY =
  /\b(?:fc|fastCheck)\s*\.\s*(?:assert|check|sample)\b|import\s*\{[^}]*\b(?:assert|check|sample)\b[^}]*\}\s*from\s*'fast-check'/;

const helper = async (environment: { SEED?: string; RUNS?: string }) => {
  vi.stubEnv('SEED', environment.SEED);
  vi.stubEnv('RUNS', environment.RUNS);
  vi.resetModules();
  return import('../test-support/property.js');
};

/** The numbers that a property was given. */
async function drawn(environment: { SEED?: string; RUNS?: string }): Promise<readonly number[]> {
  const numbers: number[] = [];
  const { check } = await helper(environment);
  await check(
    fc.property(fc.integer(), (number) => void numbers.push(number)),
    20,
  );
  return numbers;
}

describe('a property test', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('draws the same cases at each run, and others only when it is asked to', async () => {
    const info = vi.spyOn(console, 'info').mockReturnValue();
    const standard = await drawn({});
    expect(standard).toHaveLength(20);
    expect(await drawn({})).toEqual(standard);
    expect(info).toHaveBeenLastCalledWith('SEED=20260101, 20 runs');
    expect(await drawn({ SEED: '20260101' })).toEqual(standard);
    expect(await drawn({ SEED: '7' })).not.toEqual(standard);
    expect(info).toHaveBeenLastCalledWith('SEED=7, 20 runs');
    expect(await drawn({ SEED: 'random' })).not.toEqual(standard);
  });

  it('draws as many times as many as RUNS says', async () => {
    const info = vi.spyOn(console, 'info').mockReturnValue();
    expect(await drawn({ RUNS: '3' })).toHaveLength(60);
    expect(info).toHaveBeenLastCalledWith('SEED=20260101, 60 runs');
  });

  it('reports the seed and the smallest counterexample', async () => {
    vi.spyOn(console, 'info').mockReturnValue();
    const { check } = await helper({});
    const property = fc.property(fc.nat(), (number) => number < 1_000);
    await expect(check(property, 100)).rejects.toThrow(/seed: 20260101.*Counterexample: \[1000\]/s);
  });

  it.each([
    { SEED: 'sometimes' },
    { SEED: '-1' },
    { SEED: '1.5' },
    { SEED: '2147483648' },
    { RUNS: '0' },
    { RUNS: 'many' },
  ])('refuses %j', async (environment) => {
    const [name, value] = Object.entries(environment)[0] ?? [];
    await expect(helper(environment)).rejects.toThrow(`${name}=${value}: a whole number from `);
  });

  it.each([
    ['fc.assert(fc.property(fc.nat(), f));', true],
    ['await fc.assert(p);', true],
    ['fc.check(p)', true],
    ['fc.sample(fc.nat(), 10)', true],
    ["import { assert, property } from 'fast-check';", true],
    ["import {\n  array,\n  sample,\n} from 'fast-check';", true],
    ["import fc from 'fast-check';\nawait check(fc.property(fc.nat(), f), 100);", false],
    ["import { property } from 'fast-check';", false],
    ["import assert from 'node:assert';\nassert.ok(1);", false],
  ])('that says %j runs it itself: %s', (source, itself) => {
    expect(RUNS_A_PROPERTY.test(source)).toBe(itself);
  });

  it('is run by the one helper of the house, so that each has a seed that repeats it', () => {
    // Files that are not committed yet, too: the test speaks before CI does.
    const list = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.tsx', '*.js', '*.mjs'];
    const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    expect(files).toContain(HELPER);
    const others = files.filter((file) => file !== HELPER && file !== 'scripts/test/property.test.ts');
    const running = others.filter((file) => {
      const source = readIfThere(file);
      return source.includes("'fast-check'") && RUNS_A_PROPERTY.test(source);
    });
    expect(running, `these run a property themselves: take check() of ${HELPER}`).toEqual([]);
  });
});

/** A file that was removed and not committed yet is still listed. */
function readIfThere(file: string): string {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return '';
  }
}
