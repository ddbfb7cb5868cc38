import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderedReadme } from '../src/authoring/readme.js';
import { explained, type RecordedRun, recordedRuns } from '../src/authoring/results.js';
import { readFixtures } from '../src/fixtures/index.js';

describe('README.md', () => {
  it('is as it is generated', () => {
    expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toBe(renderedReadme());
  });
});

describe('recorded results', () => {
  it('have every failure explained, and no explanation without a failure', () => {
    for (const run of recordedRuns()) {
      expect([run.sdk, run.unexplained]).toEqual([run.sdk, []]);
      for (const { finding, failures } of run.findings) expect([finding, failures.length > 0]).toEqual([finding, true]);
    }
  });

  it('are of fbclient, without a failure, and of official SDKs', () => {
    const failures = recordedRuns().map(({ sdk, total }) => [sdk, total.failed > 0]);
    expect(failures).toEqual([
      ['fbclient', false],
      ['fb-python-sdk', true],
      ['featbit-go-sdk', true],
      ['@featbit/node-server-sdk', true],
    ]);
  });

  it('are of the fixtures as they are', () => {
    const count = readFixtures('evaluate').reduce((sum, { cases }) => sum + cases.length, 0);
    const groups = readFixtures('evaluate').map(({ group }) => group);
    for (const { groups: recorded } of recordedRuns()) {
      const counts = recorded.filter(({ group }) => groups.includes(group));
      expect(counts.reduce((sum, { passed, failed, skipped }) => sum + passed + failed + skipped, 0)).toBe(count);
    }
  });

  it('explain a case that fails in a long message as the same case in a short one', () => {
    const run = { failures: [{ id: 'long-messages/a/b', message: '' }] } as RecordedRun;
    expect(explained(run, [{ finding: 'x', cases: ['a/b'] }]).unexplained).toEqual([]);
  });

  it('leave a failure that no finding matches unexplained', () => {
    const run = {
      failures: [
        { id: 'a/b', message: 'saw 1' },
        { id: 'a/c', message: 'saw 2' },
      ],
    } as RecordedRun;
    const { unexplained } = explained(run, [{ finding: 'x', cases: ['a/*'], seen: 'saw 1' }]);
    expect(unexplained).toEqual(['a/c']);
  });
});
