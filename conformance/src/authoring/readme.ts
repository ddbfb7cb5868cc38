/** The parts of README.md that are generated, each between two comments: `npm run readme --workspace conformance`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CAPABILITIES } from '../driver/protocol.js';
import { FIXTURE_GROUPS, FIXTURES_DIRECTORY, readFixtureFile, readRules } from '../fixtures/read.js';
import { inOrder } from '../report/summary.js';
import { GROUPS, selectJobs } from '../suite/all-jobs.js';
import { recordedRuns } from './results.js';

const README = join(FIXTURES_DIRECTORY, '../README.md');

const row = (...cells: (string | number)[]): string =>
  `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: string[], rows: (string | number)[][]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

function resultsTable(): string {
  const runs = recordedRuns();
  const groups = runs[0]?.groups.map(({ group }) => group) ?? [];
  const cell = (counts: { passed: number; failed: number; skipped: number } | undefined): string => {
    if (counts === undefined) return '';
    const { passed, failed, skipped } = counts;
    return `${passed} of ${passed + failed}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  };
  return table(
    ['group', ...runs.map(({ sdk, version, date }) => `${sdk} ${version}, ${date}`)],
    [
      ...groups.map((group) => [group, ...runs.map((run) => cell(run.groups.find((item) => item.group === group)))]),
      ['**all**', ...runs.map((run) => `**${cell(run.total)}**`)],
      ['seconds', ...runs.map((run) => run.seconds)],
    ],
  );
}

const LISTED = 4;

function findingsTables(): string {
  return recordedRuns()
    .filter(({ findings }) => findings.length > 0)
    .map(({ sdk, version, findings }) => {
      const rows = findings.map(({ finding, failures }) => {
        const more = failures.length > LISTED ? `, and ${failures.length - LISTED} more` : '';
        return [
          finding,
          failures.length,
          `${failures
            .slice(0, LISTED)
            .map((id) => `\`${id}\``)
            .join(', ')}${more}`,
        ];
      });
      return `### ${sdk} ${version}\n\n${table(['finding', 'cases', 'such as'], rows)}`;
    })
    .join('\n\n');
}

const capabilitiesTable = (): string =>
  table(
    ['capability', 'the SDK …'],
    Object.entries(CAPABILITIES).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );

function fixturesTable(): string {
  const rows = FIXTURE_GROUPS.map((group) => {
    const { kind, title, cases } = readFixtureFile(group);
    return [`[${group}](fixtures/${group}.json)`, kind, cases.length, title];
  });
  return table(['file', 'kind', 'cases', 'about'], rows);
}

function rulesTables(): string {
  // In the order of the report, which does not change with what waits.
  const jobs = selectJobs({ groups: [], cases: [] });
  const cases = inOrder(
    jobs.flatMap((job) => job.cases),
    GROUPS,
  );
  return readRules()
    .map(({ area, rules }) => {
      const rows = rules.map(({ id, rule, side }) => {
        const ids = cases.filter((item) => item.rule === id).map((item) => `\`${item.id}\``);
        const more = ids.length > LISTED ? `, and ${ids.length - LISTED} more` : '';
        const told =
          ids.length === 0 && side === 'server'
            ? 'the server’s side: none'
            : `${ids.slice(0, LISTED).join(', ')}${more}`;
        return [`\`${id}\``, rule, told];
      });
      return `#### ${area}\n\n${table(['rule', 'in words', 'cases'], rows)}`;
    })
    .join('\n\n');
}

const PARTS: Record<string, () => string> = {
  results: resultsTable,
  findings: findingsTables,
  capabilities: capabilitiesTable,
  fixtures: fixturesTable,
  rules: rulesTables,
};

/** The README with its generated parts as they are now. */
export function renderedReadme(): string {
  let text = readFileSync(README, 'utf8');
  for (const [name, make] of Object.entries(PARTS)) {
    const begin = `<!-- begin ${name}: generated -->`;
    const end = `<!-- end ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md lacks the part ${name}`);
    text = `${text.slice(0, from + begin.length)}\n${make()}\n${text.slice(to)}`;
  }
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(README, renderedReadme());
