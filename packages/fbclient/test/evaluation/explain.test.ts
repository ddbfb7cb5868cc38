import { integer, property } from 'fast-check';
import {
  type Environment,
  bucketOf as naiveBucketOf,
  randomEnvironment,
  randomUser,
  seededRandom,
} from 'fbclient-conformance/reference';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { type Explanation, explain } from '../../src/evaluation/explain.js';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { Failure } from '../../src/flags/failure.js';
import { FlagStore } from '../../src/flags/store.js';
import type { ConditionDocument, FlagDocument, SegmentDocument } from '../../src/protocol/documents.js';
import type { User } from '../../src/users/user.js';
import { probes, type Recording, userOf, world } from '../fixtures/featbit-worlds.js';
import { flatUser } from '../fixtures/support.js';
import { check } from '../support/property.js';
import { COMPILING, storeOf } from '../support/store.js';
import { everybody, wireFlag, wireRule, wireSegment } from '../support/wire.js';

const ADA: User = { key: 'ada', country: 'DE', age: 30, vip: true, tags: ['a'], born: new Date(0), empty: '' };

function explained(
  overrides: Partial<FlagDocument>,
  user: User = ADA,
  segments: readonly SegmentDocument[] = [],
): Explanation {
  const store = storeOf([wireFlag('flag', 'on', overrides)], segments);
  const flag = store.flag('flag');
  if (flag === undefined) throw new Error('the flag was not taken');
  return explain(flag, user, store);
}

const rulesOf = (...rules: readonly (readonly ConditionDocument[])[]) => ({
  rules: rules.map((conditions) => wireRule(conditions)),
});

const is = (property: string, value: string): ConditionDocument => ({ property, op: 'Equal', value });
const within = (...ids: readonly string[]): ConditionDocument => ({
  property: 'User is in segment',
  op: null,
  value: JSON.stringify(ids),
});

describe('what decided', () => {
  it.each<[string, Partial<FlagDocument>, Explanation['decidedBy'], string]>([
    ['the switch', { isEnabled: false, ...rulesOf([]) }, { part: 'off' }, 'v-off'],
    [
      'the list of individual targets',
      { targetUsers: [{ keyIds: ['ada'], variationId: 'v-off' }], ...rulesOf([]) },
      { part: 'target' },
      'v-off',
    ],
    ['the first rule that matches', rulesOf([is('country', 'FR')], [], []), { part: 'rule', rule: 1 }, 'v-on'],
    ['the fallthrough', { ...rulesOf([is('country', 'FR')]) }, { part: 'fallthrough' }, 'v-on'],
    ['a rule that fails', rulesOf([within('gone')], []), { part: 'rule', rule: 0 }, 'Error'],
    ['a fallthrough that is damaged', { fallthrough: everybody('gone') }, { part: 'fallthrough' }, 'Error'],
  ])('is %s', (_name, overrides, decidedBy, served) => {
    const { outcome, ...explanation } = explained(overrides);
    expect(explanation.decidedBy).toEqual(decidedBy);
    expect(outcome instanceof Failure ? outcome.reason : outcome.variation.id).toBe(served);
  });

  it('says which version of the flag it was', () => {
    expect(explained({})).toMatchObject({ flagKey: 'flag', version: Date.UTC(2026, 0, 1) + 1 });
  });
});

