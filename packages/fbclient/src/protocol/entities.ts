import { type Decoded, decoded, isJsonObject, type JsonObject, jsonTypeOf, undecodable } from './decoded.js';
import { isStringList } from './string-list.js';
import { parseVersion } from './version.js';

/** A feature flag as the server sends it, reduced to the fields that evaluation needs; others are tolerated and ignored. */
export interface WireFlag {
  readonly key: string;
  /** ISO 8601; see {@link parseVersion}. */
  readonly updatedAt: string;
  readonly isArchived: boolean;
  readonly isEnabled: boolean;
  /** `boolean`, `string`, `number` or `json`; decides only when the caller asks for the flag's own type. */
  readonly variationType: string;
  readonly variations: readonly WireVariation[];
  readonly targetUsers: readonly WireTarget[];
  readonly rules: readonly WireRule[];
  readonly fallthrough: WireRollout;
  readonly disabledVariationId: string;
  readonly exptIncludeAllTargets: boolean;
}

export interface WireVariation {
  readonly id: string;
  readonly value: string;
}

export interface WireTarget {
  readonly keyIds: readonly string[];
  readonly variationId: string;
}

export interface WireRollout {
  readonly dispatchKey?: string | null;
  readonly includedInExpt: boolean;
  readonly variations: readonly WireRolloutVariation[];
}

export interface WireRule extends WireRollout {
  readonly conditions: readonly WireCondition[];
}

export interface WireRolloutVariation {
  readonly id: string;
  readonly rollout: readonly [number, number];
  readonly exptRollout: number;
}

export interface WireCondition {
  readonly property?: string | null;
  readonly op?: string | null;
  readonly value?: string | null;
}

/** A segment as the server sends it, reduced to the fields that evaluation needs. */
export interface WireSegment {
  readonly id: string;
  /** ISO 8601; see {@link parseVersion}. */
  readonly updatedAt: string;
  readonly isArchived: boolean;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly rules: readonly { readonly conditions: readonly WireCondition[] }[];
}

/** An entity with its version, which is read from its `updatedAt`; see {@link parseVersion}. */
export interface Dated<T> {
  readonly wire: T;
  readonly version: number;
}

/**
 * Checks that a value is a flag that can be compiled: every field that evaluation needs is there and has its JSON type.
 * What a field *says* (an unknown variation id, a bad pattern) is not judged here but where evaluation reaches it.
 *
 * @returns the same object, typed, with its version; or the first fault found.
 */
export function decodeFlag(input: unknown): Decoded<Dated<WireFlag>> {
  return decodeEntity<WireFlag>(input, 'key', flagProblem);
}

/** As {@link decodeFlag}, for a segment. */
export function decodeSegment(input: unknown): Decoded<Dated<WireSegment>> {
  return decodeEntity<WireSegment>(input, 'id', segmentProblem);
}

function decodeEntity<T>(
  input: unknown,
  identity: 'key' | 'id',
  problemOf: (entity: JsonObject) => Problem,
): Decoded<Dated<T>> {
  if (!isJsonObject(input)) return undecodable(`expected an object, got ${jsonTypeOf(input)}`);
  const problem = identityProblem(input, identity) ?? problemOf(input);
  if (problem !== undefined) return undecodable(problem);
  const version = parseVersion(input.updatedAt);
  if (version === undefined) return undecodable('updatedAt: expected an ISO 8601 time with an offset or Z');
  return decoded({ wire: input as T, version });
}

type Problem = string | undefined;

function flagProblem(flag: JsonObject): Problem {
  return (
    expectType(flag, 'isArchived', 'boolean') ??
    expectType(flag, 'isEnabled', 'boolean') ??
    expectType(flag, 'variationType', 'string') ??
    expectType(flag, 'disabledVariationId', 'string') ??
    expectType(flag, 'exptIncludeAllTargets', 'boolean') ??
    eachOf(flag, 'variations', variationProblem) ??
    eachOf(flag, 'targetUsers', targetProblem) ??
    eachOf(flag, 'rules', ruleProblem) ??
    nested(flag, 'fallthrough', rolloutProblem)
  );
}

