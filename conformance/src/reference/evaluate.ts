/**
 * A second, naive evaluator: arrays and string compares in the order in which the rules are told, with nothing
 * prepared and nothing remembered. It is slow on purpose; its only virtue is that one can see that it is right.
 */
import { isInRollout } from './rollout.js';
import { booleanOf, convert, decimalOf, stringsOf } from './values.js';
import type {
  Condition,
  Environment,
  Fallthrough,
  Flag,
  FlagRule,
  Reason,
  RequestedType,
  RolloutVariation,
  Segment,
  User,
  Variation,
} from './wire.js';

/** Raised where a flag's content is damaged and the damage was reached. */
class Damage extends Error {}

export interface ChosenVariation {
  variation: Variation;
  reason: Reason;
  sendToExperiment: boolean;
}

/** What one evaluation gives; `event` is what insight data would record, or null where nothing is recorded. */
export interface ReferenceResult {
  value: unknown;
  variationId: string;
  reason: Reason;
  event: { variationId: string; value: string; sendToExperiment: boolean } | null;
}

function isUsableKey(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Whether a value given as a user can be evaluated for. */
export function isUsableUser(user: unknown): user is User {
  return typeof user === 'object' && user !== null && !Array.isArray(user) && isUsableKey((user as User).key);
}

/** The attribute a condition or a dispatch key names, or undefined if the user does not have it. */
function attributeOf(user: User, property: string): string | undefined {
  if (property === 'keyId') return user.key;
  if (property === 'name') return user.name ?? '';
  const found = Object.entries(user.custom ?? {}).find(([name]) => name === property);
  if (found === undefined || found[1] === null) return undefined;
  return String(found[1]);
}

const OPERATORS: ReadonlyMap<string, (attribute: string, operand: string) => boolean> = new Map([
  ['LessThan', numeric((a, b) => a < b)],
  ['LessEqualThan', numeric((a, b) => a <= b)],
  ['BiggerThan', numeric((a, b) => a > b)],
  ['BiggerEqualThan', numeric((a, b) => a >= b)],
  ['Equal', (attribute, operand) => attribute === operand],
  ['NotEqual', (attribute, operand) => attribute !== operand],
  ['Contains', (attribute, operand) => attribute.includes(operand)],
  ['NotContain', (attribute, operand) => !attribute.includes(operand)],
  ['StartsWith', (attribute, operand) => attribute.startsWith(operand)],
  ['EndsWith', (attribute, operand) => attribute.endsWith(operand)],
  ['MatchRegex', (attribute, operand) => patternOf(operand).test(attribute)],
  ['NotMatchRegex', (attribute, operand) => !patternOf(operand).test(attribute)],
  ['IsOneOf', (attribute, operand) => listOf(operand).includes(attribute)],
  ['NotOneOf', (attribute, operand) => !listOf(operand).includes(attribute)],
  ['IsTrue', (attribute) => booleanOf(attribute) === true],
  ['IsFalse', (attribute) => booleanOf(attribute) === false],
]);

function numeric(compare: (a: number, b: number) => boolean): (attribute: string, operand: string) => boolean {
  return (attribute, operand) => {
    const a = decimalOf(attribute);
    const b = decimalOf(operand);
    return a !== undefined && b !== undefined && compare(a, b);
  };
}

/** Fixtures and generated environments keep to patterns that every engine reads alike. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u'); // code points, as every engine but JavaScript's counts
  } catch {
    throw new Damage('pattern');
  }
}

function listOf(text: string | null): string[] {
  const list = text === null ? undefined : stringsOf(text);
  if (list === undefined) throw new Damage('list');
  return list;
}

function ordinaryConditionHolds(condition: Condition, user: User): boolean {
  if (condition.property.trim() === '') return false;
  const attribute = attributeOf(user, condition.property);
  if (attribute === undefined) return false;
  if (condition.value === null) return false;
  const operator = condition.op === null ? undefined : OPERATORS.get(condition.op);
  if (operator === undefined) return false;
  return operator(attribute, condition.value);
}

function isInSegment(segment: Segment, user: User): boolean {
  if (segment.excluded.includes(user.key)) return false;
  if (segment.included.includes(user.key)) return true;
  return segment.rules.some((rule) => rule.conditions.every((condition) => ordinaryConditionHolds(condition, user)));
}

function isInAnySegment(environment: Environment, condition: Condition, user: User): boolean {
  for (const id of listOf(condition.value)) {
    const segment = environment.segments.find((candidate) => candidate.id === id && !candidate.isArchived);
    if (segment === undefined) throw new Damage('segment');
    if (isInSegment(segment, user)) return true;
  }
  return false;
}

function conditionHolds(environment: Environment, condition: Condition, user: User): boolean {
  if (condition.property === 'User is in segment') return isInAnySegment(environment, condition, user);
  if (condition.property === 'User is not in segment') return !isInAnySegment(environment, condition, user);
  return ordinaryConditionHolds(condition, user);
}

function dispatchInput(flag: Flag, serve: FlagRule | Fallthrough, user: User): string {
  const dispatchKey = serve.dispatchKey ?? '';
  if (dispatchKey.trim() === '') return flag.key + user.key;
  return flag.key + (attributeOf(user, dispatchKey) ?? '');
}

function isInExperiment(flag: Flag, serve: FlagRule | Fallthrough, chosen: RolloutVariation, input: string): boolean {
  if (flag.exptIncludeAllTargets) return true;
  if (!serve.includedInExpt) return false;
  const width = chosen.rollout[1] - chosen.rollout[0];
  if (width === 0 || chosen.exptRollout === 0) return false;
  const upper = Math.min(chosen.exptRollout / width, 1);
  return isInRollout(`expt${input}`, [0, upper]);
}

function variationOf(flag: Flag, id: string): Variation {
  const variation = flag.variations.find((candidate) => candidate.id === id);
  if (variation === undefined) throw new Damage('variation');
  return variation;
}

function serveRollout(flag: Flag, serve: FlagRule | Fallthrough, user: User, reason: Reason): ChosenVariation {
  const input = dispatchInput(flag, serve, user);
  const chosen = serve.variations.find((candidate) => isInRollout(input, candidate.rollout));
  if (chosen === undefined) throw new Damage('rollout');
  const variation = variationOf(flag, chosen.id);
  return { variation, reason, sendToExperiment: isInExperiment(flag, serve, chosen, input) };
}

function choose(environment: Environment, flag: Flag, user: User): ChosenVariation {
  if (!flag.isEnabled) {
    return { variation: variationOf(flag, flag.disabledVariationId), reason: 'Off', sendToExperiment: false };
  }
  const target = flag.targetUsers.find((entry) => entry.keyIds.includes(user.key));
  if (target !== undefined) {
    const variation = variationOf(flag, target.variationId);
    return { variation, reason: 'TargetMatch', sendToExperiment: flag.exptIncludeAllTargets };
  }
  const rule = flag.rules.find((candidate) =>
    candidate.conditions.every((condition) => conditionHolds(environment, condition, user)),
  );
  if (rule !== undefined) return serveRollout(flag, rule, user, 'RuleMatch');
  return serveRollout(flag, flag.fallthrough, user, 'Fallthrough');
}

/** The variation that a flag has for a user, or undefined where the result is an `Error`. */
export function chooseVariation(
  environment: Environment,
  flagKey: unknown,
  user: unknown,
): ChosenVariation | undefined {
  if (!isUsableUser(user) || !isUsableKey(flagKey)) return undefined;
  const flag = environment.flags.find((candidate) => candidate.key === flagKey && !candidate.isArchived);
  if (flag === undefined) return undefined;
  try {
    return choose(environment, flag, user);
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

/** One evaluation of an initialised client. */
export function evaluate(
  environment: Environment,
  flagKey: unknown,
  user: unknown,
  type: RequestedType,
  fallback: unknown,
): ReferenceResult {
  const chosen = chooseVariation(environment, flagKey, user);
  if (chosen === undefined) return { value: fallback, variationId: '', reason: 'Error', event: null };
  const { variation, reason, sendToExperiment } = chosen;
  const converted = convert(variation.value, type);
  if (!converted.ok) return { value: fallback, variationId: '', reason: 'WrongType', event: null };
  const event = { variationId: variation.id, value: variation.value, sendToExperiment };
  return { value: converted.value, variationId: variation.id, reason, event };
}

export interface BulkEntry {
  flagKey: string;
  value: string;
  variationId: string;
  reason: Reason;
}

/** All active flags for one user as raw strings; undefined for a user that cannot be evaluated for. */
export function evaluateAll(environment: Environment, user: unknown): BulkEntry[] | undefined {
  if (!isUsableUser(user)) return undefined;
  return environment.flags
    .filter((flag) => !flag.isArchived)
    .map((flag) => {
      const chosen = chooseVariation(environment, flag.key, user);
      if (chosen === undefined) return { flagKey: flag.key, value: '', variationId: '', reason: 'Error' };
      const { variation, reason } = chosen;
      return { flagKey: flag.key, value: variation.value, variationId: variation.id, reason };
    });
}
