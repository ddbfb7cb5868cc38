import { isBlank } from '../users/blank.js';
import { isJsonObject, type JsonObject, jsonTypeOf, type Undecodable } from './decoded.js';
import { findingsOf } from './shared-documents.js';
import { isStringList } from './string-list.js';
import { parseVersion } from './version.js';

/** The document of a flag, reduced to the fields that evaluation needs; other fields are tolerated and ignored. */
export interface FlagDocument {
  readonly key: string;
  /** ISO 8601; see {@link parseVersion}. */
  readonly updatedAt: string;
  readonly isArchived: boolean;
  readonly isEnabled: boolean;
  /** `boolean`, `string`, `number` or `json`; decides only when the caller asks for the flag's own type. */
  readonly variationType: string;
  readonly variations: readonly VariationDocument[];
  readonly targetUsers: readonly TargetDocument[];
  readonly rules: readonly RuleDocument[];
  readonly fallthrough: RolloutDocument;
  readonly disabledVariationId: string;
  readonly exptIncludeAllTargets: boolean;
}

export interface VariationDocument {
  readonly id: string;
  readonly value: string;
}

export interface TargetDocument {
  readonly keyIds: readonly string[];
  readonly variationId: string;
}

export interface RolloutDocument {
  readonly dispatchKey?: string | null;
  readonly includedInExpt: boolean;
  readonly variations: readonly SliceDocument[];
}

export interface RuleDocument extends RolloutDocument {
  readonly conditions: readonly ConditionDocument[];
}

export interface SliceDocument {
  readonly id: string;
  readonly rollout: readonly [number, number];
  readonly exptRollout: number;
}

export interface ConditionDocument {
  readonly property?: string | null;
  readonly op?: string | null;
  readonly value?: string | null;
}

/** The document of a segment, reduced to the fields that evaluation needs. */
export interface SegmentDocument {
  readonly id: string;
  /** ISO 8601; see {@link parseVersion}. */
  readonly updatedAt: string;
  readonly isArchived: boolean;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly rules: readonly { readonly conditions: readonly ConditionDocument[] }[];
}

/** A document with its version, which is read from its `updatedAt` (see {@link parseVersion}); or the first fault found. */
export type DecodedDocument<T> =
  | { readonly ok: true; readonly document: T; readonly version: number }
  | UndecodableDocument;

/** A document that could not be read. */
interface UndecodableDocument extends Undecodable {
  /** Where the fault is: field names and indexes from the document to it; empty when it is the document itself. */
  readonly path: DocumentPath;
}

export type DocumentPath = readonly (string | number)[];

/**
 * Checks that a value is a flag that can be compiled: every field that evaluation needs is there and has its JSON type.
 * What a field *says* (an unknown variation id, a bad pattern) is not judged here but where evaluation reaches it.
 *
 * @returns the same object, typed, with its version; or the first fault found.
 */
export function decodeFlag(input: unknown): DecodedDocument<FlagDocument> {
  return decodeDocument<FlagDocument>(input, flagProblem);
}

/** As {@link decodeFlag}, for a segment. */
export function decodeSegment(input: unknown): DecodedDocument<SegmentDocument> {
  return decodeDocument<SegmentDocument>(input, segmentProblem);
}

/**
 * What messages call a document that may be damaged.
 *
 * @returns its key or id; if it has no usable one, its position in the list, as "#3".
 */
export function documentKey(document: unknown, kind: 'flag' | 'segment', position: number): string {
  const key = isJsonObject(document) ? document[kind === 'flag' ? 'key' : 'id'] : undefined;
  return typeof key === 'string' && !isBlank(key) ? key : `#${position}`;
}

type ProblemOf = (document: JsonObject) => Problem;

function decodeDocument<T>(input: unknown, problemOf: ProblemOf): DecodedDocument<T> {
  if (!isJsonObject(input)) return undecodableAt([], `expected an object, got ${jsonTypeOf(input)}`);
  const findings = findingsOf(input);
  if (findings === undefined) return decodeObject(input, problemOf);
  findings.decoded ??= decodeObject(input, problemOf);
  return findings.decoded as DecodedDocument<T>;
}

function decodeObject<T>(input: JsonObject, problemOf: ProblemOf): DecodedDocument<T> {
  const problem = problemOf(input);
  if (problem !== undefined) return undecodableAt(problem.path, problem.text);
  const version = parseVersion(input.updatedAt);
  if (version === undefined) return undecodableAt(['updatedAt'], 'expected an ISO 8601 time with an offset or Z');
  return { ok: true, document: input as T, version };
}

function undecodableAt(path: DocumentPath, text: string): UndecodableDocument {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return { ok: false, path, problem: where === '' ? text : `${where.slice(1)}: ${text}` };
}

type Problem = { readonly path: DocumentPath; readonly text: string } | undefined;

// Written out, field by field: a start checks every field of an environment with code that V8 has not optimised yet, and
// helpers that take a field's name as a parameter cost several times as much there.

