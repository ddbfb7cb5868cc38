import { parseDecimal } from '../protocol/decimal.js';
import type { ConditionDocument } from '../protocol/documents.js';
import { parseStringList } from '../protocol/string-list.js';
import type { Attribute, ConditionAttributes, Membership, Occasion } from './attributes.js';
import { Failure } from './failure.js';
import { PatternOperand } from './pattern.js';

/** A compiled condition. */
export interface Condition {
  /** Does it hold for the user, or is it so damaged that the whole flag fails? */
  holds(occasion: Occasion): boolean | Failure;
}

/** The property that makes a condition ask whether the user is in any of the segments listed in its value. */
export const IN_SEGMENT = 'User is in segment';
/** The property that makes a condition ask whether the user is in none of the segments listed in its value. */
export const NOT_IN_SEGMENT = 'User is not in segment';

type ConditionFactory = (attribute: Attribute, operand: string) => Condition;

/** How each operator makes its condition; the comparisons are shared by all conditions of an operator. */
const OPERATIONS = {
  LessThan: onNumber((attribute, operand) => attribute < operand),
  LessEqualThan: onNumber((attribute, operand) => attribute <= operand),
  BiggerThan: onNumber((attribute, operand) => attribute > operand),
  BiggerEqualThan: onNumber((attribute, operand) => attribute >= operand),
  Equal: onText((attribute, operand) => attribute === operand),
  NotEqual: onText((attribute, operand) => attribute !== operand),
  Contains: onText((attribute, operand) => attribute.includes(operand)),
  NotContain: onText((attribute, operand) => !attribute.includes(operand)),
  StartsWith: onText((attribute, operand) => attribute.startsWith(operand)),
  EndsWith: onText((attribute, operand) => attribute.endsWith(operand)),
  MatchRegex: onText((attribute, pattern) => pattern.test(attribute), asPattern),
  NotMatchRegex: onText((attribute, pattern) => not(pattern.test(attribute)), asPattern),
  IsOneOf: (attribute, list) => new MembershipCondition(attribute.membership(list), true),
  NotOneOf: (attribute, list) => new MembershipCondition(attribute.membership(list), false),
  IsTrue: onText((attribute) => attribute.toLowerCase() === 'true'),
  IsFalse: onText((attribute) => attribute.toLowerCase() === 'false'),
} as const satisfies Record<string, ConditionFactory>;

/** An operator of an ordinary condition. */
export type Operator = keyof typeof OPERATIONS;

export const OPERATORS: readonly Operator[] = Object.keys(OPERATIONS) as Operator[];

const NEVER: Condition = { holds: () => false };

/** Compiles a condition on an attribute; the only kind that the rules of a segment know. */
export function compileCondition(condition: ConditionDocument, attributes: ConditionAttributes): Condition {
  const { property, op, value } = condition;
  if (typeof property !== 'string' || property.trim() === '') return NEVER;
  if (typeof value !== 'string' || !isOperator(op)) return NEVER;
  return OPERATIONS[op](attributes.attribute(property), value);
}

/** Whether all conditions hold, in order, stopping at the first that does not; an empty list holds. */
export function allHold(conditions: readonly Condition[], occasion: Occasion): boolean | Failure {
  for (let i = 0; i < conditions.length; i++) {
    const verdict = (conditions[i] as Condition).holds(occasion);
    if (verdict !== true) return verdict;
  }
  return true;
}

/** A condition of a flag's rule on segments. */
export class SegmentCondition implements Condition {
  readonly #whenInside: boolean;
  #ids: string | readonly string[] | Failure;

  /** @returns `undefined` when the condition is not on segments. */
  static compile({ property, value }: ConditionDocument): SegmentCondition | undefined {
    if (property === IN_SEGMENT) return new SegmentCondition(true, value ?? '');
    return property === NOT_IN_SEGMENT ? new SegmentCondition(false, value ?? '') : undefined;
  }

  private constructor(whenInside: boolean, ids: string) {
    this.#whenInside = whenInside;
    this.#ids = ids;
  }

