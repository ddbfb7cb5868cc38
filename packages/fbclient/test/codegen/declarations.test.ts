import { property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, FLAGS_INTERFACE, OPENFEATURE_KEYS } from '../../src/codegen/declarations.js';
import { type DescribedFlag, describeFlags } from '../../src/codegen/described-flag.js';
import { jsonShape } from '../../src/codegen/json-shape.js';
import { similarKey } from '../../src/codegen/similar.js';
import { literalText, parseLiteralText } from '../../src/codegen/type-text.js';
import { check } from '../support/property.js';

function document(key: string, variationType: string, values: readonly string[], more: object = {}): object {
  const variations = values.map((value, index) => ({ id: `v${index}`, value }));
  return {
    key,
    updatedAt: '2026-01-05T09:00:00.000Z',
    isArchived: false,
    isEnabled: true,
    variationType,
    variations,
    targetUsers: [],
    rules: [],
    fallthrough: { includedInExpt: false, variations: [{ id: 'v0', rollout: [0, 1], exptRollout: 1 }] },
    disabledVariationId: 'v0',
    exptIncludeAllTargets: false,
    ...more,
  };
}

const describeAll = (...featureFlags: readonly unknown[]): readonly DescribedFlag[] =>
  describeFlags({ eventType: 'full', featureFlags, segments: [] }).flags;

describe('the type of a flag', () => {
  it.each([
    ['boolean', ['true', 'false'], 'boolean'],
    ['boolean', ['yes'], 'boolean'],
    ['string', ['light', 'dark', 'light'], "'dark' | 'light'"],
    ['string', [''], "''"],
    ['string', ["it's", '"so"', 'a\\b', 'a\nb'], `'"so"' | 'a\\\\b' | 'a\\nb' | 'it\\'s'`],
    ['string', [], 'string'],
    ['a new one', ['x'], "'x'"],
    ['number', ['10', '9', '-1.50', '1e21', ' 9 '], '-1.5 | 9 | 10 | 1e+21'],
    ['number', ['-0'], '0'],
    ['number', ['10', 'ten'], '10'],
    ['number', ['ten', '1,000'], 'number'],
    ['json', ['{"a":1}', '{"a":2,"b":"x"}'], '{ a: number; b?: string }'],
    ['json', ['{"a":1}', 'not JSON'], '{ a: number }'],
    ['json', ['not JSON'], 'unknown'],
  ])('of type %s with the values %j is %s', (variationType, values, type) => {
    expect(describeAll(document('a', variationType, values))[0]?.type).toBe(type);
  });

  it.each([
    [[1, 'a', true, null], 'boolean | null | number | string'],
    [[[]], 'unknown[]'],
    [[[], ['a']], 'string[]'],
    [[['a', 1], [null]], '(null | number | string)[]'],
    [[[[1]], [['a']]], '(number | string)[][]'],
    [[[{ a: 1 }, { b: 1 }]], '{ a?: number; b?: number }[]'],
    [[{}], 'Record<string, never>'],
    [[{ 'a-b': 1, c: 1, __proto__x: 1, '': 1 }], "{ '': number; __proto__x: number; 'a-b': number; c: number }"],
    [[{ a: { b: [1] } }, { a: { b: [], c: null } }], '{ a: { b: number[]; c?: null } }'],
    [[{ a: 1 }, { a: null }], '{ a: null | number }'],
    [[JSON.parse('{"__proto__":1}')], '{ __proto__: number }'],
    [[{ a: 1 }, [1], 'x'], 'number[] | string | { a: number }'],
  ])('of the JSON values %j is %s', (values, type) => {
    expect(jsonShape(values)).toBe(type);
  });

  it('of JSON that is nested too deeply ends', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(jsonShape([deep])).toBe(`unknown${'[]'.repeat(16)}`);
  });
});

describe('the declaration file', () => {
  it('has each flag with its name and description, sorted, whatever the order in which they came', () => {
    const flags = [
      document('b', 'boolean', ['true', 'false'], { name: 'Banner', description: 'Shown\nto all */ of them' }),
      document('Z', 'number', ['1'], { name: 'Z' }),
      document("a'b", 'string', ['x'], { isArchived: true, description: '  ' }),
    ];
    const text = FLAGS_INTERFACE.text(describeAll(...flags));
    expect(text).toBe(FLAGS_INTERFACE.text(describeAll(...flags.toReversed())));
    expect(text.slice(text.indexOf('export'))).toBe(`export interface Flags {
  'Z': 1;
  /** @deprecated Archived: evaluations return the default. */
  'a\\'b': 'x';
  /**
   * Banner
   * Shown
   * to all *\\/ of them
   */
  'b': boolean;
}
`);
  });

  it('leaves out what the SDK would skip, and says so', () => {
    const { flags, problems } = describeFlags({
      eventType: 'full',
      featureFlags: [document('a', 'boolean', ['true']), { key: 'b' }, 1],
      segments: [],
    });
    expect(flags.map(({ key }) => key)).toEqual(['a']);
    expect(problems).toEqual([
      'flag "b" is left out: isArchived: expected a boolean, got missing',
      'flag "#2" is left out: expected an object, got number',
    ]);
  });
});

