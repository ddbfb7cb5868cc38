import type { ConditionDocument } from '../protocol/documents.js';
import type { Attribute, Membership } from './attributes.js';
import type { CompileContext, NumberParser } from './compile-context.js';
import type { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import {
  type ListOperation,
  type NumberOperation,
  operationOf,
  type PatternOperation,
  type TextOperation,
} from './operators.js';
import { PatternOperand } from './pattern.js';
import type { Warnings } from './warnings.js';

/** A compiled condition. */
export interface Condition {
  /** Whether it holds for the user; a failure when it is so damaged that the whole flag fails. */
  holds(occasion: Occasion): boolean | Failure;
}

const NEVER: Condition = { holds: () => false };

/** Compiles a condition on an attribute; the only kind that the rules of a segment know. */
export function compileCondition(
  { property, op, value }: ConditionDocument,
  context: CompileContext,
  warnings: Warnings | undefined,
): Condition {
  if (typeof value !== 'string' || typeof op !== 'string') return NEVER;
  const operation = operationOf(op);
  if (operation === undefined) return NEVER;
  if (property === 'key') warnings?.give('key-is-keyid', property);
  const attribute = context.attributes.attribute(property);
  if (attribute === undefined) return NEVER;
  switch (operation.operand) {
    case 'text':
    case 'none':
      return new TextCondition(attribute, operation, value);
    case 'pattern':
      return new TextCondition(attribute, operation, new PatternOperand(value, context.compilePattern));
    case 'list':
      return new ListCondition(attribute.membership(value), operation);
    case 'number': {
      const operand = context.parseNumber(value);
      if (operand !== undefined) {
        return new NumberCondition(attribute, operation, operand, context.parseNumber, warnings);
      }
      warnings?.give('operand-not-a-number', attribute.name);
      return NEVER;
    }
  }
}

/** Whether all conditions hold, in order, stopping at the first that does not; an empty list holds. */
export function allHold(conditions: readonly Condition[], occasion: Occasion): boolean | Failure {
  for (let i = 0; i < conditions.length; i++) {
    const verdict = (conditions[i] as Condition).holds(occasion);
    if (verdict !== true) return verdict;
  }
  return true;
}

/** A condition on an attribute's text. Texts and patterns share a class, which keeps the calls of {@link allHold} fast. */
class TextCondition<Operation extends TextOperation | PatternOperation> implements Condition {
  readonly attribute: Attribute;
  readonly op: string;
  readonly operand: Parameters<Operation['holds']>[1];
  readonly #compare: Operation['holds'];

  constructor(attribute: Attribute, operation: Operation, operand: Parameters<Operation['holds']>[1]) {
    this.attribute = attribute;
    this.op = operation.op;
    this.operand = operand;
    // Kept here although `op` leads to it: one load less for each condition of each evaluation.
    this.#compare = operation.holds;
  }

  holds(occasion: Occasion): boolean | Failure {
    const text = this.attribute.textOn(occasion);
    return text === undefined ? false : this.#compare(text, this.operand as never);
  }
}

/** A condition on whether an attribute is in a list. */
class ListCondition implements Condition {
  readonly membership: Membership;
  readonly op: string;
  readonly #whenMember: boolean;

  constructor(membership: Membership, operation: ListOperation) {
    this.membership = membership;
    this.op = operation.op;
    this.#whenMember = operation.whenMember;
  }

  holds(occasion: Occasion): boolean | Failure {
    const isMember = this.membership.on(occasion);
    return typeof isMember === 'boolean' ? isMember === this.#whenMember : (isMember ?? false);
  }
}

/** A condition on an attribute that is a number. */
class NumberCondition implements Condition {
  readonly attribute: Attribute;
  readonly op: string;
  readonly operand: number;
  readonly #compare: NumberOperation['holds'];
  readonly #parse: NumberParser;
  readonly #warnings: Warnings | undefined;

  constructor(
    attribute: Attribute,
    operation: NumberOperation,
    operand: number,
    parse: NumberParser,
    warnings: Warnings | undefined,
  ) {
    this.attribute = attribute;
    this.op = operation.op;
    this.operand = operand;
    this.#compare = operation.holds;
    this.#parse = parse;
    this.#warnings = warnings;
  }

  holds(occasion: Occasion): boolean {
    const value = this.attribute.on(occasion);
    // A finite number reads back from its own text as itself, so it need not become text at all.
    if (typeof value === 'number' && Number.isFinite(value)) return this.#compare(value, this.operand);
    const text = typeof value === 'string' ? value : this.attribute.textOn(occasion);
    if (text === undefined) return false;
    const number = this.#parse(text);
    if (number !== undefined) return this.#compare(number, this.operand);
    // By the platform's rule an absent attribute is the empty text.
    if (text !== '') this.#warnings?.give('attribute-not-a-number', this.attribute.name);
    return false;
  }
}