  holds(occasion: Occasion): boolean | Failure {
    const ids = this.#segmentIds();
    if (ids instanceof Failure) return ids;
    for (const id of ids) {
      const segment = occasion.segments.segment(id);
      if (segment === undefined) return new Failure(`segment "${id}" is not there, archived or damaged`);
      const inside = segment.contains(occasion);
      if (inside !== false) return inside === true ? this.#whenInside : inside;
    }
    return !this.#whenInside;
  }

  /** Whether it asks about any of these segments. */
  asksAbout(segmentIds: ReadonlySet<string>): boolean {
    const ids = this.#segmentIds();
    return !(ids instanceof Failure) && ids.some((id) => segmentIds.has(id));
  }

  #segmentIds(): readonly string[] | Failure {
    if (typeof this.#ids === 'string') this.#ids = parseStringList(this.#ids) ?? NO_SEGMENT_IDS;
    return this.#ids;
  }
}

const NO_SEGMENT_IDS = new Failure('a condition on segments does not hold a JSON array of segment ids');

class TextCondition<Operand> implements Condition {
  readonly #attribute: Attribute;
  readonly #operand: Operand;
  readonly #compare: (attribute: string, operand: Operand) => boolean | Failure;

  constructor(
    attribute: Attribute,
    operand: Operand,
    compare: (attribute: string, operand: Operand) => boolean | Failure,
  ) {
    this.#attribute = attribute;
    this.#operand = operand;
    this.#compare = compare;
  }

  holds(occasion: Occasion): boolean | Failure {
    const text = this.#attribute.textOn(occasion);
    return text === undefined ? false : this.#compare(text, this.#operand);
  }
}

class MembershipCondition implements Condition {
  readonly #membership: Membership;
  readonly #whenMember: boolean;

  constructor(membership: Membership, whenMember: boolean) {
    this.#membership = membership;
    this.#whenMember = whenMember;
  }

  holds(occasion: Occasion): boolean | Failure {
    const isMember = this.#membership.on(occasion);
    return typeof isMember === 'boolean' ? isMember === this.#whenMember : (isMember ?? false);
  }
}

class NumberCondition implements Condition {
  readonly #attribute: Attribute;
  readonly #operand: number;
  readonly #compare: (attribute: number, operand: number) => boolean;

  constructor(attribute: Attribute, operand: number, compare: (attribute: number, operand: number) => boolean) {
    this.#attribute = attribute;
    this.#operand = operand;
    this.#compare = compare;
  }

  holds(occasion: Occasion): boolean {
    const value = this.#attribute.on(occasion);
    // A finite number reads back from its own text as itself, so it need not become text at all.
    const number =
      typeof value === 'string'
        ? parseDecimal(value)
        : typeof value === 'number' && Number.isFinite(value)
          ? value
          : undefined;
    return number !== undefined && this.#compare(number, this.#operand);
  }
}

function onNumber(compare: (attribute: number, operand: number) => boolean): ConditionFactory {
  return (attribute, operand) => {
    const number = parseDecimal(operand);
    return number === undefined ? NEVER : new NumberCondition(attribute, number, compare);
  };
}

function onText(compare: (attribute: string, operand: string) => boolean): ConditionFactory;
function onText<Operand>(
  compare: (attribute: string, operand: Operand) => boolean | Failure,
  prepare: (operand: string) => Operand,
): ConditionFactory;
function onText(
  compare: (attribute: string, operand: never) => boolean | Failure,
  prepare: (operand: string) => unknown = (operand) => operand,
): ConditionFactory {
  return (attribute, operand) => new TextCondition(attribute, prepare(operand) as never, compare);
}

function asPattern(operand: string): PatternOperand {
  return new PatternOperand(operand);
}

function not(verdict: boolean | Failure): boolean | Failure {
  return typeof verdict === 'boolean' ? !verdict : verdict;
}

function isOperator(op: string | null | undefined): op is Operator {
  return typeof op === 'string' && Object.hasOwn(OPERATIONS, op);
}