function flagProblem(flag: JsonObject): Problem {
  if (typeof flag.key !== 'string') return mistyped('key', 'string', flag.key);
  if (isBlank(flag.key)) return problemAt('key', 'blank');
  if (typeof flag.isArchived !== 'boolean') return mistyped('isArchived', 'boolean', flag.isArchived);
  if (typeof flag.isEnabled !== 'boolean') return mistyped('isEnabled', 'boolean', flag.isEnabled);
  if (typeof flag.variationType !== 'string') return mistyped('variationType', 'string', flag.variationType);
  if (typeof flag.disabledVariationId !== 'string') {
    return mistyped('disabledVariationId', 'string', flag.disabledVariationId);
  }
  if (typeof flag.exptIncludeAllTargets !== 'boolean') {
    return mistyped('exptIncludeAllTargets', 'boolean', flag.exptIncludeAllTargets);
  }
  return (
    listProblem('variations', flag.variations, variationProblem) ??
    listProblem('targetUsers', flag.targetUsers, targetProblem) ??
    listProblem('rules', flag.rules, ruleProblem) ??
    objectProblem('fallthrough', flag.fallthrough, rolloutProblem)
  );
}

function segmentProblem(segment: JsonObject): Problem {
  if (typeof segment.id !== 'string') return mistyped('id', 'string', segment.id);
  if (isBlank(segment.id)) return problemAt('id', 'blank');
  if (typeof segment.isArchived !== 'boolean') return mistyped('isArchived', 'boolean', segment.isArchived);
  return (
    stringsProblem('included', segment.included) ??
    stringsProblem('excluded', segment.excluded) ??
    listProblem('rules', segment.rules, conditionsProblem)
  );
}

function variationProblem(variation: JsonObject): Problem {
  if (typeof variation.id !== 'string') return mistyped('id', 'string', variation.id);
  return typeof variation.value === 'string' ? undefined : mistyped('value', 'string', variation.value);
}

function targetProblem(target: JsonObject): Problem {
  if (typeof target.variationId !== 'string') return mistyped('variationId', 'string', target.variationId);
  return stringsProblem('keyIds', target.keyIds);
}

function ruleProblem(rule: JsonObject): Problem {
  return conditionsProblem(rule) ?? rolloutProblem(rule);
}

function conditionsProblem(rule: JsonObject): Problem {
  return listProblem('conditions', rule.conditions, conditionProblem);
}

function conditionProblem({ property, op, value }: JsonObject): Problem {
  if (typeof property !== 'string' && property != null) return mistyped('property', 'string or null', property);
  if (typeof op !== 'string' && op != null) return mistyped('op', 'string or null', op);
  return typeof value === 'string' || value == null ? undefined : mistyped('value', 'string or null', value);
}

function rolloutProblem({ dispatchKey, includedInExpt, variations }: JsonObject): Problem {
  if (typeof dispatchKey !== 'string' && dispatchKey != null) {
    return mistyped('dispatchKey', 'string or null', dispatchKey);
  }
  if (typeof includedInExpt !== 'boolean') return mistyped('includedInExpt', 'boolean', includedInExpt);
  return listProblem('variations', variations, rolloutVariationProblem);
}

function rolloutVariationProblem({ id, rollout, exptRollout }: JsonObject): Problem {
  if (!Array.isArray(rollout) || rollout.length !== 2 || !Number.isFinite(rollout[0]) || !Number.isFinite(rollout[1])) {
    return problemAt('rollout', 'expected exactly two finite numbers');
  }
  if (!isFiniteNumber(exptRollout) || exptRollout < 0) {
    return problemAt('exptRollout', 'expected a finite number that is not negative');
  }
  return typeof id === 'string' ? undefined : mistyped('id', 'string', id);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function listProblem(field: string, list: unknown, problemOf: (item: JsonObject) => Problem): Problem {
  if (!Array.isArray(list)) return mistyped(field, 'array', list);
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index];
    const problem = isJsonObject(item) ? problemOf(item) : { path: [], text: mistype('object', item) };
    if (problem !== undefined) return { path: [field, index, ...problem.path], text: problem.text };
  }
  return undefined;
}

function objectProblem(field: string, value: unknown, problemOf: (value: JsonObject) => Problem): Problem {
  if (!isJsonObject(value)) return mistyped(field, 'object', value);
  const problem = problemOf(value);
  return problem === undefined ? undefined : { path: [field, ...problem.path], text: problem.text };
}

function stringsProblem(field: string, value: unknown): Problem {
  return isStringList(value) ? undefined : problemAt(field, 'expected an array of strings');
}

type FieldType = 'string' | 'string or null' | 'boolean' | 'array' | 'object';

function mistyped(field: string, expected: FieldType, value: unknown): Problem {
  return problemAt(field, mistype(expected, value));
}

function mistype(expected: FieldType, value: unknown): string {
  const article = expected === 'array' || expected === 'object' ? 'an' : 'a';
  return `expected ${article} ${expected}, got ${jsonTypeOf(value)}`;
}

function problemAt(field: string, text: string): Problem {
  return { path: [field], text };
}
