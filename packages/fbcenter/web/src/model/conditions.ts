import type { Condition } from './document.js';

/** Properties that ask for segments in the place of an attribute. */
export const IN_SEGMENT = 'User is in segment';
export const NOT_IN_SEGMENT = 'User is not in segment';

/** What the value of a condition is for an operator. */
type Operand = 'text' | 'number' | 'pattern' | 'list' | 'none';

interface Operator {
  readonly op: string;
  /** As it stands in a sentence: "country *is one of* NZ, AU". */
  readonly words: string;
  readonly operand: Operand;
}

export const OPERATORS: readonly Operator[] = [
  { op: 'IsOneOf', words: 'is one of', operand: 'list' },
  { op: 'NotOneOf', words: 'is none of', operand: 'list' },
  { op: 'Equal', words: 'is', operand: 'text' },
  { op: 'NotEqual', words: 'is not', operand: 'text' },
  { op: 'Contains', words: 'contains', operand: 'text' },
  { op: 'NotContain', words: 'does not contain', operand: 'text' },
  { op: 'StartsWith', words: 'starts with', operand: 'text' },
  { op: 'EndsWith', words: 'ends with', operand: 'text' },
  { op: 'LessThan', words: 'is less than', operand: 'number' },
  { op: 'LessEqualThan', words: 'is at most', operand: 'number' },
  { op: 'BiggerThan', words: 'is more than', operand: 'number' },
  { op: 'BiggerEqualThan', words: 'is at least', operand: 'number' },
  { op: 'MatchRegex', words: 'matches', operand: 'pattern' },
  { op: 'NotMatchRegex', words: 'does not match', operand: 'pattern' },
  { op: 'IsTrue', words: 'is true', operand: 'none' },
  { op: 'IsFalse', words: 'is false', operand: 'none' },
];

const BY_NAME = new Map(OPERATORS.map((operator) => [operator.op, operator]));

export function operatorOf(condition: Condition): Operator {
  const op = condition.op ?? '';
  return BY_NAME.get(op) ?? { op, words: op, operand: 'text' };
}

export function asksForSegments({ property }: Pick<Condition, 'property'>): boolean {
  return property === IN_SEGMENT || property === NOT_IN_SEGMENT;
}

/** The values of a condition: of a list each, otherwise the one. */
export function valuesOf(condition: Condition): readonly string[] {
  if (!asksForSegments(condition)) {
    const { operand } = operatorOf(condition);
    if (operand === 'none') return [];
    if (operand !== 'list') return [condition.value];
  }
  return readList(condition.value) ?? [condition.value];
}

/** The same condition with other values. */
export function withValues(condition: Condition, values: readonly string[]): Condition {
  const { operand } = operatorOf(condition);
  if (asksForSegments(condition) || operand === 'list') return { ...condition, value: JSON.stringify(values) };
  return { ...condition, value: operand === 'none' ? '' : (values[0] ?? '') };
}

/** The same condition with another operator; what was typed is kept as far as the new one can use it. */
export function withOperator(condition: Condition, op: string): Condition {
  const values = valuesOf(condition).filter((value) => value !== '');
  return withValues({ ...condition, op, value: '' }, values);
}

/** The same condition about something else. */
export function withProperty(condition: Condition, property: string): Condition {
  if (asksForSegments({ property })) {
    return { ...condition, property, op: null, value: asksForSegments(condition) ? condition.value : '[]' };
  }
  return asksForSegments(condition)
    ? { ...condition, property, op: 'IsOneOf', value: '[]' }
    : { ...condition, property };
}

/** What keeps a condition from being saved, or nothing. */
export function conditionProblem(condition: Condition): string | undefined {
  if (condition.property.trim() === '') return 'Name the attribute.';
  const values = valuesOf(condition);
  if (asksForSegments(condition)) return values.length === 0 ? 'Choose a segment.' : undefined;
  const { operand } = operatorOf(condition);
  if (operand === 'list') return values.length === 0 ? 'Add at least one value.' : undefined;
  if (operand === 'number') {
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(condition.value.trim())
      ? undefined
      : 'Enter a number, such as 18 or 2.5.';
  }
  if (operand === 'pattern') return condition.value === '' ? 'Enter a pattern.' : undefined;
  return undefined;
}

function readList(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
