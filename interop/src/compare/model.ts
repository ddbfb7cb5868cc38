import {
  booleanOf,
  type Condition,
  convert,
  decimalOf,
  type Fallthrough,
  type Flag,
  type FlagRule,
  isInRollout,
  stringsOf,
} from 'fbclient-conformance/reference';
import type { ValueType, Who } from '../driven.js';
import type { World } from './world.js';

/** What an SDK answered: a value as JSON, or that it threw. */
export type Answer = string;

export const THREW: Answer = 'threw';

/** What applications give when a flag has no value for them. */
export const FALLBACKS: Readonly<Record<ValueType, unknown>> = {
  boolean: false,
  string: 'the default',
  number: -1,
  json: { no: 'flag' },
};

/** Raised where an SDK throws out of an evaluation. */
export class Thrown extends Error {}

/** The decisions in which SDKs differ. */
export interface Semantics {
  /** The attribute that a condition or a dispatch key names; absent = undefined. */
  attribute(who: Who, name: string): string | undefined;
  /** Whether a condition holds. */
  holds(condition: Operation, attribute: string | undefined): boolean;
  /** What a dispatch key adds to the flag's key. */
  dispatched(attribute: string | undefined): string;
  number(text: string): number | undefined;
  /** A pattern as JavaScript has it, of those that the worlds have. */
  translated(pattern: string): string;
  matches(pattern: string, text: string): boolean;
  /** Whether an archived flag is still served. */
  readonly servesArchived: boolean;
  /** The value of a variation; undefined = it cannot be had as that type. */
  value(text: string, type: ValueType): unknown;
}

export interface Operation {
  readonly op: string;
  readonly operand: string;
}

/** A difference of an SDK, as what it changes of the semantics. */
export type Quirk = (semantics: Semantics) => Semantics;

/** The center's own semantics, and fbclient's. */
export const OURS: Semantics = {
  attribute: (who, name) => {
    if (name === 'keyId') return who.key;
    return name === 'name' ? who.name : who.custom?.[name];
  },
  holds(operation, attribute) {
    return attribute !== undefined && operatorHolds(this, operation, attribute);
  },
  dispatched: (attribute) => attribute ?? '',
  number: decimalOf,
  translated: (pattern) => pattern.replaceAll('\\d', '\\p{Nd}').replaceAll('\\w', '[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]'),
  matches(pattern, text) {
    return new RegExp(this.translated(pattern), 'u').test(text);
  },
  servesArchived: false,
  value: (text, type) => {
    const converted = convert(text, type);
    return converted.ok ? converted.value : undefined;
  },
};

export const NEGATIVE: ReadonlySet<string> = new Set(['NotEqual', 'NotContain', 'NotMatchRegex', 'NotOneOf']);

/** What an operator says of an attribute that is there. */
export function operatorHolds(semantics: Semantics, { op, operand }: Operation, attribute: string): boolean {
  const compared = (compare: (a: number, b: number) => boolean): boolean => {
    const [a, b] = [semantics.number(attribute), semantics.number(operand)];
    return a !== undefined && b !== undefined && compare(a, b);
  };
  switch (op) {
    case 'LessThan':
      return compared((a, b) => a < b);
    case 'LessEqualThan':
      return compared((a, b) => a <= b);
    case 'BiggerThan':
      return compared((a, b) => a > b);
    case 'BiggerEqualThan':
      return compared((a, b) => a >= b);
    case 'Equal':
      return attribute === operand;
    case 'NotEqual':
      return attribute !== operand;
    case 'Contains':
      return attribute.includes(operand);
    case 'NotContain':
      return !attribute.includes(operand);
    case 'StartsWith':
      return attribute.startsWith(operand);
    case 'EndsWith':
      return attribute.endsWith(operand);
    case 'MatchRegex':
      return semantics.matches(operand, attribute);
    case 'NotMatchRegex':
      return !semantics.matches(operand, attribute);
    case 'IsOneOf':
      return stringsOf(operand)?.includes(attribute) ?? false;
    case 'NotOneOf':
      return !(stringsOf(operand)?.includes(attribute) ?? false);
    default:
      return booleanOf(attribute) === (op === 'IsTrue');
  }
}

/** What a flag of a world has for a user. The worlds hold nothing that is damaged. */
export function answerOf(semantics: Semantics, world: World, flag: Flag, who: Who): Answer {
  try {
    const text = chosen(semantics, world, flag, who);
    const value = text === undefined ? undefined : semantics.value(text, flag.variationType);
    return JSON.stringify(value === undefined ? FALLBACKS[flag.variationType] : value);
  } catch (error) {
    if (error instanceof Thrown) return THREW;
    throw error;
  }
}

function chosen(semantics: Semantics, world: World, flag: Flag, who: Who): string | undefined {
  if (flag.isArchived && !semantics.servesArchived) return undefined;
  const textOf = (id: string | undefined) => flag.variations.find((variation) => variation.id === id)?.value;
  if (!flag.isEnabled) return textOf(flag.disabledVariationId);
  const target = flag.targetUsers.find(({ keyIds }) => keyIds.includes(who.key));
  if (target !== undefined) return textOf(target.variationId);
  const rule = flag.rules.find(({ conditions }) =>
    conditions.every((one) => conditionHolds(semantics, world, one, who)),
  );
  return textOf(served(semantics, flag, rule ?? flag.fallthrough, who));
}

function served(semantics: Semantics, flag: Flag, { dispatchKey, variations }: FlagRule | Fallthrough, who: Who) {
  const by = dispatchKey ?? '';
  const part = by.trim() === '' ? who.key : semantics.dispatched(semantics.attribute(who, by));
  return variations.find(({ rollout }) => isInRollout(flag.key + part, rollout))?.id;
}

function conditionHolds(semantics: Semantics, world: World, { property, op, value }: Condition, who: Who): boolean {
  const isIn = property === 'User is in segment';
  if (!isIn && property !== 'User is not in segment')
    return semantics.holds({ op: op ?? '', operand: value ?? '' }, semantics.attribute(who, property));
  const inAny = (stringsOf(value ?? '') ?? []).some((id) => {
    const segment = world.segments.find((candidate) => candidate.id === id);
    if (segment === undefined || segment.excluded.includes(who.key)) return false;
    if (segment.included.includes(who.key)) return true;
    return segment.rules.some(({ conditions }) =>
      conditions.every((one) => conditionHolds(semantics, world, one, who)),
    );
  });
  return inAny === isIn;
}
