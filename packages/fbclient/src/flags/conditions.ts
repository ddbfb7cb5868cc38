import { parseDecimal } from '../protocol/decimal.js';
import type { WireCondition } from '../protocol/entities.js';
import { parseStringList } from '../protocol/string-list.js';
import { type AttributeReader, attributeReader, type User } from '../protocol/user.js';
import { Failure } from './failure.js';
import { compilePattern, type Pattern } from './pattern.js';
import type { Segment } from './segment.js';

/** A compiled condition: does it hold for the user, or is it so damaged that the whole flag fails? */
export type Condition = (user: User, segments: SegmentLookup) => boolean | Failure;

/** Where conditions on segments find them at evaluation time; only active segments are found. */
export interface SegmentLookup {
  segment(id: string): Segment | undefined;
}

/**
 * What an absent attribute is to a condition: nothing that can match (`no-match`, the rule of FeatBit's server-SDK
 * specification), or the empty string (as the platform's own evaluator has it).
 */
export type MissingAttribute = 'no-match' | 'empty-string';

/** The property that makes a condition ask whether the user is in any of the segments listed in its value. */
export const IN_SEGMENT = 'User is in segment';
/** The property that makes a condition ask whether the user is in none of the segments listed in its value. */
export const NOT_IN_SEGMENT = 'User is not in segment';

/** Compares an attribute with the operand that was prepared at commit. */
type Comparison = (attribute: string) => boolean | Failure;

const FALSE: Condition = () => false;

/** How each operator turns its operand into a comparison: all work that does not need the attribute is done here, once. */
const OPERATIONS = {
  LessThan: numeric((attribute, operand) => attribute < operand),
  LessEqualThan: numeric((attribute, operand) => attribute <= operand),
  BiggerThan: numeric((attribute, operand) => attribute > operand),
  BiggerEqualThan: numeric((attribute, operand) => attribute >= operand),
  Equal: (operand) => (attribute) => attribute === operand,
  NotEqual: (operand) => (attribute) => attribute !== operand,
  Contains: (operand) => (attribute) => attribute.includes(operand),
  NotContain: (operand) => (attribute) => !attribute.includes(operand),
  StartsWith: (operand) => (attribute) => attribute.startsWith(operand),
  EndsWith: (operand) => (attribute) => attribute.endsWith(operand),
  MatchRegex: (operand) => matching(operand, true),
  NotMatchRegex: (operand) => matching(operand, false),
  IsOneOf: (operand) => membership(operand, true),
  NotOneOf: (operand) => membership(operand, false),
  IsTrue: () => (attribute) => attribute.toLowerCase() === 'true',
  IsFalse: () => (attribute) => attribute.toLowerCase() === 'false',
} as const satisfies Record<string, (operand: string) => Comparison>;

/** An operator of an ordinary condition. */
export type Operator = keyof typeof OPERATIONS;

export const OPERATORS: readonly Operator[] = Object.keys(OPERATIONS) as Operator[];

/** Compiles a condition of a segment's rule, where conditions on segments are not known. */
export function compileOrdinaryCondition(condition: WireCondition, missing: MissingAttribute): Condition {
  const { property, op, value } = condition;
  if (typeof property !== 'string' || property.trim() === '') return FALSE;
  if (typeof value !== 'string' || !isOperator(op)) return FALSE;
  const read = withMissing(attributeReader(property), missing);
  const compare = OPERATIONS[op](value);
  return (user) => {
    const attribute = read(user);
    return attribute === undefined ? false : compare(attribute);
  };
}

/**
 * Compiles a condition of a flag's rule.
 *
 * @param segmentIds collects the segments that the condition depends on.
 */
export function compileCondition(
  condition: WireCondition,
  missing: MissingAttribute,
  segmentIds: Set<string>,
): Condition {
  if (condition.property === IN_SEGMENT) return segmentCondition(condition, true, segmentIds);
  if (condition.property === NOT_IN_SEGMENT) return segmentCondition(condition, false, segmentIds);
  return compileOrdinaryCondition(condition, missing);
}

/** Whether all conditions hold, in order, stopping at the first that does not; an empty list holds. */
export function allHold(conditions: readonly Condition[], user: User, segments: SegmentLookup): boolean | Failure {
  for (const condition of conditions) {
    const verdict = condition(user, segments);
    if (verdict !== true) return verdict;
  }
  return true;
}

function segmentCondition(condition: WireCondition, whenInside: boolean, segmentIds: Set<string>): Condition {
  const ids = typeof condition.value === 'string' ? parseStringList(condition.value) : undefined;
  if (ids === undefined) return fails('a condition on segments does not hold a JSON array of segment ids');
  for (const id of ids) segmentIds.add(id);
  return (user, segments) => {
    for (const id of ids) {
      const segment = segments.segment(id);
      if (segment === undefined) return new Failure(`segment "${id}" is not there, archived or damaged`);
      const inside = segment.contains(user, segments);
      if (inside !== false) return inside === true ? whenInside : inside;
    }
    return !whenInside;
  };
}

function withMissing(read: AttributeReader, missing: MissingAttribute): AttributeReader {
  return missing === 'no-match' ? read : (user) => read(user) ?? '';
}

function isOperator(op: string | null | undefined): op is Operator {
  return typeof op === 'string' && Object.hasOwn(OPERATIONS, op);
}

function numeric(compare: (attribute: number, operand: number) => boolean): (operand: string) => Comparison {
  return (text) => {
    const operand = parseDecimal(text);
    if (operand === undefined) return () => false;
    return (attribute) => {
      const number = parseDecimal(attribute);
      return number !== undefined && compare(number, operand);
    };
  };
}

function matching(source: string, whenFound: boolean): Comparison {
  // Compiled when first reached: a pattern costs tens of microseconds, and many are never reached.
  let pattern: Pattern | undefined | 'untried' = 'untried';
  const invalid = new Failure('a pattern is invalid, unsupported or too large');
  return (attribute) => {
    if (pattern === 'untried') pattern = compilePattern(source);
    if (pattern === undefined) return invalid;
    const found = pattern.test(attribute);
    return typeof found === 'boolean' ? found === whenFound : found;
  };
}

function membership(operand: string, whenMember: boolean): Comparison {
  const list = parseStringList(operand);
  if (list === undefined) {
    const failure = new Failure('a list operand is not a JSON array of strings');
    return () => failure;
  }
  const members = new Set(list);
  return (attribute) => members.has(attribute) === whenMember;
}

function fails(text: string): Condition {
  const failure = new Failure(text);
  return () => failure;
}
