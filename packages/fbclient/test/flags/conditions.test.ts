import { describe, expect, it } from 'vitest';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { CompileContext } from '../../src/flags/compile-context.js';
import { compileCondition } from '../../src/flags/conditions.js';
import { Failure } from '../../src/flags/failure.js';
import { Occasion, type SegmentLookup } from '../../src/flags/occasion.js';
import { OPERATORS, type Operator } from '../../src/flags/operators.js';
import { Segment } from '../../src/flags/segment.js';
import { SegmentCondition } from '../../src/flags/segment-condition.js';
import type { User } from '../../src/users/user.js';
import { must } from '../support/must.js';
import { COMPILING } from '../support/store.js';
import { wireSegment } from '../support/wire.js';

// What each operator decides is in the conformance fixtures; here is what they do not say.

const NO_SEGMENTS: SegmentLookup = { segment: () => undefined };

function contextOf(missingAttribute: MissingAttribute): CompileContext {
  return new CompileContext({ ...COMPILING, missingAttribute });
}

function holds(op: string, value: string, user: User, missing: MissingAttribute = 'no-match'): boolean | string {
  const condition = compileCondition({ property: 'attribute', op, value }, contextOf(missing));
  const verdict = condition.holds(new Occasion(user, NO_SEGMENTS));
  return verdict instanceof Failure ? verdict.text : verdict;
}

describe('an absent attribute', () => {
  const operands: Readonly<Record<Operator, string>> = {
    LessThan: '5',
    LessEqualThan: '5',
    BiggerThan: '-5',
    BiggerEqualThan: '-5',
    Equal: '',
    NotEqual: 'x',
    Contains: '',
    NotContain: 'x',
    StartsWith: '',
    EndsWith: '',
    MatchRegex: '^$',
    NotMatchRegex: 'x',
    IsOneOf: '[""]',
    NotOneOf: '["x"]',
    IsTrue: '',
    IsFalse: '',
  };

  it.each(OPERATORS)('fails %s', (op) => {
    expect(holds(op, operands[op], { key: 'ada' })).toBe(false);
  });

  const asEmptyText: Readonly<Record<Operator, boolean>> = {
    LessThan: false,
    LessEqualThan: false,
    BiggerThan: false,
    BiggerEqualThan: false,
    Equal: true,
    NotEqual: true,
    Contains: true,
    NotContain: true,
    StartsWith: true,
    EndsWith: true,
    MatchRegex: true,
    NotMatchRegex: true,
    IsOneOf: true,
    NotOneOf: true,
    IsTrue: false,
    IsFalse: false,
  };

  it.each(OPERATORS)('is the empty text to %s where that is asked for', (op) => {
    expect(holds(op, operands[op], { key: 'ada' }, 'empty-string')).toBe(asEmptyText[op]);
    expect(holds(op, operands[op], { key: 'ada', attribute: '' })).toBe(asEmptyText[op]);
  });

  it.each(OPERATORS)('decides before the operand of %s is read', (op) => {
    expect(holds(op, '(', { key: 'ada' })).toBe(false);
  });

  it('does not make a blank property, a missing value or an unknown operator hold, whatever is asked for', () => {
    const user = { key: 'ada' };
    const conditions = [
      { property: ' ', op: 'Equal', value: '' },
      { property: null, op: 'Equal', value: '' },
      { property: 'attribute', op: 'Equal', value: null },
      { property: 'attribute', op: 'equal', value: '' },
      { property: 'attribute', op: 'toString', value: '' },
    ];
    for (const condition of conditions) {
      const compiled = compileCondition(condition, contextOf('empty-string'));
      expect(compiled.holds(new Occasion(user, NO_SEGMENTS))).toBe(false);
    }
  });
});

