import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { CompileContext } from '../../src/flags/compile-context.js';
import { type Condition, compileCondition } from '../../src/flags/conditions.js';
import { Failure } from '../../src/flags/failure.js';
import { FewRules, MAX_FEW_RULES } from '../../src/flags/few-rules.js';
import { ManyRules } from '../../src/flags/many-rules.js';
import { Occasion, type SegmentLookup } from '../../src/flags/occasion.js';
import { OPERATORS } from '../../src/flags/operators.js';
import { ruleOrderOf } from '../../src/flags/rule-index.js';
import { type Conditional, NO_RULE, type RuleOrder, RulesInTurn } from '../../src/flags/rule-order.js';
import { Segment } from '../../src/flags/segment.js';
import { SegmentCondition } from '../../src/flags/segment-condition.js';
import { type Warning, Warnings } from '../../src/flags/warnings.js';
import type { ConditionDocument } from '../../src/protocol/documents.js';
import type { User } from '../../src/users/user.js';
import { check } from '../support/property.js';
import { COMPILING } from '../support/store.js';
import { wireSegment } from '../support/wire.js';

// Whatever finds the rule that decides finds the one that trying each in turn finds: with the same damage, and without reading more.

type MakeOrder = (rules: readonly Conditional[]) => RuleOrder;

const ORDERS: Readonly<Record<string, MakeOrder>> = {
  'an index of few rules': (rules) => new FewRules(rules),
  'an index of many rules': (rules) => new ManyRules(rules),
  'what is chosen': ruleOrderOf,
};

type RuleDocument = readonly ConditionDocument[];

const NO_SEGMENTS: SegmentLookup = { segment: () => undefined };

interface World {
  readonly rules: readonly RuleDocument[];
  readonly missing: MissingAttribute;
}

/** What an evaluation comes to, and what it reports on the way. */
interface Seen {
  readonly first: number | string;
  readonly warnings: readonly string[];
}

/** Compiled anew for each order, so that none profits from what another has read or reported. */
function orderOf({ rules, missing }: World, make: MakeOrder): (user: User) => Seen {
  const warnings: string[] = [];
  // Of a flag's attributes the first that is met is named: where fewer rules are tried it can be another one.
  const warn = ({ kind, subject, key }: Warning) => warnings.push(`${kind} ${subject} ${key}`);
  const context = new CompileContext({ ...COMPILING, missingAttribute: missing, warn });
  const ofFlag = new Warnings('flag', 'flag', warn);
  const compiled = rules.map((conditions) => ({
    conditions: conditions.map(
      (condition) => SegmentCondition.compile(condition) ?? compileCondition(condition, context, ofFlag),
    ),
  }));
  const segments = new Map([
    ['staff', new Segment(wireSegment('staff', ['u1', 'u2'], { rules: [{ conditions: [] }] }), 1, context)],
    ['nobody', new Segment(wireSegment('nobody', []), 1, context)],
    ['damaged', new Segment(wireSegment('damaged', ['u1'], { rules: [{ conditions: [BAD_PATTERN] }] }), 1, context)],
  ]);
  const lookup: SegmentLookup = { segment: (id) => segments.get(id) };
  warnings.length = 0;
  const order = make(compiled);
  return (user) => {
    let first: number | string;
    try {
      const found = order.first(new Occasion(user, lookup));
      first = found instanceof Failure ? found.text : found;
    } catch (error) {
      first = `threw ${String(error)}`;
    }
    return { first, warnings: warnings.splice(0) };
  };
}

const BAD_PATTERN: ConditionDocument = { property: 'a', op: 'MatchRegex', value: '(' };

const TEXTS = ['', 'x', 'xy', 'xyz', 'yz', 'z', '5', '5.0', '-1', '10', 'true', 'Infinity', 'é', '1e400'] as const;
const ATTRIBUTES = ['a', 'b', 'c', 'n', 'm', 'name', 'keyId', 'key', '', 'constructor'] as const;
const NUMBERS = ['-1', '0', '5', '5.0', '7', '10', 'Infinity', '-Infinity', 'x', '1,000', ''] as const;
const text = fc.constantFrom(...TEXTS);

const operandOf = (op: string | null): fc.Arbitrary<string | null> => {
  switch (op) {
    case 'LessThan':
    case 'LessEqualThan':
    case 'BiggerThan':
    case 'BiggerEqualThan':
      return fc.constantFrom(...NUMBERS);
    case 'IsOneOf':
    case 'NotOneOf':
      return fc.oneof(
        { weight: 9, arbitrary: fc.array(text, { maxLength: 4 }).map((list) => JSON.stringify(list)) },
        { weight: 1, arbitrary: fc.constantFrom('', '[1]', '["x"', 'null') },
      );
    case 'MatchRegex':
    case 'NotMatchRegex':
      return fc.constantFrom('^x', 'y', '(', '[a', '$');
    default:
      return fc.oneof({ weight: 12, arbitrary: text }, { weight: 1, arbitrary: fc.constant(null) });
  }
};

