import { describe, expect, it } from 'vitest';
import type { ExplainedCondition, ExplainedFlag, ExplainedSegment } from '../../../src/api/explanation.js';
import { placeText, reasonText, segmentText, sightText } from '../../src/model/explanation.js';

type AttributeCondition = ExplainedCondition & { readonly about: 'attribute' };

describe('what a condition saw', () => {
  it.each<[Partial<AttributeCondition>, string]>([
    [{ text: 'NZ' }, 'NZ'],
    [{ text: '' }, 'the empty text'],
    [{ obstacle: 'attribute-absent' }, 'the user has none'],
    [{ text: 'ten', obstacle: 'attribute-not-a-number' }, 'ten, which is no number'],
    [{ obstacle: 'operand-not-a-number' }, 'the condition compares with something that is no number'],
    [{ obstacle: 'something-new' }, 'something-new'],
  ])('%j is "%s"', (seen, text) => {
    const condition = { about: 'attribute', attribute: 'a', op: 'Equal', verdict: 'holds', counted: true } as const;
    expect(sightText({ ...condition, ...seen })).toBe(text);
  });
});

describe('why a user is in a segment', () => {
  it.each<[Partial<ExplainedSegment>, string]>([
    [{ contains: true, decidedBy: 'included' }, 'always in it, by name'],
    [{ contains: false, decidedBy: 'excluded' }, 'not in it: never in it, by name'],
    [{ contains: true, decidedBy: 'rule', rule: 1 }, 'in it, by rule 2'],
    [{ contains: false, decidedBy: 'no-rule' }, 'not in it: no rule matches'],
    [{ contains: 'it is not there', decidedBy: 'missing' }, 'it is not there'],
  ])('%j is "%s"', (part, text) => {
    expect(segmentText({ id: 's', contains: true, decidedBy: 'included', rules: [], ...part })).toBe(text);
  });
});

describe('why a user gets a value', () => {
  const flag: ExplainedFlag = {
    key: 'f',
    version: 1,
    variationType: 'boolean',
    variationId: 'on',
    value: 'true',
    reason: 'Fallthrough',
    decidedBy: 'fallthrough',
  };
  it.each<[Partial<ExplainedFlag>, string | undefined, string]>([
    [{}, undefined, 'no rule matches'],
    [{ decidedBy: 'off' }, undefined, 'the flag is off'],
    [{ decidedBy: 'target' }, undefined, 'the user is listed by name'],
    [{ decidedBy: 'rule', rule: 0 }, undefined, 'rule 1 matches'],
    [{ decidedBy: 'rule', rule: 2 }, 'Staff', 'rule 3, Staff, matches'],
    [{ decidedBy: 'rule', rule: 0, failure: 'broken' }, 'Staff', 'the flag cannot be evaluated: broken'],
  ])('%j of rule %s is "%s"', (part, name, text) => {
    expect(reasonText({ ...flag, ...part }, name)).toBe(text);
  });

  it.each([
    [0, '0.00 %'],
    [0.222775, '22.28 %'],
    [1, '100.00 %'],
  ])('a place of %d is %s', (bucket, text) => {
    expect(placeText(bucket)).toBe(text);
  });
});
