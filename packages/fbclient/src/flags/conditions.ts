import type { ConditionDocument } from '../protocol/documents.js';
import type { Attribute, Membership } from './attributes.js';
import type { CompileContext } from './compile-context.js';
import { type Criterion, NOTHING, SAFE, UNSAFE } from './criterion.js';
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
  /** What an index over many conditions needs to know of it. */
  criterion(): Criterion;
  /** What it asks and sees, for whoever wants to know why it holds or not. No evaluation calls it. */
  look(occasion: Occasion): Sight;
}

/** What a condition asks of a user, and what it sees there. */
export type Sight = AttributeSight | SegmentSight;

/** What a condition on an attribute sees. */
export interface AttributeSight {
  readonly about: 'attribute';
  /** The attribute's name; `""` when the condition names none. */
  readonly attribute: string;
  /** The operator, also one that does not exist; `""` when the condition has none. */
  readonly op: string;
  /** The user's value as the text that is compared; `undefined` when the user has none. */
  readonly text: string | undefined;
  /** Why there was nothing to compare; `undefined` when there was. */
  readonly obstacle: Obstacle | undefined;
}

/** What a condition on segments asks. */
export interface SegmentSight {
  readonly about: 'segments';
  /** Whether it holds for users inside or outside. */
  readonly whenInside: boolean;
  /** The segments' ids, in order; none when its list is damaged. */
  readonly ids: readonly string[];
}

/** Why a condition had nothing to compare, so that it did not hold. */
export type Obstacle =
  /** The user does not have the attribute. */
  | 'attribute-absent'
  /** The attribute is no text, number or boolean and counts as absent. */
  | 'attribute-not-usable'
  /** The condition compares numbers and the attribute is none. */
  | 'attribute-not-a-number'
  /** The attribute `key`, which no user has: the user's key is called `keyId` there. */
  | 'key-is-keyid'
  /** The condition names no attribute. */
  | 'no-attribute'
  /** The condition has no value to compare with. */
  | 'no-operand'
  /** The condition compares numbers and its own value is none. */
  | 'operand-not-a-number'
  /** There is no such operator. */
  | 'unknown-operator';

/** Compiles a condition on an attribute; the only kind that the rules of a segment know. */
export function compileCondition(
  { property, op, value }: ConditionDocument,
  context: CompileContext,
  warnings: Warnings | undefined,
): Condition {
  const never = (obstacle: Obstacle) => new NeverCondition(property ?? '', op ?? '', obstacle);
  const operation = typeof op === 'string' ? operationOf(op) : undefined;
  if (operation === undefined) return never('unknown-operator');
  if (typeof value !== 'string') return never('no-operand');
  if (property === 'key') warnings?.give('key-is-keyid', property);
  const attribute = context.attributes.attribute(property);
  if (attribute === undefined) return never('no-attribute');
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
        return new NumberCondition(attribute, operation, operand, warnings);
      }
      warnings?.give('operand-not-a-number', attribute.name);
      return never('operand-not-a-number');
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

/** A condition that has nothing to compare, whoever the user is. */
class NeverCondition implements Condition {
  readonly attribute: string;
  readonly op: string;
  readonly obstacle: Obstacle;

  constructor(attribute: string, op: string, obstacle: Obstacle) {
    this.attribute = attribute;
    this.op = op;
    this.obstacle = obstacle;
  }

  holds(_occasion: Occasion): false {
    return false;
  }

  criterion(): Criterion {
    return NOTHING;
  }

  look(_occasion: Occasion): AttributeSight {
    const { attribute, op, obstacle } = this;
    return { about: 'attribute', attribute, op, text: undefined, obstacle };
  }
}

/** What a condition on an attribute sees, whatever it compares. */
function lookAt(attribute: Attribute, op: string, occasion: Occasion): AttributeSight {
  const text = attribute.textOn(occasion);
  const obstacle = text === undefined ? absence(attribute, occasion) : undefined;
  return { about: 'attribute', attribute: attribute.name, op, text, obstacle };
}

function absence(attribute: Attribute, occasion: Occasion): Obstacle {
  if (attribute.name === 'key') return 'key-is-keyid';
  return attribute.on(occasion) == null ? 'attribute-absent' : 'attribute-not-usable';
}

/** A condition on an attribute's text. Texts and patterns share a class, which keeps the calls of {@link allHold} fast. */
class TextCondition<Operation extends TextOperation | PatternOperation> implements Condition {
  readonly attribute: Attribute;
  readonly operand: Parameters<Operation['holds']>[1];
  readonly #operation: Operation;
  readonly #compare: Operation['holds'];

  constructor(attribute: Attribute, operation: Operation, operand: Parameters<Operation['holds']>[1]) {
    this.attribute = attribute;
    this.operand = operand;
    this.#operation = operation;
    // Kept here although the operation leads to it: one load less for each condition of each evaluation.
    this.#compare = operation.holds;
  }

  holds(occasion: Occasion): boolean | Failure {
    const text = this.attribute.textOn(occasion);
    return text === undefined ? false : this.#compare(text, this.operand as never);
  }

  criterion(): Criterion {
    const { attribute, operand } = this;
    if (typeof operand !== 'string') return UNSAFE;
    const foundBy: TextOperation['foundBy'] = this.#operation.foundBy;
    switch (foundBy) {
      case 'value':
      case 'other-value':
        return { kind: foundBy, attribute, values: [operand] };
      case 'prefix':
      case 'suffix':
        return { kind: foundBy, attribute, affix: operand };
      case 'nothing':
        return SAFE;
    }
  }

  look(occasion: Occasion): AttributeSight {
    return lookAt(this.attribute, this.#operation.op, occasion);
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

  criterion(): Criterion {
    const { attribute } = this.membership;
    const values = this.membership.list();
    if (values === undefined) return UNSAFE;
    return { kind: this.#whenMember ? 'value' : 'other-value', attribute, values };
  }

  look(occasion: Occasion): AttributeSight {
    return lookAt(this.membership.attribute, this.op, occasion);
  }
}

/** A condition on an attribute that is a number. */
class NumberCondition implements Condition {
  readonly attribute: Attribute;
  readonly operand: number;
  readonly #operation: NumberOperation;
  readonly #compare: NumberOperation['holds'];
  readonly #warnings: Warnings | undefined;

  constructor(attribute: Attribute, operation: NumberOperation, operand: number, warnings: Warnings | undefined) {
    this.attribute = attribute;
    this.operand = operand;
    this.#operation = operation;
    this.#compare = operation.holds;
    this.#warnings = warnings;
  }

  holds(occasion: Occasion): boolean {
    const number = this.attribute.numberOn(occasion, this.#warnings);
    return number !== undefined && this.#compare(number, this.operand);
  }

  criterion(): Criterion {
    const { foundBy, holds } = this.#operation;
    const bound = { attribute: this.attribute, bound: this.operand, holds, warnings: this.#warnings };
    return { kind: foundBy, ...bound };
  }

  look(occasion: Occasion): AttributeSight {
    const sight = lookAt(this.attribute, this.#operation.op, occasion);
    if (sight.text === undefined || this.attribute.numberOn(occasion, undefined) !== undefined) return sight;
    return { ...sight, obstacle: 'attribute-not-a-number' };
  }
}