function segmentProblem(segment: JsonObject): Problem {
  return (
    expectType(segment, 'isArchived', 'boolean') ??
    expectStrings(segment, 'included') ??
    expectStrings(segment, 'excluded') ??
    eachOf(segment, 'rules', conditionsProblem)
  );
}

function identityProblem(entity: JsonObject, field: 'key' | 'id'): Problem {
  const identity = entity[field];
  if (typeof identity !== 'string') return `${field}: expected a string, got ${jsonTypeOf(identity)}`;
  return identity.trim() === '' ? `${field}: blank` : undefined;
}

function variationProblem(variation: JsonObject): Problem {
  return expectType(variation, 'id', 'string') ?? expectType(variation, 'value', 'string');
}

function targetProblem(target: JsonObject): Problem {
  return expectType(target, 'variationId', 'string') ?? expectStrings(target, 'keyIds');
}

function ruleProblem(rule: JsonObject): Problem {
  return conditionsProblem(rule) ?? rolloutProblem(rule);
}

function conditionsProblem(rule: JsonObject): Problem {
  return eachOf(rule, 'conditions', conditionProblem);
}

function conditionProblem(condition: JsonObject): Problem {
  return (
    expectTextOrNothing(condition, 'property') ??
    expectTextOrNothing(condition, 'op') ??
    expectTextOrNothing(condition, 'value')
  );
}

function rolloutProblem(rollout: JsonObject): Problem {
  return (
    expectTextOrNothing(rollout, 'dispatchKey') ??
    expectType(rollout, 'includedInExpt', 'boolean') ??
    eachOf(rollout, 'variations', rolloutVariationProblem)
  );
}

function rolloutVariationProblem(variation: JsonObject): Problem {
  const interval = variation.rollout;
  // Each by its index: `every` would pass over a hole.
  const twoNumbers = Array.isArray(interval) && interval.length === 2 && Number.isFinite(interval[0]);
  if (!twoNumbers || !Number.isFinite(interval[1])) {
    return 'rollout: expected exactly two finite numbers';
  }
  const exptRollout = variation.exptRollout;
  if (typeof exptRollout !== 'number' || !Number.isFinite(exptRollout) || exptRollout < 0) {
    return 'exptRollout: expected a finite number that is not negative';
  }
  return expectType(variation, 'id', 'string');
}

function expectType(object: JsonObject, field: string, type: 'string' | 'boolean'): Problem {
  const value = object[field];
  return typeof value === type ? undefined : `${field}: expected a ${type}, got ${jsonTypeOf(value)}`;
}

function expectTextOrNothing(object: JsonObject, field: string): Problem {
  const value = object[field];
  if (value === undefined || value === null || typeof value === 'string') return undefined;
  return `${field}: expected a string or null, got ${jsonTypeOf(value)}`;
}

function expectStrings(object: JsonObject, field: string): Problem {
  return isStringList(object[field]) ? undefined : `${field}: expected an array of strings`;
}

function nested(object: JsonObject, field: string, check: (value: JsonObject) => Problem): Problem {
  const value = object[field];
  if (!isJsonObject(value)) return `${field}: expected an object, got ${jsonTypeOf(value)}`;
  const problem = check(value);
  return problem === undefined ? undefined : `${field}.${problem}`;
}

function eachOf(object: JsonObject, field: string, check: (item: JsonObject) => Problem): Problem {
  const list = object[field];
  if (!Array.isArray(list)) return `${field}: expected an array, got ${jsonTypeOf(list)}`;
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index];
    if (!isJsonObject(item)) return `${field}[${index}]: expected an object, got ${jsonTypeOf(item)}`;
    const problem = check(item);
    if (problem !== undefined) return `${field}[${index}].${problem}`;
  }
  return undefined;
}
