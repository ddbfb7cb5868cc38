import { describe, expect, it } from 'vitest';
import {
  conditionProblem,
  IN_SEGMENT,
  NOT_IN_SEGMENT,
  valuesOf,
  withOperator,
  withProperty,
} from '../../src/model/conditions.js';
import type { FlagDocument } from '../../src/model/document.js';
import { figure } from '../../src/model/figure.js';
import { flagProblems, usesOf, valueProblem, withoutVariation } from '../../src/model/problems.js';
import { flagOfShape, keyFromName, SHAPES } from '../../src/model/shapes.js';
import { everybody, sharesOf } from '../../src/model/shares.js';
import { curlFor, snippetsFor } from '../../src/model/snippets.js';
import { staleReason } from '../../src/model/stale.js';
import { type FlagSummary, offOf, servesOne, servingOf, withDocument } from '../../src/model/summary.js';
import { ago, clockTime, moment } from '../../src/model/time.js';
import { conditionText, count, enabledText, switchEffect } from '../../src/model/words.js';

const [SWITCH] = SHAPES;
if (SWITCH === undefined) throw new Error('no shape');
const flag: FlagDocument = { ...flagOfShape(SWITCH, 'f', 'F', ['t']), updatedAt: '2026-01-01T00:00:00.000Z' };

const summary: FlagSummary = {
  key: 'f',
  name: 'f',
  tags: [],
  variationType: 'boolean',
  isEnabled: true,
  isArchived: false,
  version: Date.parse('2026-01-01T00:00:00Z'),
  variations: [
    { id: 'on', name: 'on', value: 'true' },
    { id: 'off', name: 'off', value: 'false' },
  ],
  serving: [['on', 1]],
  disabledVariationId: 'off',
  rules: 0,
  targets: 0,
  segments: [],
  attributes: [],
  values: [],
};

const condition = (property: string, op: string | null, value: string) => ({ property, op, value });

describe('a condition in words', () => {
  it.each([
    [condition('country', 'IsOneOf', '["NZ","AU"]'), 'country is one of NZ, AU'],
    [condition('country', 'IsOneOf', JSON.stringify([...'abcdefg'])), 'country is one of a, b, c, d, e and 2 more'],
    [condition('age', 'BiggerEqualThan', '18'), 'age is at least 18'],
    [condition('name', 'Equal', ''), 'name is the empty text'],
    [condition('beta', 'IsTrue', ''), 'beta is true'],
    [condition(IN_SEGMENT, null, '["staff"]'), 'user is in segment staff'],
    [condition(NOT_IN_SEGMENT, null, '["a","b"]'), 'user is not in one of the segments a, b'],
    [condition('x', 'Future', 'y'), 'x Future y'],
    [condition('x', 'IsOneOf', 'not a list'), 'x is one of not a list'],
  ])('%j', (given, text) => {
    expect(conditionText(given)).toBe(text);
  });

  it('keeps what was typed when the operator changes, as far as it can', () => {
    const list = withOperator(condition('c', 'Equal', 'NZ'), 'IsOneOf');
    expect(list.value).toBe('["NZ"]');
    expect(withOperator(list, 'Contains').value).toBe('NZ');
    expect(withOperator(list, 'IsTrue').value).toBe('');
    expect(withProperty(list, IN_SEGMENT)).toEqual({ property: IN_SEGMENT, op: null, value: '[]' });
    expect(valuesOf(withProperty(condition(IN_SEGMENT, null, '["s"]'), 'country'))).toEqual([]);
  });

  it.each([
    [condition('', 'Equal', 'x'), 'Name the attribute.'],
    [condition('a', 'IsOneOf', '[]'), 'Add at least one value.'],
    [condition('a', 'LessThan', 'many'), 'Enter a number, such as 18 or 2.5.'],
    [condition('a', 'MatchRegex', ''), 'Enter a pattern.'],
    [condition(IN_SEGMENT, null, '[]'), 'Choose a segment.'],
    [condition('a', 'Equal', ''), undefined],
    [condition('a', 'LessThan', '-2.5e3'), undefined],
  ])('of %j says what it lacks', (given, problem) => {
    expect(conditionProblem(given)).toBe(problem);
  });
});

describe('what a switch does', () => {
  const divided = { ...flag, fallthrough: { variations: sharesOf(['on', 'off'], [500, 9500]) } };
  const rule = { id: 'r', conditions: [], variations: everybody('on') };
  it.each<[FlagDocument, string]>([
    [flag, 'everybody gets on'],
    [divided, 'users get 5 % on, 95 % off'],
    [{ ...divided, rules: [rule] }, '1 rule comes first, the others get 5 % on, 95 % off'],
    [
      { ...flag, rules: [rule, { ...rule, id: 'r2' }], targetUsers: [{ variationId: 'on', keyIds: ['a'] }] },
      '1 user by name and 2 rules come first, everybody else gets on',
    ],
  ])('is said of the flag as it is', (given, text) => {
    expect(enabledText(given)).toBe(text);
    expect(switchEffect(given)).toEqual({ before: 'everybody gets off', after: text });
    expect(switchEffect({ ...given, isEnabled: true })).toEqual({ before: text, after: 'everybody gets off' });
  });
});

describe('a flag that may have done its work', () => {
  const DAY = 86_400_000;
  const now = Date.parse('2026-06-01T00:00:00Z');
  const on = summary;
  it.each([
    ['never evaluated, old', on, undefined, 'never evaluated, last changed 5 mo ago'],
    ['evaluated long ago', on, now - 40 * DAY, 'last evaluated 1 mo ago'],
    ['one value for everybody', on, now - 1, 'everybody has been getting on for 151 days'],
    ['off, and still asked for', { ...on, isEnabled: false }, now - 1, undefined],
    ['rules decide', { ...on, rules: 1 }, now - 1, undefined],
    ['changed lately', { ...on, version: now - DAY }, undefined, undefined],
    ['archived', { ...on, isArchived: true }, undefined, undefined],
  ] as const)('%s', (_, summary, lastAt, reason) => {
    expect(staleReason(summary, lastAt === undefined ? undefined : { count: 1, lastAt }, now)).toBe(reason);
  });
});

