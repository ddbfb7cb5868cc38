import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EvaluateCase } from '../src/fixtures/index.js';
import { selectJobs } from '../src/suite/all-jobs.js';
import { type CaseResult, runSuite } from '../src/suite/engine.js';
import { evaluationJobs } from '../src/suite/evaluation-packs.js';
import { ALL_RULES, flagCase } from './support/cases.js';

const driver = (name: string): string => fileURLToPath(new URL(`support/${name}.js`, import.meta.url));
const command = (...parts: string[]): string => [process.execPath, ...parts].map((part) => `"${part}"`).join(' ');

/** The outcomes of cases with a driver that goes wrong. */
async function outcomes(cases: EvaluateCase[], ...faults: string[]): Promise<Record<string, string>> {
  const jobs = evaluationJobs('group', cases);
  const options = { command: command(driver('faulty-driver'), ...faults), jobs, parallel: 2, replyMs: 1_000 };
  const { results } = await runSuite(options);
  const text = ({ outcome, message }: CaseResult): string =>
    message === undefined ? outcome : `${outcome}: ${message}`;
  return Object.fromEntries(results.map((result) => [result.id, text(result)]));
}

const CASES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(flagCase);
const ALL_PASS = Object.fromEntries(CASES.map(({ id }) => [id, 'passed']));

describe('the engine', () => {
  it('passes an evaluator that keeps the rules, on every evaluation fixture', async () => {
    const reference = command('--conditions=fbclient-source', '--import=tsx', driver('reference-driver'));
    const groups = ['evaluation', 'operators', 'rollout-buckets', 'bulk', 'generated-evaluation'];
    const jobs = selectJobs({ groups, cases: [] });
    const { hello, results } = await runSuite({ command: reference, jobs, parallel: 2 });
    expect(hello.sdk).toBe('reference');
    const unexpected = results.filter((result: CaseResult) => result.outcome !== 'passed');
    expect(unexpected).toEqual([]);
    expect(results.length).toBeGreaterThan(400);
  });

  it('fails the case that an SDK gets wrong, with what was expected and seen', async () => {
    expect(await outcomes(CASES, '--lie', 'c')).toEqual({
      ...ALL_PASS,
      'group/c':
        'failed: expected the result to be {"value":"no","variationId":"no-id","reason":"Fallthrough"}; saw {"value":"a lie","variationId":"no-id","reason":"Fallthrough"}',
    });
  });

  it('fails the case in which an SDK throws', async () => {
    const seen = await outcomes(CASES, '--throw', 'c');
    expect(seen).toEqual({ ...ALL_PASS, 'group/c': 'failed: the SDK threw: no such thing' });
  });

  it('skips what an SDK does not offer', async () => {
    const seen = await outcomes(CASES, '--refuse', 'c');
    expect(seen).toEqual({ ...ALL_PASS, 'group/c': 'skipped: not offered: that flag' });
  });

  it('finds the one case that brings a driver down among those that shared its environment', async () => {
    const seen = await outcomes(CASES, '--die', 'c');
    expect(seen).toEqual({
      ...ALL_PASS,
      'group/c': 'failed: the driver process ended (exit code 3): RangeError: the end',
    });
  });

  it('finds the one flag whose arrival brings a driver down', async () => {
    const seen = await outcomes(CASES, '--die-at-sync', 'f');
    expect(seen).toEqual({ ...ALL_PASS, 'group/f': 'failed: the driver process ended (exit code 3)' });
  });

  it('finds the one case that hangs, and replaces the driver', async () => {
    const seen = await outcomes(CASES.slice(0, 2), '--hang', 'b');
    expect(seen).toEqual({ 'group/a': 'passed', 'group/b': 'failed: no reply to evaluate within 1000 ms' });
  });

  it('refuses to run without a driver that answers', async () => {
    const jobs = evaluationJobs('group', CASES);
    await expect(runSuite({ command: 'exit 7', jobs, parallel: 1 })).rejects.toThrow(
      'the driver process ended (exit code 7)',
    );
  });
});

describe('rules', () => {
  it('have a case each, but those of the server side', () => {
    const checked = new Set(selectJobs({ groups: [], cases: [] }).flatMap((job) => job.cases.map((item) => item.rule)));
    const unchecked = ALL_RULES.filter(({ id }) => !checked.has(id));
    expect(unchecked.filter(({ side }) => side !== 'server')).toEqual([]);
  });

  it('are those that the cases name', () => {
    const known = new Set(ALL_RULES.map(({ id }) => id));
    const cases = selectJobs({ groups: [], cases: [] }).flatMap((job) => job.cases);
    expect(cases.filter(({ rule }) => !known.has(rule))).toEqual([]);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });
});
