import type { Failure } from './failure.js';
import type { PatternOperand } from './pattern.js';

/** What the value of a condition must be for an operator. */
export type OperandKind = 'text' | 'number' | 'pattern' | 'list' | 'none';

/**
 * By what an index over many conditions on one attribute finds those that hold, without trying each: the attribute's whole value
 * (`other-value`: by all values but the operand), a beginning or an end of it, or its place among sorted bounds, which it may
 * have to be below or above. `nothing`: each must be tried.
 */
type FoundBy = 'value' | 'other-value' | 'prefix' | 'suffix' | 'at-most' | 'at-least' | 'nothing';

interface Row<Operand extends OperandKind, By extends FoundBy> {
  readonly op: string;
  readonly operand: Operand;
  readonly foundBy: By;
}

/** An operator that compares the attribute's text with the operand; with `none` the operand does not matter. */
export interface TextOperation extends Row<'text' | 'none', 'value' | 'other-value' | 'prefix' | 'suffix' | 'nothing'> {
  readonly holds: (attribute: string, operand: string) => boolean;
}

/** An operator that compares two numbers. It holds for no attribute and no operand that is not one. */
export interface NumberOperation extends Row<'number', 'at-most' | 'at-least'> {
  readonly holds: (attribute: number, operand: number) => boolean;
}

/** An operator that looks for a pattern in the attribute's text. */
export interface PatternOperation extends Row<'pattern', 'nothing'> {
  readonly holds: (attribute: string, pattern: PatternOperand) => boolean | Failure;
}

/** An operator that looks for the attribute's text in a list. */
export interface ListOperation extends Row<'list', 'value' | 'other-value'> {
  /** Whether it holds for members of the list or for all others. */
  readonly whenMember: boolean;
}

export type Operation = TextOperation | NumberOperation | PatternOperation | ListOperation;

/** Every operator of a condition on an attribute. An absent attribute fails them all before their test is asked. */
export const OPERATIONS = [
  { op: 'LessThan', operand: 'number', foundBy: 'at-most', holds: (attribute, operand) => attribute < operand },
  { op: 'LessEqualThan', operand: 'number', foundBy: 'at-most', holds: (attribute, operand) => attribute <= operand },
  { op: 'BiggerThan', operand: 'number', foundBy: 'at-least', holds: (attribute, operand) => attribute > operand },
  {
    op: 'BiggerEqualThan',
    operand: 'number',
    foundBy: 'at-least',
    holds: (attribute, operand) => attribute >= operand,
  },
  { op: 'Equal', operand: 'text', foundBy: 'value', holds: (attribute, operand) => attribute === operand },
  { op: 'NotEqual', operand: 'text', foundBy: 'other-value', holds: (attribute, operand) => attribute !== operand },
  { op: 'Contains', operand: 'text', foundBy: 'nothing', holds: (attribute, operand) => attribute.includes(operand) },
  {
    op: 'NotContain',
    operand: 'text',
    foundBy: 'nothing',
    holds: (attribute, operand) => !attribute.includes(operand),
  },
  {
    op: 'StartsWith',
    operand: 'text',
    foundBy: 'prefix',
    holds: (attribute, operand) => attribute.startsWith(operand),
  },
  { op: 'EndsWith', operand: 'text', foundBy: 'suffix', holds: (attribute, operand) => attribute.endsWith(operand) },
  { op: 'MatchRegex', operand: 'pattern', foundBy: 'nothing', holds: (attribute, pattern) => pattern.test(attribute) },
  {
    op: 'NotMatchRegex',
    operand: 'pattern',
    foundBy: 'nothing',
    holds: (attribute, pattern) => not(pattern.test(attribute)),
  },
  { op: 'IsOneOf', operand: 'list', foundBy: 'value', whenMember: true },
  { op: 'NotOneOf', operand: 'list', foundBy: 'other-value', whenMember: false },
  { op: 'IsTrue', operand: 'none', foundBy: 'nothing', holds: (attribute) => attribute.toLowerCase() === 'true' },
  { op: 'IsFalse', operand: 'none', foundBy: 'nothing', holds: (attribute) => attribute.toLowerCase() === 'false' },
] as const satisfies readonly Operation[];

/** An operator of a condition on an attribute. */
export type Operator = (typeof OPERATIONS)[number]['op'];

export const OPERATORS: readonly Operator[] = OPERATIONS.map(({ op }) => op);

const BY_NAME: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map((operation) => [operation.op, operation]));

/** @returns `undefined` for an operator that does not exist. */
export function operationOf(op: string): Operation | undefined {
  return BY_NAME.get(op);
}

function not(found: boolean | Failure): boolean | Failure {
  return typeof found === 'boolean' ? !found : found;
}