/** Found by a look-up more often than not: otherwise all rules would only be tried. */
const operator = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Equal', 'IsOneOf', 'StartsWith', 'EndsWith') },
  { weight: 3, arbitrary: fc.constantFrom('LessThan', 'LessEqualThan', 'BiggerThan', 'BiggerEqualThan') },
  { weight: 2, arbitrary: fc.constantFrom<string | null>(...OPERATORS, 'nope', null) },
);

const condition: fc.Arbitrary<ConditionDocument> = fc.oneof(
  {
    weight: 12,
    arbitrary: operator.chain((op) =>
      fc.record({ property: fc.constantFrom(...ATTRIBUTES), op: fc.constant(op), value: operandOf(op) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      property: fc.constantFrom('User is in segment', 'User is not in segment'),
      op: fc.constant(null),
      value: fc.constantFrom('["staff"]', '["nobody"]', '["nobody","staff"]', '["damaged"]', '["gone"]', '[]', 'staff'),
    }),
  },
);

const rule = fc.oneof(
  { weight: 30, arbitrary: fc.array(condition, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant<ConditionDocument[]>([]) },
);

/** Attributes as applications have them, and as some do. */
const attribute: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(-1, 0, 5, 5.5, 10, -0, 1e300, 5n, true, false) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, undefined) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, new Date(0), {}, ['x']) },
);

const user: fc.Arbitrary<User> = fc
  .tuple(
    fc.constantFrom('u1', 'u2', 'x', 'xyz', '5'),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'n', 'm', 'name'), attribute),
  )
  .map(([key, attributes]) => ({ ...attributes, key }));

const missing = fc.constantFrom<MissingAttribute>('no-match', 'empty-string');
const few = fc.array(rule, { minLength: 1, maxLength: 12 });
const many = fc.array(rule, { minLength: MAX_FEW_RULES + 1, maxLength: 70 });

describe.each<[string, fc.Arbitrary<RuleDocument[]>, readonly string[], number]>([
  ['few rules', few, Object.keys(ORDERS), 150],
  ['many rules', many, ['an index of many rules', 'what is chosen'], 60],
])('%s', (_name, rules, orders, runs) => {
  it('decide as they do in turn, whatever is damaged and whatever a user has', async () => {
    const worlds = fc.record({ rules, missing });
    const property = fc.property(worlds, fc.array(user, { minLength: 1, maxLength: 5 }), (world, users) => {
      const inTurn = orderOf(world, (all) => new RulesInTurn(all));
      const others = orders.map((name) => orderOf(world, ORDERS[name] as MakeOrder));
      const reported = new Set<string>();
      // Twice, because what was reported once need not be reported again.
      for (const one of [...users, ...users]) {
        const expected = inTurn(one);
        for (const warning of expected.warnings) reported.add(warning);
        for (const seen of others.map((decide) => decide(one))) {
          expect(seen.first).toBe(expected.first);
          expect([...reported]).toEqual(expect.arrayContaining([...seen.warnings]));
        }
      }
    });
    await check(property, runs);
  });

  it('that read an attribute which cannot be read fail in turn as well', async () => {
    const throwing = fc.tuple(user, fc.constantFrom('a', 'b', 'c', 'n', 'm', 'name')).map(([one, name]) =>
      Object.defineProperty({ ...one }, name, {
        enumerable: true,
        get: () => {
          throw new Error('unreadable');
        },
      }),
    );
    const property = fc.property(fc.record({ rules, missing }), throwing, (world, one) => {
      const expected = orderOf(world, (all) => new RulesInTurn(all))(one).first;
      for (const name of orders) {
        const found = orderOf(world, ORDERS[name] as MakeOrder)(one).first;
        // A rule that another condition rules out is not asked for the attribute. What comes then, a user without it sees as well.
        const spared = expected === 'threw Error: unreadable' && found !== expected;
        expect(spared || found === expected).toBe(true);
      }
    });
    await check(property, runs);
  });
});

/** Conditions that count how often they are tried. */
function counted(rules: readonly RuleDocument[]): {
  readonly rules: readonly Conditional[];
  readonly tried: () => number;
} {
  let tried = 0;
  const context = new CompileContext(COMPILING);
  const watched = (document: ConditionDocument): Condition => {
    const compiled = SegmentCondition.compile(document) ?? compileCondition(document, context, undefined);
    return {
      holds: (occasion) => {
        tried += 1;
        return compiled.holds(occasion);
      },
      criterion: () => compiled.criterion(),
      look: (occasion) => compiled.look(occasion),
    };
  };
  return { rules: rules.map((conditions) => ({ conditions: conditions.map(watched) })), tried: () => tried };
}