describe('the differences of a declaration file', () => {
  const before = describeAll(
    document('gone', 'boolean', ['true']),
    document('theme', 'string', ['light', 'dark']),
    document('same', 'json', ['{"a; b":1}'], { name: 'Same' }),
  );
  const after = describeAll(
    document('new', 'number', ['1']),
    document('theme', 'string', ['light', 'dark', 'festive']),
    document('same', 'json', ['{"a; b":1}'], { name: 'Same' }),
  );

  it.each([
    ['nothing when it is current', FLAGS_INTERFACE.text(after), []],
    ['nothing when git has changed its line ends', FLAGS_INTERFACE.text(after).replaceAll('\n', '\r\n'), []],
    [
      'each flag that is new, gone or of another type',
      FLAGS_INTERFACE.text(before),
      ["'new' is new: 1", "'theme' was 'dark' | 'light' and is 'dark' | 'festive' | 'light'", "'gone' is gone"],
    ],
    [
      'that it is only words when the types are the same',
      FLAGS_INTERFACE.text(after).replace('Same', 'Other'),
      ['the types are the same; names, descriptions or the layout of the file are not'],
    ],
    [
      'everything when the file is another one',
      'export {};\n',
      ["'new' is new: 1", "'same' is new: { 'a; b': number }", "'theme' is new: 'dark' | 'festive' | 'light'"],
    ],
  ])('are %s', (_, file, expected) => {
    expect(differences(file, FLAGS_INTERFACE, after)).toEqual(expected);
  });
});

describe("the keys for OpenFeature's clients", () => {
  const flags = describeAll(
    document('theme', 'string', ['light'], { name: 'Theme' }),
    document("it's", 'string', ['x']),
    document('limit', 'number', ['1']),
    document('old', 'boolean', ['true'], { isArchived: true }),
    document('new kind', 'of tomorrow', ['x']),
  );

  it('are sorted by type; a type without flags has none', () => {
    const text = OPENFEATURE_KEYS.text(flags);
    expect(text.slice(text.indexOf('import'))).toBe(`import '@openfeature/core';

declare module '@openfeature/core' {
  export type BooleanFlagKey =
    /** @deprecated Archived: evaluations return the default. */
    | 'old';
  export type StringFlagKey =
    | 'it\\'s'
    | 'new kind'
    /** Theme */
    | 'theme';
  export type NumberFlagKey =
    | 'limit';
  export type ObjectFlagKey = never;
}
`);
  });

  it('are found again, with what has changed', () => {
    const text = OPENFEATURE_KEYS.text(flags);
    expect(differences(text, OPENFEATURE_KEYS, flags)).toEqual([]);
    const after = describeAll(
      document('theme', 'json', ['{}'], { name: 'Theme' }),
      document("it's", 'string', ['x']),
      document('limit', 'number', ['1']),
      document('next', 'boolean', ['true']),
    );
    expect(differences(text, OPENFEATURE_KEYS, after)).toEqual([
      "'next' is new: boolean",
      "'theme' was string and is object",
      "'old' is gone",
      "'new kind' is gone",
    ]);
  });
});

describe('texts from a server', () => {
  it('come back from their literals, and stay on their line', async () => {
    await check(
      property(string({ unit: 'binary' }), (text) => {
        const literal = literalText(text);
        expect(literal).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(parseLiteralText(literal)).toBe(text);
      }),
    );
  });

  it.each(['a', "'a", "a'", "'a'b'", "'\\'", '"a"', ''])('%j is no literal', (text) => {
    expect(parseLiteralText(text)).toBeUndefined();
  });
});

describe('the key that was probably meant', () => {
  const keys = ['new-checkout', 'shop-theme', 'max-items', 'ab'];
  it.each([
    ['new-chekout', 'new-checkout'],
    ['newCheckout', 'new-checkout'],
    ['shop-themes', 'shop-theme'],
    ['banner', undefined],
    ['a', undefined],
    ['abc', 'ab'],
    ['', undefined],
  ])('of %j is %j', (key, expected) => {
    expect(similarKey(key, keys)).toBe(expected);
  });
});