describe('a summary', () => {
  it.each<[Partial<FlagSummary>, string, string, boolean]>([
    [{}, 'on', 'off', true],
    [
      {
        serving: [
          ['on', 0.3],
          ['off', 0.7],
        ],
      },
      '30 % on, 70 % off',
      'off',
      false,
    ],
    [{ rules: 1 }, 'on', 'off', false],
    [{ rules: 1, isEnabled: false }, 'on', 'off', true],
    [{ variationType: 'json', variations: [{ id: 'on' }, { id: 'off' }] }, 'on', 'off', true],
    [{ serving: [] }, '', 'off', false],
  ])('of %j says what it serves', (more, serving, off, one) => {
    const given = { ...summary, ...more };
    expect([servingOf(given), offOf(given), servesOne(given)]).toEqual([serving, off, one]);
  });

  it('follows a change at once', () => {
    expect(withDocument(summary, { ...flag, isEnabled: false, updatorId: 'ada' }, 9)).toEqual({
      ...summary,
      isEnabled: false,
      name: 'F',
      tags: ['t'],
      version: 9,
      updatedBy: 'ada',
    });
  });
});

describe('a draft', () => {
  it.each<[string, FlagDocument, string[]]>([
    ['is complete', flag, []],
    ['lacks a name', { ...flag, name: ' ' }, ['The flag needs a name.']],
    [
      'has a wrong value',
      { ...flag, variationType: 'number' },
      ['Variation on: it must be a number.', 'Variation off: it must be a number.'],
    ],
    [
      'does not serve everybody',
      { ...flag, fallthrough: { variations: sharesOf(['on'], [5000]) } },
      ['The default: its shares do not add up to 100 %.'],
    ],
    [
      'has two variations of one name',
      {
        ...flag,
        variations: [
          { id: 'on', name: 'x', value: 'true' },
          { id: 'off', name: 'x', value: 'false' },
        ],
      },
      ['Two variations are called x.'],
    ],
  ])('%s', (_, draft, problems) => {
    expect(flagProblems(draft)).toEqual(problems);
  });

  it('knows where a variation is used, and leaves no share of a removed one', () => {
    const third = { ...flag, variations: [...flag.variations, { id: 'x', value: 'true' }] };
    const served = { ...third, fallthrough: { variations: sharesOf(['on', 'x'], [10_000, 0]) } };
    expect(usesOf(served, 'on')).toEqual(['the default']);
    expect(usesOf(served, 'off')).toEqual(['when off']);
    expect(usesOf(served, 'x')).toEqual([]);
    expect(withoutVariation(served, 'x').fallthrough.variations).toEqual([
      { id: 'on', rollout: [0, 1], exptRollout: 1 },
    ]);
  });

  it.each([
    ['{"a":1}', 'json', true],
    ['{a:1}', 'json', false],
    ['TRUE', 'boolean', true],
    ['yes', 'boolean', false],
    ['-1.5e3', 'number', true],
    ['1,5', 'number', false],
    ['', 'string', true],
  ] as const)('takes %j as %s: %s', (value, type, isTaken) => {
    expect(valueProblem(value, type) === undefined).toBe(isTaken);
  });
});

describe('small words', () => {
  it.each([
    ['New checkout', 'new-checkout'],
    ['  Größe: Über 20 % ', 'gro-e-uber-20'],
    ['a.b_c', 'a.b_c'],
    ['—', ''],
  ])('a key is made of %j', (name, key) => {
    expect(keyFromName(name)).toBe(key);
  });

  it.each([
    [5_000, 'just now'],
    [61_000, '1 min ago'],
    [7_300_000, '2 h ago'],
    [3 * 86_400_000, '3 d ago'],
    [40 * 86_400_000, '1 mo ago'],
  ])('%d ms are %s', (span, text) => {
    expect(ago(1_000_000_000_000, 1_000_000_000_000 + span)).toBe(text);
  });

  it('quote what a shell would take apart', () => {
    const call = curlFor('PUT', "http://x/it's", 5, { a: "it's" });
    expect(call).toContain(`'http://x/it'\\''s'`);
    expect(call).toContain(`-H 'If-Match: "5"'`);
    expect(
      snippetsFor({ ...flag, key: `it's "x"` }, { origin: 'http://h', secret: 'S' }).map(({ code }) => code),
    ).toMatchSnapshot();
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [-1_000, '-1,000'],
    [-0, '0'],
    [1_234_567, '1,234,567'],
    [1.5, '1.5'],
  ])('write %d as %s', (number, text) => {
    expect(figure(number)).toBe(text);
  });

  it.each([
    [1, 'flag', undefined, '1 flag'],
    [0, 'flag', undefined, '0 flags'],
    [2_000, 'flag', undefined, '2,000 flags'],
    [2, 'flag differs', 'flags differ', '2 flags differ'],
  ])('count %d of a %s', (number, noun, plural, text) => {
    expect(count(number, noun, plural)).toBe(text);
  });

  it('say a moment with its day, and a time of today to the second', () => {
    const at = new Date(2026, 10, 28, 14, 2, 11).getTime();
    expect(moment(at)).toBe('28 Nov 2026, 14:02');
    expect(clockTime(at)).toBe('14:02:11');
  });
});