const COUNT = 5_000;
const upTo = <T>(make: (index: number) => T): T[] => Array.from({ length: COUNT }, (_, index) => make(index));
const on = (property: string, op: string, value: unknown): ConditionDocument => ({
  property,
  op,
  value: typeof value === 'string' ? value : JSON.stringify(value),
});

describe('of 5,000 rules those that an attribute rules out are not tried', () => {
  const shared = on('country', 'Equal', 'NZ');
  const user: User = {
    key: 'u',
    country: 'NZ',
    plan: `plan-${COUNT - 1}-x`,
    score: COUNT - 0.5,
    mail: 'ada@host-4999.example',
  };
  it.each<[string, RuleDocument[], number]>([
    ['equal values', upTo((i) => [on('plan', 'Equal', `plan-${i}-x`)]), COUNT - 1],
    ['lists', upTo((i) => [on('plan', 'IsOneOf', [`plan-${i}-x`, `other-${i}`])]), COUNT - 1],
    ['beginnings', upTo((i) => [on('plan', 'StartsWith', `plan-${i}-`)]), COUNT - 1],
    ['ends', upTo((i) => [on('mail', 'EndsWith', `@host-${i}.example`)]), COUNT - 1],
    ['bounds from above', upTo((i) => [on('score', 'BiggerThan', COUNT - 1 + (COUNT - 1 - i))]), COUNT - 1],
    ['bounds from below', upTo((i) => [on('score', 'LessThan', i + 1)]), COUNT - 1],
    [
      'bands in any order',
      upTo((i) => (i * 2_741) % COUNT).map((i) => [on('score', 'BiggerEqualThan', i), on('score', 'LessThan', i + 1)]),
      upTo((i) => (i * 2_741) % COUNT).indexOf(COUNT - 1),
    ],
    ['a condition behind one that all share', upTo((i) => [shared, on('plan', 'Equal', `plan-${i}-x`)]), COUNT - 1],
    [
      'a condition behind one that cannot be looked up',
      upTo((i) => [on('mail', 'Contains', '@'), on('plan', 'Equal', `plan-${i}-x`)]),
      COUNT - 1,
    ],
    [
      'two attributes in turn',
      upTo((i) =>
        i % 2 === 0 ? [on('mail', 'EndsWith', `@host-${i}.example`)] : [on('plan', 'IsOneOf', [`plan-${i}-x`])],
      ),
      COUNT - 1,
    ],
  ])('by %s', (_name, documents, last) => {
    const { rules, tried } = counted(documents);
    const order = ruleOrderOf(rules);
    expect(order.first(new Occasion(user, NO_SEGMENTS))).toBe(last);
    expect(tried()).toBeLessThanOrEqual(2);
    expect(order.first(new Occasion({ key: 'nobody' }, NO_SEGMENTS))).toBe(NO_RULE);
    expect(tried()).toBeLessThanOrEqual(2);
  });
});

describe('damage', () => {
  const hit = [on('plan', 'Equal', 'pro')];
  const misses = Array.from({ length: 40 }, (_, i) => [on('plan', 'Equal', `other-${i}`)]);
  const user: User = { key: 'u', plan: 'pro', country: 'NZ' };
  const damaged: readonly (readonly [string, ConditionDocument, RegExp])[] = [
    ['a pattern', on('country', 'MatchRegex', '('), /pattern/],
    ['a list', on('country', 'IsOneOf', 'NZ'), /list/],
    ['a segment that is missing', { property: 'User is in segment', op: null, value: '["gone"]' }, /segment/],
  ];

  it.each(damaged)('%s counts before the rule that holds, and not behind it', (_name, condition, problem) => {
    const decide = (rules: readonly RuleDocument[]) => orderOf({ rules, missing: 'no-match' }, ruleOrderOf)(user).first;
    expect(decide([...misses, [condition], hit])).toMatch(problem);
    expect(decide([...misses, hit, [condition]])).toBe(misses.length);
    expect(decide([[condition], ...misses, hit])).toMatch(problem);
  });

  it.each(damaged)(
    '%s counts where the conditions before it hold, and not where one does not',
    (_name, condition, problem) => {
      const decide = (...conditions: readonly ConditionDocument[]) =>
        orderOf({ rules: [...misses, conditions, hit], missing: 'no-match' }, ruleOrderOf)(user).first;
      expect(decide(on('plan', 'Equal', 'pro'), condition)).toMatch(problem);
      expect(decide(on('plan', 'Equal', 'free'), condition)).toBe(misses.length + 1);
      // The condition behind it does not hold, but is not reached.
      expect(decide(condition, on('plan', 'Equal', 'free'))).toMatch(problem);
    },
  );
});