describe('a pattern in a condition', () => {
  it.each([
    ['invalid', '('],
    ['not supported', 'a(?=b)'],
    ['too long', 'a'.repeat(1_001)],
    ['too large', '(a{100}){100}'],
  ])('that is %s is an error in both forms, each time', (_name, pattern) => {
    for (const op of ['MatchRegex', 'NotMatchRegex', 'MatchRegex']) {
      expect(holds(op, pattern, { key: 'ada', attribute: 'x' })).toBe('a pattern is invalid, unsupported or too large');
    }
  });

  it('meets a text that is too long for it with an error in both forms', () => {
    const user = { key: 'ada', attribute: 'a'.repeat(3_000_000) };
    for (const op of ['MatchRegex', 'NotMatchRegex']) {
      expect(holds(op, 'b', user)).toBe('an attribute is too long for the pattern it is matched with');
    }
  });
});

describe('a condition on segments', () => {
  const context = contextOf('no-match');
  const segments: SegmentLookup = {
    segment: (id) => (id === 'staff' ? new Segment(wireSegment('staff', ['ada']), 1, context) : undefined),
  };
  const onSegments = (value: string | null): SegmentCondition => {
    return must(SegmentCondition.compile({ property: 'User is in segment', op: null, value }));
  };
  const inside = (value: string | null, user: User): boolean | string => {
    const verdict = onSegments(value).holds(new Occasion(user, segments));
    return verdict instanceof Failure ? verdict.text : verdict;
  };

  it.each([
    ['staff', true],
    ['other', true],
    ['another', false],
  ])('tells that it depends on segments, those that are never reached included: %s', (id, expected) => {
    expect(onSegments('["staff","other","staff"]').asksAbout(new Set([id]))).toBe(expected);
  });

  it.each([null, '', 'staff', '{}', '[1]'])('is an error, and depends on nothing, when its value is %s', (value) => {
    expect(inside(value, { key: 'ada' })).toBe('a condition on segments does not hold a JSON array of segment ids');
    expect(onSegments(value).asksAbout(new Set(['staff']))).toBe(false);
  });

  it('stops at the first that matches, and names the one that is missing', () => {
    expect(inside('["staff","gone"]', { key: 'ada' })).toBe(true);
    expect(inside('["staff","gone"]', { key: 'bob' })).toBe('segment "gone" is not there, archived or damaged');
  });

  it('is an ordinary, unknown condition inside of a segment: segments do not nest', () => {
    const nested = wireSegment('nested', [], {
      rules: [{ conditions: [{ property: 'User is in segment', op: null, value: '["staff"]' }] }],
    });
    expect(new Segment(nested, 1, context).contains(new Occasion({ key: 'ada' }, segments))).toBe(false);
  });
});

describe('conditions on the same list', () => {
  const context = contextOf('no-match');
  const [isOne, isOneAgain, isNone, onOther, damaged] = [
    { property: 'plan', op: 'IsOneOf', value: '["pro","team"]' },
    { property: 'plan', op: 'IsOneOf', value: '["pro","team"]' },
    { property: 'plan', op: 'NotOneOf', value: '["pro","team"]' },
    { property: 'tier', op: 'IsOneOf', value: '["pro","team"]' },
    { property: 'plan', op: 'IsOneOf', value: '["pro",5]' },
  ].map((condition) => compileCondition(condition, context));

  it.each<[Omit<User, 'key'>, readonly unknown[]]>([
    [{ plan: 'pro' }, [true, true, false, false, expect.any(Failure)]],
    [{ plan: 'free' }, [false, false, true, false, expect.any(Failure)]],
    [{ plan: 'free', tier: 'team' }, [false, false, true, true, expect.any(Failure)]],
    [{ tier: 'pro' }, [false, false, false, true, false]],
    [{}, [false, false, false, false, false]],
  ])('are judged anew for every user: %j', (user, verdicts) => {
    const occasion = new Occasion({ key: 'ada', ...user }, NO_SEGMENTS);
    const judge = () => [isOne, isOneAgain, isNone, onOther, damaged].map((one) => must(one).holds(occasion));
    expect(judge()).toEqual(verdicts);
    expect(judge()).toEqual(verdicts);
  });
});