describe('a condition', () => {
  type Row = readonly [condition: ConditionDocument, verdict: string, text: string | undefined, obstacle?: string];
  const rows: readonly Row[] = [
    [is('country', 'DE'), 'holds', 'DE'],
    [is('country', 'FR'), 'does-not-hold', 'DE'],
    [is('keyId', 'ada'), 'holds', 'ada'],
    [is('name', ''), 'holds', ''],
    [is('empty', ''), 'holds', ''],
    [is('vip', 'true'), 'holds', 'true'],
    [is('plan', 'pro'), 'does-not-hold', undefined, 'attribute-absent'],
    [is('tags', 'a'), 'does-not-hold', undefined, 'attribute-not-usable'],
    [is('born', ''), 'does-not-hold', undefined, 'attribute-not-usable'],
    [is('key', 'ada'), 'does-not-hold', undefined, 'key-is-keyid'],
    [is('', 'ada'), 'does-not-hold', undefined, 'no-attribute'],
    [is(' ', 'ada'), 'does-not-hold', undefined, 'no-attribute'],
    [{ property: null, op: 'Equal', value: 'x' }, 'does-not-hold', undefined, 'no-attribute'],
    [{ property: 'country', op: 'Equal', value: null }, 'does-not-hold', undefined, 'no-operand'],
    [{ property: 'country', op: 'Equals', value: 'DE' }, 'does-not-hold', undefined, 'unknown-operator'],
    [{ property: 'country', op: null, value: 'DE' }, 'does-not-hold', undefined, 'unknown-operator'],
    [{ property: 'age', op: 'BiggerThan', value: '18' }, 'holds', '30'],
    [{ property: 'age', op: 'BiggerThan', value: '40' }, 'does-not-hold', '30'],
    [{ property: 'age', op: 'BiggerThan', value: 'old' }, 'does-not-hold', undefined, 'operand-not-a-number'],
    [{ property: 'country', op: 'LessThan', value: '1' }, 'does-not-hold', 'DE', 'attribute-not-a-number'],
    [{ property: 'plan', op: 'LessThan', value: '1' }, 'does-not-hold', undefined, 'attribute-absent'],
    [{ property: 'tags', op: 'LessThan', value: '1' }, 'does-not-hold', undefined, 'attribute-not-usable'],
    [{ property: 'country', op: 'IsOneOf', value: '["DE","FR"]' }, 'holds', 'DE'],
    [{ property: 'country', op: 'NotOneOf', value: '["DE","FR"]' }, 'does-not-hold', 'DE'],
    [{ property: 'plan', op: 'NotOneOf', value: '["DE"]' }, 'does-not-hold', undefined, 'attribute-absent'],
    [{ property: 'country', op: 'IsOneOf', value: 'DE' }, 'fails', 'DE'],
    [{ property: 'country', op: 'MatchRegex', value: '^D' }, 'holds', 'DE'],
    [{ property: 'country', op: 'MatchRegex', value: '(' }, 'fails', 'DE'],
    [{ property: 'vip', op: 'IsTrue', value: '' }, 'holds', 'true'],
  ];
  it.each(rows.map(([condition, verdict, text, obstacle]) => [condition, verdict, text, obstacle] as const))(
    '%j %s and saw %j, %s',
    (condition, verdict, text, obstacle) => {
      const [rule] = explained(rulesOf([condition])).rules;
      expect(rule?.conditions).toEqual([
        {
          about: 'attribute',
          attribute: condition.property === ' ' ? ' ' : (condition.property ?? ''),
          op: condition.op ?? '',
          text,
          obstacle,
          verdict,
          failure: verdict === 'fails' ? expect.stringMatching(/^(?:a list|a pattern)/) : undefined,
          counted: true,
        },
      ]);
      expect(rule?.verdict).toBe(verdict);
    },
  );

  it('that stands behind one that does not hold is asked too, and did not count', () => {
    const [rule] = explained(
      rulesOf([is('country', 'DE'), is('country', 'FR'), is('vip', 'true'), within('gone')]),
    ).rules;
    expect(rule?.verdict).toBe('does-not-hold');
    expect(rule?.conditions.map(({ verdict, counted }) => [verdict, counted])).toEqual([
      ['holds', true],
      ['does-not-hold', true],
      ['holds', false],
      ['fails', false],
    ]);
  });

  it('under the rule of the platform saw an empty text in the place of an absent attribute', () => {
    const store = new FlagStore();
    const featureFlags = [wireFlag('flag', 'on', rulesOf([is('plan', '')]))];
    const settings = { ...COMPILING, missingAttribute: 'empty-string' as const };
    store.commit(compileDataSyncNow({ eventType: 'full', featureFlags, segments: [] }, settings).changes);
    const flag = store.flag('flag');
    expect(flag && explain(flag, ADA, store).rules[0]?.conditions[0]).toMatchObject({ verdict: 'holds', text: '' });
  });
});

describe('an explanation of a very large flag', () => {
  it('lists ten thousand conditions, and decides as evaluation does', () => {
    const never = Array.from({ length: 4_000 }, () => [is('country', 'DE'), is('country', 'FR'), is('country', 'DE')]);
    const { rules, decidedBy } = explained(rulesOf(...never, [is('country', 'DE')]));
    expect(rules.flatMap(({ conditions }) => conditions)).toHaveLength(10_000);
    expect(rules.map(({ verdict }) => verdict)).toEqual([...never.map(() => 'does-not-hold'), 'holds']);
    expect(decidedBy).toEqual({ part: 'rule', rule: 4_000 });
  });
});

