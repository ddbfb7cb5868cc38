import { describe, expect, it } from 'vitest';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { CompileContext } from '../../src/flags/compile-context.js';
import { compileCondition } from '../../src/flags/conditions.js';
import { Failure } from '../../src/flags/failure.js';
import { Occasion, type SegmentLookup } from '../../src/flags/occasion.js';
import { OPERATORS, type Operator } from '../../src/flags/operators.js';
import { Segment } from '../../src/flags/segment.js';
import { SegmentCondition } from '../../src/flags/segment-condition.js';
import type { ConditionDocument } from '../../src/protocol/documents.js';
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
  const condition = compileCondition({ property: 'attribute', op, value }, contextOf(missing), undefined);
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

  it.each<[ConditionDocument]>([
    [{ property: 'attribute', op: 'Equal', value: null }],
    [{ property: 'attribute', op: 'equal', value: '' }],
    [{ property: 'attribute', op: 'toString', value: '' }],
  ])('does not make a missing value or an unknown operator hold, whatever is asked for: %j', (condition) => {
    for (const missing of ['no-match', 'empty-string'] as const) {
      const compiled = compileCondition(condition, contextOf(missing), undefined);
      expect(compiled.holds(new Occasion({ key: 'ada' }, NO_SEGMENTS))).toBe(false);
    }
  });

  it.each(['', ' \t', '\u0085', '\u00a0', '\u3000', null])(
    'is what every user has of a blank property: %j',
    (property) => {
      const user = { key: 'ada', '': 'x', ' \t': 'x', null: 'x' };
      const verdict = (op: string, value: string, missing: MissingAttribute) =>
        compileCondition({ property, op, value }, contextOf(missing), undefined).holds(new Occasion(user, NO_SEGMENTS));
      for (const op of ['Equal', 'NotEqual']) expect(verdict(op, 'x', 'no-match')).toBe(false);
      expect(verdict('Equal', '', 'empty-string')).toBe(true);
      expect(verdict('NotEqual', 'x', 'empty-string')).toBe(true);
    },
  );

  it('is not the byte order mark: that is a name like others', () => {
    const condition = compileCondition(
      { property: '\ufeff', op: 'Equal', value: 'x' },
      contextOf('no-match'),
      undefined,
    );
    expect(condition.holds(new Occasion({ key: 'ada', '\ufeff': 'x' }, NO_SEGMENTS))).toBe(true);
  });
});

describe('an absent name', () => {
  const verdict = (op: string, value: string, user: User, missing: MissingAttribute) =>
    compileCondition({ property: 'name', op, value }, contextOf(missing), undefined).holds(
      new Occasion(user, NO_SEGMENTS),
    );

  it.each<[string, string, boolean]>([
    ['Equal', '', true],
    ['NotEqual', 'x', true],
    ['NotContain', 'x', true],
    ['StartsWith', '', true],
    ['NotMatchRegex', 'x', true],
    ['IsOneOf', '[""]', true],
    ['NotOneOf', '["x"]', true],
    ['Equal', 'x', false],
  ])('is the empty text to %s %j, but fails it by the platform’s rule', (op, value, holds) => {
    for (const name of [undefined, null, {}]) {
      expect(verdict(op, value, { key: 'ada', name }, 'no-match')).toBe(holds);
      expect(verdict(op, value, { key: 'ada', name }, 'empty-string')).toBe(false);
    }
    expect(verdict(op, value, { key: 'ada', name: '' }, 'empty-string')).toBe(holds);
  });
});

describe('a number', () => {
  it.each<[string, string, boolean, boolean]>([
    ['18', '18', true, true],
    [' 18 ', '18.0', true, true],
    ['.5', '0.5', true, true],
    ['5.', '5', true, true],
    ['1,000', '1000', false, true],
    ['1,0,0,0.5', '1000.5', false, true],
    ['1,', '1', false, true],
    ['1,000e1', '10000', false, true],
    ['15', '1,,5', false, true],
    ['Infinity', '+INFINITY', false, true],
    ['-infinity', '-1e400', false, true],
    ['1e400', '1e999', false, true],
    ['5\0', '5', false, true],
    [',1', '1', false, false],
    ['1.5,0', '1.5', false, false],
    ['NaN', 'NaN', false, false],
    ['∞', '∞', false, false],
    ['٣', '3', false, false],
    ['0x10', '16', false, false],
    ['1_000', '1000', false, false],
    ['\u00a05', '5', false, false],
  ])('%j is at least and at most %j: %s, by the platform’s rule %s', (attribute, operand, equal, equalThere) => {
    for (const op of ['LessEqualThan', 'BiggerEqualThan']) {
      expect(holds(op, operand, { key: 'ada', attribute })).toBe(equal);
      expect(holds(op, operand, { key: 'ada', attribute }, 'empty-string')).toBe(equalThere);
    }
  });
});

describe('a pattern in a condition', () => {
  it.each([
    ['(', 'a group has no end'],
    ['a(?=b)', 'it has look-around, which is not supported'],
  ])('that cannot be used is an error in both forms, each time: %s', (pattern, reason) => {
    for (const op of ['MatchRegex', 'NotMatchRegex', 'MatchRegex']) {
      expect(holds(op, pattern, { key: 'ada', attribute: 'x' })).toBe(`a pattern cannot be used: ${reason}`);
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
  ].map((condition) => compileCondition(condition, context, undefined));

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
