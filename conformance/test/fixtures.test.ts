import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { fixtureFiles } from '../src/authoring/all.js';
import { formatFixtureFile } from '../src/authoring/format.js';
import { FIXTURE_GROUPS, readRules } from '../src/fixtures/index.js';

const read = (name: string): string => readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');

const rules = readRules().flatMap((area) => area.rules);
const cases = fixtureFiles.flatMap((file): { id: string; rule: string }[] => file.cases);

describe('fixture files', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false }).compile(
    JSON.parse(read('schema')),
  );

  it.each(fixtureFiles)('$group is committed as it is generated', (file) => {
    expect(read(file.group)).toBe(formatFixtureFile(file));
  });

  it.each(fixtureFiles)('$group validates against the schema', ({ group }) => {
    validate(JSON.parse(read(group)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('are the groups that readers are given', () => {
    expect(fixtureFiles.map((file) => file.group)).toEqual([...FIXTURE_GROUPS]);
  });

  it('refuses a file with a case without a rule', () => {
    const file = JSON.parse(read('bulk'));
    delete file.cases[0].rule;
    expect(validate(file)).toBe(false);
  });
});

describe('cases', () => {
  it('have unique ids that start with their group', () => {
    expect(new Set(cases.map((item) => item.id)).size).toBe(cases.length);
    for (const file of fixtureFiles) {
      for (const item of file.cases) expect(item.id.startsWith(`${file.group}/`)).toBe(true);
    }
  });

  it('are at least 400', () => {
    expect(cases.length).toBeGreaterThanOrEqual(400);
  });

  it('have GUIDs for ids, as the platform has, but for damaged ones and names that objects inherit', () => {
    const ids = fixtureFiles.flatMap((file) =>
      file.cases.flatMap(({ given, then }) => [...idsIn(given), ...idsIn(then)]),
    );
    const others = new Set(ids.filter((id) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)));
    expect(ids.length).toBeGreaterThan(5_000);
    expect([...others]).toEqual(['', '__proto__']);
  });

  it('check rules that exist', () => {
    const known = new Set(rules.map((rule) => rule.id));
    expect(cases.filter((item) => !known.has(item.rule))).toEqual([]);
  });

  it('have rules with unique ids', () => {
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });
});

/** The texts of all members that hold an id of the platform's. */
function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'user') return [];
    const isId = ['id', 'variationId', 'disabledVariationId'].includes(name);
    return isId && typeof member === 'string' ? [member] : idsIn(member);
  });
}
