import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/arguments.js';
import { type Run, recorded } from '../../src/records.js';
import { gone, reportOf, surprises, withReport } from '../../src/report.js';
import { SDKS, type Sdk } from '../../src/sdks.js';
import { type Outcome, STEPS } from '../../src/steps.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the arguments', () => {
  it.each([
    [[], { only: [], seed: 1, keep: false, write: false }],
    [['--only', 'go', '--only', 'rust', '--keep'], { only: ['go', 'rust'], keep: true }],
    [['--seed', '42', '--write'], { seed: 42, write: true }],
  ])('%j are taken', (args, expected) => {
    expect(readArguments(args)).toMatchObject(expected);
  });

  it.each([
    [['--only', 'cobol'], /--only cobol: there is no such name/],
    [['--seed', 'x'], /--seed must be a whole number/],
    [['--frob'], /--frob/],
  ])('%j are refused with what to do', (args, problem) => {
    expect(readArguments(args)).toMatchObject({ problem: expect.stringMatching(problem) });
  });

  it('--help is the help', () => {
    expect(readArguments(['--help'])).toBe('help');
  });
});

describe('the table of SDKs', () => {
  it('has the versions that the quick tests of clients have', () => {
    const { devDependencies } = JSON.parse(read('interop/package.json'));
    const pinned = SDKS.filter(({ package: name }) => devDependencies[name] !== undefined);
    expect(pinned.length).toBeGreaterThan(3);
    for (const { package: name, version } of pinned)
      expect(`${name} ${devDependencies[name]}`).toBe(`${name} ${version}`);
  });

  it('has names that are different, and faults of steps that there are', () => {
    expect(new Set(SDKS.map(({ name }) => name)).size).toBe(SDKS.length);
    const steps = STEPS.map(({ name }) => name);
    for (const { faults = {} } of SDKS) expect(steps).toEqual(expect.arrayContaining(Object.keys(faults)));
  });
});

const SDK: Sdk = {
  name: 'some',
  package: 'some-sdk',
  version: '1.0.0',
  language: 'Go',
  faults: { archive: 'archived flags live on' },
  install: () => {
    throw new Error('not installed here');
  },
};

function run(outcomes: Readonly<Record<string, Outcome>>, comparison?: Run['comparison']): Run {
  const about = { package: SDK.package, version: SDK.version, date: '2026-11-28', runtime: 'Go 1.26' };
  return { ...about, outcomes, ...(comparison === undefined ? {} : { comparison }) };
}

const WELL: Outcome = { kind: 'well', text: '' };
const FAULT: Outcome = { kind: 'fault', seen: '"red" and not "blue"' };

describe('the report', () => {
  it('says of each step how it went, and of each fault what is known or was seen', () => {
    const report = reportOf([{ sdk: SDK, run: run({ start: WELL, archive: FAULT, push: FAULT }) }]);
    expect(report).toContain('| some-sdk 1.0.0 | 2026-11-28, Go 1.26 | yes |');
    expect(report).toContain('- some-sdk 1.0.0, archive: archived flags live on.');
    expect(report).toContain('- some-sdk 1.0.0, change: "red" and not "blue".');
  });

  it('says what was not run, and shows nothing for it that looks well', () => {
    const report = reportOf([{ sdk: SDK, run: undefined }]);
    expect(report).toContain('| some-sdk 1.0.0 | not run | – |');
    expect(report).not.toContain('yes');
  });

  it('counts values by cause, and those of several causes in one row', () => {
    const disagreements = [
      { cause: ['number-go'] as const, count: 3, example: '' },
      { cause: ['number-go', 'absent-negative'] as const, count: 2, example: '' },
    ];
    const report = reportOf([{ sdk: SDK, run: run({ start: WELL }, { evaluations: 1_500, disagreements, seed: 7 }) }]);
    expect(report).toContain('| some-sdk 1.0.0 | 1,500, seed 7 | 5 (0.3 %) |');
    expect(report).toMatch(/\| some-sdk 1\.0\.0 \| 3 \| numbers are Go’s/);
    expect(report).toContain('| some-sdk 1.0.0 | 2 | two or more of these at once |');
  });

  it('takes the place of the one before', () => {
    const page = 'a\n<!-- begin interop: generated -->\nold\n<!-- end interop -->\nz';
    expect(withReport(page, 'new')).toBe('a\n<!-- begin interop: generated -->\nnew\n<!-- end interop -->\nz');
    expect(() => withReport('no place', 'new')).toThrow(/has no/);
  });

  it('is what the page has: it is made of the runs that are kept', () => {
    const page = read('docs/interoperability.md');
    expect(withReport(page, reportOf(SDKS.map((sdk) => ({ sdk, run: recorded(sdk) }))))).toBe(page);
  });
});

describe('what ends the command with code 1', () => {
  const unexplained = {
    evaluations: 1,
    disagreements: [{ cause: 'unexplained', count: 1, example: '' } as const],
    seed: 1,
  };

  it.each<[string, Run, number]>([
    ['nothing that went well', run({ start: WELL }), 0],
    ['no fault that is known', run({ archive: FAULT }), 0],
    ['a fault that is not known', run({ push: FAULT }), 1],
    ['a value that nobody can explain', run({ start: WELL }, unexplained), 1],
  ])('is %s', (_, given, count) => {
    expect(surprises(SDK, given)).toHaveLength(count);
  });

  it('a known fault that is gone is said', () => {
    expect(gone(SDK, run({ archive: WELL }))).toEqual(['archive']);
    expect(gone(SDK, run({ archive: FAULT }))).toEqual([]);
  });

  it('no kept run has a surprise', () => {
    const found = SDKS.flatMap((sdk) => {
      const kept = recorded(sdk);
      return kept === undefined ? [] : surprises(sdk, kept).map((text) => `${sdk.name}: ${text}`);
    });
    expect(found).toEqual([]);
  });
});

it('every driver that the table names is there', () => {
  const table = read('interop/src/sdks.ts');
  const drivers = [...table.matchAll(/interop\/drivers\/[\w.-]+/g)].map(([path]) => path);
  expect(drivers.length).toBeGreaterThan(5);
  for (const path of drivers) expect(existsSync(new URL(`../../../${path}`, import.meta.url)), path).toBe(true);
});
