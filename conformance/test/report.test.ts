import { describe, expect, it } from 'vitest';
import { junitReport } from '../src/report/junit.js';
import { jsonReport } from '../src/report/summary.js';
import { textReport } from '../src/report/text.js';
import type { Run } from '../src/suite/engine.js';

const RUN: Run = {
  hello: { sdk: 'an-sdk', version: '1.2', capabilities: [] },
  milliseconds: 1_234,
  results: [
    {
      id: 'b/2',
      group: 'b',
      rule: 'r.two',
      description: 'Two.',
      outcome: 'skipped',
      message: 'not offered: x',
      milliseconds: 1,
    },
    { id: 'a/10', group: 'a', rule: 'r.one', description: 'Ten.', outcome: 'passed', milliseconds: 20 },
    {
      id: 'a/2',
      group: 'a',
      rule: 'r.one',
      description: 'Two.',
      outcome: 'failed',
      message: 'expected "<a>" & saw \u0001"b"',
      milliseconds: 5,
    },
  ],
};
const GROUPS = ['a', 'b', 'c'];

describe('reports', () => {
  it('as text: a table by group, failures with their rule, reasons for skips', () => {
    expect(textReport(RUN, GROUPS, new Map([['r.one', 'One is one.']]))).toBe(`an-sdk 1.2

group  passed  failed  skipped
-----  ------  ------  -------
a           1       1        0
b           0       0        1
all         1       1        1

Failures (1)

  ✗ a/2
    rule r.one: One is one.
    case: Two.
    expected "<a>" & saw \u0001"b"

Skipped
     1  not offered: x

1 passed, 1 failed, 1 skipped in 1.2 s
`);
  });

  it('as JUnit: well-formed, without what XML cannot hold', () => {
    expect(junitReport(RUN, GROUPS)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="FeatBit conformance of an-sdk 1.2" time="1.234">
  <testsuite name="a" tests="2" failures="1" skipped="0">
    <testcase name="a/2" classname="a" time="0.005"><failure message="expected &quot;&lt;a&gt;&quot; &amp; saw &quot;b&quot;" type="r.one">r.one: Two.
expected &quot;&lt;a&gt;&quot; &amp; saw &quot;b&quot;</failure></testcase>
    <testcase name="a/10" classname="a" time="0.020"/>
  </testsuite>
  <testsuite name="b" tests="1" failures="0" skipped="1">
    <testcase name="b/2" classname="b" time="0.001"><skipped message="not offered: x"/></testcase>
  </testsuite>
</testsuites>
`);
  });

  it('as JSON: totals, groups and every result in order', () => {
    const report = JSON.parse(jsonReport(RUN, GROUPS));
    expect(report).toMatchObject({ sdk: 'an-sdk', version: '1.2', total: { passed: 1, failed: 1, skipped: 1 } });
    expect(report.results.map((result: { id: string }) => result.id)).toEqual(['a/2', 'a/10', 'b/2']);
  });
});