describe('an attribute', () => {
  /** The attributes that an evaluation reads, in order. */
  function readBy(rules: readonly RuleDocument[], attributes: Readonly<Record<string, unknown>>): readonly string[] {
    const read: string[] = [];
    const user: object = { key: 'u' };
    for (const [name, value] of Object.entries(attributes)) {
      Object.defineProperty(user, name, {
        enumerable: true,
        get: () => {
          read.push(name);
          return value;
        },
      });
    }
    orderOf({ rules, missing: 'no-match' }, ruleOrderOf)(user as User);
    return read;
  }
  const countries = Array.from({ length: 20 }, (_, i) => [
    on('country', 'Equal', `c${i}`),
    on('plan', 'Equal', `p${i}`),
  ]);
  const plans = Array.from({ length: 20 }, (_, i) => [on('plan', 'Equal', `q${i}`)]);

  it.each<[string, readonly RuleDocument[], Readonly<Record<string, unknown>>, readonly string[]]>([
    ['is read once, however many rules ask for it', plans, { plan: 'none' }, ['plan']],
    [
      'is not read behind the rule that holds',
      [...countries, ...plans],
      { country: 'c3', plan: 'p3' },
      ['country', 'plan'],
    ],
    [
      'is not read where the conditions before rule it out',
      countries.slice(0, 9),
      { country: 'none', plan: 'p3' },
      ['country'],
    ],
    [
      'that stands behind another is not read before it is asked for',
      [...plans, ...countries],
      { plan: 'q5', country: 'c' },
      ['plan'],
    ],
  ])('%s', (_name, rules, attributes, read) => {
    expect(readBy(rules, attributes)).toEqual(read);
  });

  it('of a user may evaluate other flags while it is read', () => {
    const context = new CompileContext(COMPILING);
    const orderFor = (rules: readonly RuleDocument[]) =>
      ruleOrderOf(rules.map((list) => ({ conditions: list.map((one) => compileCondition(one, context, undefined)) })));
    const order = orderFor([...countries, ...plans]);
    const inner: User = { key: 'inner', country: 'c1', plan: 'p1' };
    const outer = {
      key: 'outer',
      country: 'c7',
      get plan(): string {
        expect(order.first(new Occasion(inner, NO_SEGMENTS))).toBe(1);
        return 'p7';
      },
    };
    expect(order.first(new Occasion(outer, NO_SEGMENTS))).toBe(7);
  });
});

describe('the bounds of an index', () => {
  it.each([MAX_FEW_RULES - 1, MAX_FEW_RULES, MAX_FEW_RULES + 1, 64])(
    'hold %i rules, each of which can decide',
    (count) => {
      const rules = Array.from({ length: count }, (_, i) => [
        on('plan', 'Equal', `p${i}`),
        on('n', 'BiggerThan', `${i}`),
      ]);
      const decide = orderOf({ rules, missing: 'no-match' }, ruleOrderOf);
      for (let i = 0; i < count; i++) expect(decide({ key: 'u', plan: `p${i}`, n: i + 1 }).first).toBe(i);
      for (let i = 0; i < count; i++) expect(decide({ key: 'u', plan: `p${i}`, n: i }).first).toBe(NO_RULE);
    },
  );

  it.each([20, 200])('hold rules of which each asks for other attributes: %i', (count) => {
    const rules = Array.from({ length: count }, (_, i) =>
      ['a', 'b', 'c', 'd'].map((letter) => on(`${letter}${i % 100}`, 'Equal', `${i}`)),
    );
    const decide = orderOf({ rules, missing: 'no-match' }, ruleOrderOf);
    for (const i of [0, 1, 7, count - 1]) {
      const attributes = Object.fromEntries(['a', 'b', 'c', 'd'].map((letter) => [`${letter}${i % 100}`, `${i}`]));
      expect(decide({ key: 'u', ...attributes }).first).toBe(i);
    }
    expect(decide({ key: 'u', a0: '0', b0: '0' }).first).toBe(NO_RULE);
  });

  it('hold a hundred rules that all hold for one number', () => {
    const rules = Array.from({ length: 100 }, (_, i) => [
      on('n', 'BiggerEqualThan', `${i % 7}`),
      on('n', 'LessEqualThan', `${1_000 - i}`),
      on('plan', 'Equal', 'pro'),
      on('city', i === 93 ? 'Equal' : 'NotEqual', 'Oslo'),
    ]);
    expect(
      orderOf({ rules, missing: 'no-match' }, ruleOrderOf)({ key: 'u', n: 500, plan: 'pro', city: 'Oslo' }).first,
    ).toBe(93);
  });
});
