import { describe, expect, it } from 'vitest';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { Occasion } from '../../src/flags/occasion.js';
import { FlagStore } from '../../src/flags/store.js';
import { reportOnce, type Warning, warningText } from '../../src/flags/warnings.js';
import type { ConditionDocument, FlagDocument, RolloutDocument } from '../../src/protocol/documents.js';
import { COMPILING } from '../support/store.js';
import { everybody, segmentFlag, wireFlag, wireRule, wireSegment } from '../support/wire.js';

/** What is reported when a flag is evaluated for users, each of them twice. */
function warningsFor(
  flag: FlagDocument,
  users: readonly object[],
  { missingAttribute = 'no-match' as MissingAttribute, segments = [] as readonly unknown[] } = {},
): Warning[] {
  const warnings: Warning[] = [];
  const store = new FlagStore();
  const settings = { ...COMPILING, missingAttribute, warn: (warning: Warning) => warnings.push(warning) };
  const data = { eventType: 'full', featureFlags: [flag], segments } as const;
  store.commit(compileDataSyncNow(data, settings).changes);
  for (const user of [...users, ...users]) store.flag('flag')?.evaluate(new Occasion({ key: 'ada', ...user }, store));
  return warnings;
}

const flagWith = (condition: ConditionDocument): FlagDocument =>
  wireFlag('flag', 'on', { rules: [wireRule([condition])] });

const dividedBy = (dispatchKey: string): RolloutDocument => ({
  ...everybody('v-on'),
  dispatchKey,
  variations: [
    { id: 'v-on', rollout: [0, 0.5], exptRollout: 1 },
    { id: 'v-off', rollout: [0.5, 1], exptRollout: 1 },
  ],
});

const older: ConditionDocument = { property: 'age', op: 'BiggerThan', value: '18' };

describe('a warning', () => {
  it.each<[string, FlagDocument, readonly object[], readonly string[]]>([
    [
      'a number that is none',
      flagWith(older),
      [{ age: 'old' }, { age: true }, { age: '1,000' }],
      ['attribute-not-a-number age'],
    ],
    ['an infinite number', flagWith(older), [{ age: Number.POSITIVE_INFINITY }], ['attribute-not-a-number age']],
    ['numbers', flagWith(older), [{ age: 5 }, { age: ' 5 ' }, { age: '.5' }, { age: 5n }], []],
    ['an absent number', flagWith(older), [{}, { age: null }, { age: undefined }], []],
    ['a comparison with no number', flagWith({ ...older, value: 'eighteen' }), [{}], ['operand-not-a-number age']],
    ['a comparison with nothing', flagWith({ ...older, value: '' }), [{}], ['operand-not-a-number age']],
    ['a condition on `key`', flagWith({ property: 'key', op: 'Equal', value: 'ada' }), [{}], ['key-is-keyid key']],
    ['a condition on `keyId`', flagWith({ property: 'keyId', op: 'Equal', value: 'ada' }), [{}], []],
    ['a rollout by `key`', wireFlag('flag', 'on', { fallthrough: dividedBy('key') }), [{}], ['key-is-keyid key']],
    [
      'a rollout by an attribute that some have',
      wireFlag('flag', 'on', { fallthrough: dividedBy('company') }),
      [{ company: 'a' }, {}, { company: '' }],
      ['dispatch-attribute-absent company'],
    ],
    [
      'a rollout by a blank attribute',
      wireFlag('flag', 'on', { fallthrough: dividedBy('company') }),
      [{ company: ' \u3000' }],
      ['dispatch-attribute-absent company'],
    ],
    [
      'a rollout by an attribute that all have',
      wireFlag('flag', 'on', { fallthrough: dividedBy('company') }),
      [{ company: 'a' }, { company: '中' }, { company: 0 }],
      [],
    ],
    ['a rollout by the key', wireFlag('flag', 'on', { fallthrough: dividedBy('keyId') }), [{}], []],
    [
      'a Date',
      flagWith({ property: 'since', op: 'StartsWith', value: '2026' }),
      [{ since: new Date(0) }, { since: {} }],
      ['attribute-not-usable since'],
    ],
    ['a Date for a number', flagWith(older), [{ age: new Date(0) }], ['attribute-not-usable age']],
    [
      'an attribute for a list',
      flagWith({ property: 'since', op: 'IsOneOf', value: '["a"]' }),
      [{ since: ['a'] }],
      ['attribute-not-usable since'],
    ],
  ])('is given once for %s, if anything is wrong', (_name, flag, users, expected) => {
    const warnings = warningsFor(flag, users);
    expect(warnings.map(({ kind, attribute }) => `${kind} ${attribute}`)).toEqual(expected);
  });

  it('by the platform’s rule is not given for an absent number, which is the empty text there, nor for commas', () => {
    const warnings = warningsFor(flagWith(older), [{}, { age: null }, { age: '1,000' }], {
      missingAttribute: 'empty-string',
    });
    expect(warnings).toEqual([]);
  });

  it('names the segment whose rules are meant', () => {
    const segment = wireSegment('seg', [], {
      rules: [{ conditions: [{ property: 'key', op: 'Equal', value: 'ada' }] }, { conditions: [older] }],
    });
    const flag = segmentFlag('flag', ['seg']);
    expect(warningsFor(flag, [{ age: 'old' }], { segments: [segment] })).toEqual([
      { kind: 'key-is-keyid', subject: 'segment', key: 'seg', attribute: 'key' },
      { kind: 'attribute-not-a-number', subject: 'segment', key: 'seg', attribute: 'age' },
    ]);
  });

  it('says which flag is meant and never what the user’s attribute holds', () => {
    for (const warning of warningsFor(flagWith(older), [{ age: 'MARKED' }])) {
      expect(warningText(warning)).toBe(
        'flag "flag": a user\'s "age" is no number, so a condition that compares it did not hold',
      );
    }
  });
});

describe('reporting once', () => {
  const warning = (key: string, kind: Warning['kind'] = 'key-is-keyid'): Warning => ({
    kind,
    subject: 'flag',
    key,
    attribute: 'key',
  });

  it('reports each kind for each flag once, also after the flag was compiled again', () => {
    const reported: Warning[] = [];
    const report = reportOnce((one) => reported.push(one));
    for (let round = 0; round < 3; round++) {
      report(warning('a'));
      report(warning('b'));
      report(warning('a', 'operand-not-a-number'));
    }
    expect(reported).toEqual([warning('a'), warning('b'), warning('a', 'operand-not-a-number')]);
  });

  it('reports a thousand at most', () => {
    let reported = 0;
    const report = reportOnce(() => {
      reported += 1;
    });
    for (let flag = 0; flag < 5_000; flag++) report(warning(`flag ${flag}`));
    expect(reported).toBe(1_000);
  });
});
