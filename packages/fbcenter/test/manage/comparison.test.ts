import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparison, compare, judged } from '../../src/manage/comparison.js';
import { changeLines, countText } from '../../src/manage/display.js';
import { storedOf, type WantedDocument } from '../../src/manage/wanted.js';
import type { JsonObject } from '../../src/model/json.js';
import { aFlag, aRule, aSegment, everybody } from '../support/documents.js';
import { check } from '../support/property.js';

const flag = (overrides: JsonObject = {}): WantedDocument => ({
  kind: 'flag',
  input: aFlag({ key: 'a', ...overrides }),
  place: (path) => `f:${path}`,
});
const segment = (overrides: JsonObject = {}): WantedDocument => ({
  kind: 'segment',
  input: aSegment({ id: 's', ...overrides }),
  place: (path) => `f:${path}`,
});
const isOn = { property: 'country', op: 'Equal', value: 'NZ' };
const inSegment = { property: 'User is in segment', op: null, value: '["s"]' };

const linesOf = ({ changes }: Comparison) => changeLines(changes).map((line) => line.trim());

async function difference(before: readonly WantedDocument[], after: readonly WantedDocument[], withSwitch = true) {
  const { stored, faults } = await judged(before);
  expect(faults).toEqual([]);
  return compare(after, stored, { withSwitch, withRemoved: true });
}

describe('the comparison of documents', () => {
  it.each<[name: string, before: WantedDocument[], after: WantedDocument[], lines: string[]]>([
    ['nothing', [], [], []],
    ['the same', [flag()], [flag()], []],
    ['defaults that are written out', [flag()], [flag({ name: 'a', tags: [], rules: [], targetUsers: [] })], []],
    [
      'members in another order',
      [flag()],
      [{ ...flag(), input: Object.fromEntries(Object.entries(flag().input as object).reverse()) }],
      [],
    ],
    ['a new one', [], [flag()], ['+ flag a']],
    ['one that is gone', [flag(), segment()], [segment()], ['- flag a']],
    ['a switch', [flag()], [flag({ isEnabled: false })], ['~ flag a', 'isEnabled: true → false']],
    ['a text', [flag()], [flag({ description: 'x' })], ['~ flag a', 'description: "x"']],
    ['a text that is gone', [flag({ description: 'x' })], [flag()], ['~ flag a', 'description: "x" → gone']],
    [
      'a value within',
      [flag()],
      [
        flag({
          variations: [
            { id: 'on', value: 'true' },
            { id: 'off', value: 'true' },
          ],
        }),
      ],
      ['~ flag a', 'variations[1].value: "false" → "true"'],
    ],
    [
      'who is in a segment',
      [segment()],
      [segment({ included: ['u1', 'u3'] })],
      ['~ segment s', 'included: ["u1"] → ["u1","u3"]'],
    ],
    ['a rule without an id, twice the same', [flag({ rules: [aRule(isOn)] })], [flag({ rules: [aRule(isOn)] })], []],
    [
      'two rules that say the same',
      [flag({ rules: [aRule(isOn), aRule(isOn)] })],
      [flag({ rules: [aRule(isOn), aRule(isOn)] })],
      [],
    ],
    [
      'a segment that comes with its flag',
      [],
      [flag({ rules: [aRule(inSegment)] }), segment()],
      ['+ segment s', '+ flag a'],
    ],
  ])('of %s', async (_, before, after, lines) => {
    expect(linesOf(await difference(before, after))).toEqual(lines);
  });

  it('leaves switches alone where it is to', async () => {
    expect(linesOf(await difference([flag()], [flag({ isEnabled: false })], false))).toEqual([]);
    expect(linesOf(await difference([flag()], [flag({ isEnabled: false, description: 'x' })], false))).toEqual([
      '~ flag a',
      'description: "x"',
    ]);
  });

  it('names the place of each fault in the files', async () => {
    const { faults, changes } = await compare(
      [flag({ variations: [] }), flag({ key: 'b', rules: [aRule(inSegment)] })],
      [],
      { withSwitch: true },
    );
    expect(changes).toEqual([]);
    expect(faults).toContainEqual({ place: 'f:variations', message: expect.stringContaining('variations: ') });
    expect(faults).toContainEqual({
      place: expect.stringMatching(/^f:rules\[0\]/),
      message: expect.stringContaining('rules[0]'),
    });
  });

  it('of a document with itself finds nothing, and with another what makes them alike', async () => {
    const documents = fc.uniqueArray(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        isEnabled: fc.boolean(),
        on: fc.constantFrom('on', 'off'),
      }),
      { selector: ({ key }) => key },
    );
    const wanted = (drafts: readonly { key: string; isEnabled: boolean; on: string }[]) =>
      drafts.map(({ key, isEnabled, on }) => flag({ key, isEnabled, fallthrough: { variations: everybody(on) } }));
    await check(
      fc.asyncProperty(documents, documents, async (before, after) => {
        expect((await difference(wanted(before), wanted(before))).changes).toEqual([]);
        const { changes, same } = await difference(wanted(before), wanted(after));
        const keys = new Map(changes.map(({ key, outcome }) => [key, outcome]));
        for (const { key, ...rest } of after) {
          const old = before.find((one) => one.key === key);
          const isSame = old !== undefined && old.isEnabled === rest.isEnabled && old.on === rest.on;
          expect(keys.get(key)).toBe(old === undefined ? 'created' : isSame ? undefined : 'changed');
        }
        const gone = before.filter(({ key }) => after.every((one) => one.key !== key));
        expect(changes.filter(({ outcome }) => outcome === 'removed')).toHaveLength(gone.length);
        expect(same).toBe(after.length - changes.filter(({ outcome }) => outcome !== 'removed').length);
      }),
    );
  });
});

describe('what an export has', () => {
  it('is compared by its own words', async () => {
    const there = storedOf({
      flags: [(await judged([flag()])).stored.map(({ text }) => JSON.parse(text))[0]],
      segments: [],
    });
    expect(there).toMatchObject([{ kind: 'flag', key: 'a', isArchived: false }]);
    expect((await compare([flag()], there, { withSwitch: true })).changes).toEqual([]);
  });
});

describe('the text of a comparison', () => {
  const change = (differences: number, value: unknown = 1) => ({
    kind: 'flag' as const,
    key: 'a',
    outcome: 'changed' as const,
    differences: Array.from({ length: differences }, (_, index) => ({ path: `p${index}`, before: 0, after: value })),
  });

  it('is bounded', () => {
    expect(changeLines([change(20)])).toHaveLength(21);
    expect(
      changeLines([change(25)])
        .at(-1)
        ?.trim(),
    ).toBe('and 5 more');
    expect(changeLines([change(1, 'x'.repeat(500))])[1]?.length).toBeLessThan(110);
  });

  it.each([
    [[], 0, '0 as they are'],
    [[], 3, '3 as they are'],
    [[change(1)], 0, '1 changed'],
    [[change(1), { ...change(0), outcome: 'created' as const }], 2, '1 created, 1 changed, 2 as they are'],
  ])('counts', (changes, same, text) => {
    expect(countText(changes, same)).toBe(text);
  });
});