describe('rules', () => {
  it.each<[string, Partial<FlagDocument>, readonly string[]]>([
    [
      'behind the one that matched were not reached',
      rulesOf([is('a', '')], [], []),
      ['does-not-hold', 'holds', 'not-reached'],
    ],
    ['behind one that failed were not reached', rulesOf([within('gone')], []), ['fails', 'not-reached']],
    ['of a disabled flag were not reached', { ...rulesOf([], []), isEnabled: false }, ['not-reached', 'not-reached']],
    [
      'were not reached for an individual target',
      { ...rulesOf([]), targetUsers: [{ keyIds: ['ada'], variationId: 'v-on' }] },
      ['not-reached'],
    ],
    ['that all do not match were reached', rulesOf([is('a', '')], [is('b', '')]), ['does-not-hold', 'does-not-hold']],
  ])('%s', (_name, overrides, verdicts) => {
    expect(explained(overrides).rules.map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});

describe('a segment', () => {
  type Row = readonly [string, Partial<SegmentDocument>, boolean | RegExp, unknown, readonly string[]];
  const french = { conditions: [is('country', 'FR')] };
  const german = { conditions: [is('country', 'DE')] };
  const damaged = { conditions: [{ property: 'country', op: 'MatchRegex', value: '(' }] };
  it.each<Row>([
    ['that excludes the user', { excluded: ['ada'], included: ['ada'] }, false, { part: 'excluded' }, []],
    ['that includes the user', { included: ['ada'], rules: [german] }, true, { part: 'included' }, ['not-reached']],
    [
      'with a rule that matches',
      { rules: [french, german] },
      true,
      { part: 'rule', rule: 1 },
      ['does-not-hold', 'holds'],
    ],
    ['without such a rule', { rules: [french] }, false, { part: 'no-rule' }, ['does-not-hold']],
    [
      'with a rule that fails',
      { rules: [damaged, german] },
      /pattern/,
      { part: 'rule', rule: 0 },
      ['fails', 'not-reached'],
    ],
    ['that is archived', { isArchived: true }, /not there/, { part: 'missing' }, []],
  ])('%s says so', (_name, overrides, contains, decidedBy, verdicts) => {
    const segment = wireSegment('beta', [], overrides);
    const { segments, rules } = explained(rulesOf([within('beta')]), ADA, [segment]);
    const trace = segments.get('beta');
    if (contains instanceof RegExp) expect(trace?.contains).toMatch(contains);
    else expect(trace?.contains).toBe(contains);
    expect(trace?.decidedBy).toEqual(decidedBy);
    expect(trace?.rules.map(({ verdict }) => verdict)).toEqual(verdicts);
    expect(rules[0]?.conditions[0]).toMatchObject({ about: 'segments', whenInside: true, ids: ['beta'] });
  });

  it('is traced once, however many conditions ask about it', () => {
    const conditions = [within('a', 'b'), within('b', 'a'), within('b')];
    const { segments } = explained(rulesOf(...conditions.map((one) => [one])), ADA, [
      wireSegment('a'),
      wireSegment('b'),
    ]);
    expect([...segments.keys()]).toEqual(['a', 'b']);
  });

  it('of a list that is damaged is none', () => {
    const { rules, segments } = explained(rulesOf([{ property: 'User is in segment', op: null, value: 'beta' }]));
    expect(rules[0]?.conditions[0]).toMatchObject({
      ids: [],
      verdict: 'fails',
      failure: expect.stringContaining('JSON array'),
    });
    expect(segments.size).toBe(0);
  });
});

describe('a rollout', () => {
  const half = (dispatchKey?: string) => ({
    fallthrough: {
      includedInExpt: false,
      dispatchKey,
      variations: [
        { id: 'v-off', rollout: [0, 0.5], exptRollout: 1 },
        { id: 'v-on', rollout: [0.5, 1], exptRollout: 1 },
      ],
    } as FlagDocument['fallthrough'],
  });

  it.each<[string, string | undefined, string, string]>([
    ['the user’s key', undefined, 'keyId', 'ada'],
    ['an attribute', 'country', 'country', 'DE'],
    ['a number', 'age', 'age', '30'],
    ['an attribute that the user does not have', 'plan', 'plan', ''],
  ])('by %s says the text, the bucket and the interval that holds it', (_name, dispatchKey, attribute, text) => {
    const { rollout, outcome } = explained(half(dispatchKey));
    const bucket = naiveBucketOf(`flag${text}`);
    expect(rollout).toEqual({
      attribute,
      text,
      bucket,
      intervals: [
        { low: 0, high: 0.5, variationId: 'v-off' },
        { low: 0.5, high: 1, variationId: 'v-on' },
      ],
      interval: bucket <= 0.5 ? 0 : 1,
    });
    expect(outcome).toMatchObject({ variation: { id: bucket <= 0.5 ? 'v-off' : 'v-on' } });
  });

  it('for everybody has a bucket too, which does not matter', () => {
    const intervals = [{ low: 0, high: 1, variationId: 'v-on' }];
    expect(explained({}).rollout).toMatchObject({ bucket: naiveBucketOf('flagada'), intervals, interval: 0 });
  });

  it('that covers nobody has no interval', () => {
    const { rollout, outcome } = explained({ fallthrough: { includedInExpt: false, variations: [] } });
    expect(rollout).toMatchObject({ intervals: [], interval: undefined });
    expect(outcome).toBeInstanceOf(Failure);
  });

  it('of a variation that does not exist says that it does not', () => {
    const { rollout } = explained({ fallthrough: everybody('gone') });
    expect(rollout).toMatchObject({ intervals: [{ low: 0, high: 1, variationId: undefined }], interval: 0 });
  });

  it('is none where no rollout decided', () => {
    expect(explained({ isEnabled: false }).rollout).toBeUndefined();
    expect(explained(rulesOf([within('gone')])).rollout).toBeUndefined();
  });
});

/** What an explanation must agree with: evaluation, and itself. */
function disagreement(explanation: Explanation, user: User, store: FlagStore): string | undefined {
  const { flagKey, outcome, decidedBy, rules, rollout, segments } = explanation;
  const evaluated = evaluate(store, true, flagKey, user);
  if (outcome instanceof Failure || evaluated instanceof Failure) {
    const same = outcome instanceof Failure && evaluated instanceof Failure && outcome.text === evaluated.text;
    return same && outcome.reason === evaluated.reason ? undefined : 'the failure is another one';
  }
  if (outcome !== evaluated) return 'another serving';
  if (
    outcome.reason !==
    { off: 'Off', target: 'TargetMatch', rule: 'RuleMatch', fallthrough: 'Fallthrough' }[decidedBy.part]
  ) {
    return 'another part decided';
  }
  if (decidedBy.part === 'rule' && rules[decidedBy.rule]?.verdict !== 'holds') return 'the rule does not hold';
  if (decidedBy.part === 'fallthrough' && rules.some(({ verdict }) => verdict !== 'does-not-hold'))
    return 'a rule held';
  if ((rollout === undefined) !== (decidedBy.part === 'off' || decidedBy.part === 'target')) return 'the rollout';
  if (rollout !== undefined) {
    const { bucket, intervals, interval, text } = rollout;
    if (bucket !== naiveBucketOf(`${flagKey}${text}`)) return 'the bucket';
    const held = intervals[interval ?? -1];
    if (held?.variationId !== outcome.variation.id) return 'the interval serves something else';
    const isWhole = held.low === 0 && held.high > 0.9999;
    if (!isWhole && (bucket < held.low || bucket > held.high)) return 'the interval does not hold the bucket';
  }
  for (const { verdict, conditions } of [...rules, ...[...segments.values()].flatMap((trace) => trace.rules)]) {
    const counted = conditions.filter((condition) => condition.counted);
    const last = counted.at(-1);
    if (verdict === 'not-reached' ? conditions.length > 0 : (last?.verdict ?? 'holds') !== verdict)
      return 'a rule’s verdict';
    if (counted.slice(0, -1).some((condition) => condition.verdict !== 'holds')) return 'a condition counted in vain';
    for (const condition of conditions) {
      if (condition.about === 'segments') {
        if (condition.ids.some((id) => !segments.has(id))) return 'a segment has no trace';
      } else if (condition.obstacle !== undefined && condition.verdict === 'holds')
        return 'holds in spite of an obstacle';
    }
  }
  return undefined;
}

function disagreements(store: FlagStore, users: readonly User[]): readonly string[] {
  return store.activeFlags().flatMap((flag) =>
    users.flatMap((user) => {
      const found = disagreement(explain(flag, user, store), user, store);
      return found === undefined ? [] : [`${flag.key}: ${found}`];
    }),
  );
}

describe('an explanation agrees with evaluation and with itself', () => {
  it('on random flags and users, damaged ones among them', async () => {
    await check(
      property(integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const random = seededRandom(seed);
        const { flags, segments }: Environment = randomEnvironment(random);
        const users = Array.from({ length: 6 }, () => flatUser(randomUser(random)) as User);
        expect(disagreements(storeOf(flags, segments), users)).toEqual([]);
      }),
      500,
    );
  });

  const RECORDINGS: readonly (readonly [string, () => Recording])[] = [
    ...['tame-1', 'harsh-1'].map((name) => [name, () => world(name)] as const),
    ['probes', probes],
  ];
  const cases = RECORDINGS.flatMap(([name, recording]) =>
    (['no-match', 'empty-string'] as const).map((missing) => [name, missing, recording] as const),
  );
  it.each<readonly [string, MissingAttribute, () => Recording]>(cases)(
    'on the recorded world %s, absent attributes: %s',
    (_name, missingAttribute, recording) => {
      const { documents, evaluations } = recording();
      const store = new FlagStore();
      const settings = { ...COMPILING, missingAttribute };
      store.commit(compileDataSyncNow({ eventType: 'full', ...documents }, settings).changes);
      const found = evaluations.flatMap(({ flag: { key }, user: wire }) => {
        const flag = store.flag(key);
        const user = userOf(wire);
        const found = flag && disagreement(explain(flag, user, store), user, store);
        return found === undefined ? [] : [`${key}: ${found}`];
      });
      expect(found).toEqual([]);
    },
  );
});
