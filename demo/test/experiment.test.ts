import { startCenter } from 'fbcenter';
import { describe, expect, it, onTestFinished } from 'vitest';
import { demoEnvironment } from '../src/environment.js';
import { DemoExperiment, lineOf } from '../src/experiment.js';

describe('the line about the experiment', () => {
  const results = (relative: object | undefined, verdict = 'undecided') => ({
    verdict,
    users: 1_234,
    metrics: [{ comparisons: [{ result: relative === undefined ? {} : { relative } }] }],
  });

  it.each([
    [results(undefined, 'no-users'), 'the friendlier button sells no interval yet: no-users · 1,234 visitors'],
    [results({ status: 'zero-baseline' }), 'the friendlier button sells no interval yet: undecided · 1,234 visitors'],
    [
      results({ status: 'ok', uplift: 0.123, low: -0.04, high: 0.31 }, 'better'),
      'the friendlier button sells +12.3 %, between −4.0 % and +31.0 %: better · 1,234 visitors',
    ],
    [
      { verdict: 'collecting', users: 0, metrics: [] },
      'the friendlier button sells no interval yet: collecting · 0 visitors',
    ],
  ])('of %j', (body, line) => {
    expect(lineOf(body as Parameters<typeof lineOf>[0])).toBe(line);
  });
});

describe('the experiment of the demo', () => {
  it('is set up once, runs, is drawn when its verdict is new, and is a line afterwards', async () => {
    const center = await startCenter({ port: 0, environments: [demoEnvironment] });
    onTestFinished(() => center.close());
    const experiment = new DemoExperiment(center);
    await experiment.prepare();
    await new DemoExperiment(center).prepare();
    const first = await experiment.report(100);
    expect(first).toMatch(/^\nA friendlier button \(friendly-button\) on the flag buy-button: running, iteration 1/);
    expect(first).toContain('NO-USERS');
    expect(await experiment.report(100)).toBe(
      'experiment    the friendlier button sells no interval yet: no-users · 0 visitors',
    );
  });

  it('is no reason to stop when the center does not answer', async () => {
    expect(await new DemoExperiment({ url: 'http://127.0.0.1:1', adminToken: 'x' }).report(80)).toBeUndefined();
  });
});
