import { describe, expect, it } from 'vitest';
import type { TestResult } from 'vitest/node';
import { DemandReporter, type HoldingTest } from '../support/demand-reporter.js';
import { DEMANDS, demandLines, spread } from '../support/demands.js';
import { RetriedReporter, type TriedTest } from '../support/retried-reporter.js';

const PASSED: TestResult = { state: 'passed', errors: undefined };
const FAILED: TestResult = { state: 'failed', errors: [] };

describe('what the page is held to', () => {
  it('has each of the fifteen demands, with what the peer does', () => {
    const numbers = new Set(Object.values(DEMANDS).map(({ of }) => of));
    expect([...numbers].filter((of) => of !== '–').sort((a, b) => a - b)).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
    expect(Object.values(DEMANDS).every(({ peer }) => peer.length > 0)).toBe(true);
  });

  it('is one line a demand: what was found, what it may be, what the peer has', () => {
    const lines = demandLines(new Map([['warm-open', '2']]));
    expect(lines).toHaveLength(Object.keys(DEMANDS).length);
    expect(lines[2]).toBe(' 1  files that a warm open asks for: 2 (at most 3); Unleash: 154');
    expect(lines[3]).toMatch(/: not run \(at most 250 ms\); Unleash: 2,430 ms$/);
  });

  const holding = (measured: string, result: TestResult): HoldingTest => ({
    meta: () => ({ demands: { presses: measured } }),
    result: () => result,
  });
  it.each<[string, readonly HoldingTest[], string | undefined]>([
    ['what a test has found', [holding('4', PASSED)], '4'],
    ['that it is not held when the test failed', [holding('4', FAILED)], 'NOT HELD (4)'],
    ['that it is not held when one of its tests failed', [holding('4', FAILED), holding('4', PASSED)], 'NOT HELD (4)'],
    ['nothing when no test holds a demand', [{ meta: () => ({}), result: () => PASSED }], undefined],
  ])('is printed with %s', (_, tests, printed) => {
    const written: string[] = [];
    const reporter = new DemandReporter((text) => written.push(text));
    for (const test of tests) reporter.onTestCaseResult(test);
    reporter.onTestRunEnd();
    const line = written
      .join('\n')
      .split('\n')
      .find((line) => line.includes('to a switched flag'));
    expect(line === undefined ? undefined : /: ([^:]*) \(at most 4\)/.exec(line)?.[1]).toBe(printed);
  });

  it.each([
    { times: [5, 1, 3], largest: 1, text: '3 ms, 5 ms' },
    { times: Array.from({ length: 200 }, (_, index) => index), largest: 0.99, text: '100 ms, 198 ms' },
    { times: [2.6], largest: 0.99, text: '3 ms, 3 ms' },
  ])('has times as median and largest: $text', ({ times, largest, text }) => {
    expect(spread(times, largest).text).toBe(text);
  });
});

describe('a test that held only when it was tried again', () => {
  const tried = (flaky: boolean, message: string): TriedTest => ({
    diagnostic: () => ({
      slow: false,
      heap: undefined,
      duration: 1,
      startTime: 0,
      retryCount: 1,
      repeatCount: 0,
      flaky,
    }),
    fullName: 'a page > opens',
    module: { relativeModuleId: 'flag.test.ts' },
    result: () => ({ state: 'passed', errors: [{ name: 'Error', message, stacks: [] }] }),
  });

  it('is reported as a fault, on one line that says why it failed at first', () => {
    const written: string[] = [];
    const reporter = new RetriedReporter((line) => written.push(line));
    reporter.onTestCaseResult(tried(true, 'expected 1\nto be 2'));
    reporter.onTestCaseResult(tried(false, ''));
    reporter.onTestRunEnd();
    expect(written).toEqual([
      'FAULT: held only when tried again, look for the cause: flag.test.ts: a page > opens: expected 1',
    ]);
  });
});
