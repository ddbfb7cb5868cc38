import type { CaseResult, Run } from '../suite/engine.js';
import { inOrder, summarise } from './summary.js';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for an attribute or an element; what XML cannot hold is left out. */
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/** The run in the form that CI systems read. */
export function junitReport(run: Run, groups: readonly string[]): string {
  const results = inOrder(run.results, groups);
  const suites = summarise(results, groups).map(({ group, failed, skipped, passed }) => {
    const cases = results.filter((result) => result.group === group);
    const head = `name="${xml(group)}" tests="${passed + failed + skipped}" failures="${failed}" skipped="${skipped}"`;
    return `  <testsuite ${head}>\n${cases.map(testcase).join('\n')}\n  </testsuite>`;
  });
  const name = xml(`FeatBit conformance of ${run.hello.sdk} ${run.hello.version}`);
  const time = (run.milliseconds / 1000).toFixed(3);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" time="${time}">\n${suites.join('\n')}\n</testsuites>\n`;
}

function testcase({ id, group, rule, description, outcome, message, milliseconds }: CaseResult): string {
  const head = `    <testcase name="${xml(id)}" classname="${xml(group)}" time="${(milliseconds / 1000).toFixed(3)}"`;
  if (outcome === 'passed') return `${head}/>`;
  if (outcome === 'skipped') return `${head}><skipped message="${xml(message ?? '')}"/></testcase>`;
  const text = xml(`${rule}: ${description}\n${message ?? ''}`);
  return `${head}><failure message="${xml(message ?? '')}" type="${xml(rule)}">${text}</failure></testcase>`;
}
