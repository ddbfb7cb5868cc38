import type { ExplainedCondition, ExplainedFlag, ExplainedSegment } from '../../../src/api/explanation.js';

/** Why a condition had nothing to compare, as the end of a sentence about the user. */
const OBSTACLES: Readonly<Record<string, string>> = {
  'attribute-absent': 'the user has none',
  'attribute-not-usable': 'it is no text, number or boolean',
  'attribute-not-a-number': 'which is no number',
  'key-is-keyid': 'the user’s key is called keyId here',
  'no-attribute': 'the condition names no attribute',
  'no-operand': 'the condition has nothing to compare with',
  'operand-not-a-number': 'the condition compares with something that is no number',
  'unknown-operator': 'there is no such operator',
};

/** What a condition saw of the user: "NZ", "the user has none". */
export function sightText(condition: ExplainedCondition & { readonly about: 'attribute' }): string {
  const { text, obstacle } = condition;
  const seen = text === undefined ? undefined : text === '' ? 'the empty text' : text;
  const why = obstacle === undefined ? undefined : (OBSTACLES[obstacle] ?? obstacle);
  return [seen, why].filter((part) => part !== undefined).join(', ');
}

const SEGMENT_PARTS: Readonly<Record<ExplainedSegment['decidedBy'], string>> = {
  excluded: 'never in it, by name',
  included: 'always in it, by name',
  rule: 'by a rule',
  'no-rule': 'no rule matches',
  missing: 'it is not there, archived or damaged',
};

/** Why a user is in a segment or not: "in it, by rule 2". */
export function segmentText({ contains, decidedBy, rule }: ExplainedSegment): string {
  if (typeof contains === 'string') return contains;
  if (decidedBy === 'rule') return `in it, by rule ${(rule ?? 0) + 1}`;
  return contains ? SEGMENT_PARTS[decidedBy] : `not in it: ${SEGMENT_PARTS[decidedBy]}`;
}

/** Why a user gets the value, as the end of a sentence. */
export function reasonText({ decidedBy, rule, failure }: ExplainedFlag, ruleName?: string): string {
  if (failure !== undefined) return `the flag cannot be evaluated: ${failure}`;
  switch (decidedBy) {
    case 'off':
      return 'the flag is off';
    case 'target':
      return 'the user is listed by name';
    case 'rule':
      return `rule ${(rule ?? 0) + 1}${ruleName ? `, ${ruleName},` : ''} matches`;
    case 'fallthrough':
      return 'no rule matches';
  }
}

/** A place from 0 to 1 as people read shares: "33.12 %". */
export function placeText(bucket: number): string {
  return `${(bucket * 100).toFixed(2)} %`;
}
