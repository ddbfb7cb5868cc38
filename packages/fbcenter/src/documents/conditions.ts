import {
  IN_SEGMENT,
  NOT_IN_SEGMENT,
  OPERATORS,
  type OperandKind,
  operationOf,
  parseDecimal,
  parseStringList,
} from 'fbclient/core';
import type { JsonObject } from '../model/json.js';
import { isMeantAsUserKey, USER_KEY } from './attributes.js';
import type { Faults, Located, SegmentReference } from './faults.js';
import { Fields } from './fields.js';
import { warnOfInexact } from './inexact.js';
import { patternHint, patternProblem } from './patterns.js';

/** Segments that one condition may name. */
const MAX_LIST = 1_000;

/** Reads a condition of a flag's rule. */
export function readFlagCondition(input: Located<unknown>, faults: Faults, references: SegmentReference[]): JsonObject {
  const fields = new Fields(input, faults);
  const property = fields.filledText('property');
  if (!asksForSegments(property)) return readOrdinary(fields, property);
  const value = fields.text('value');
  const ids = parseStringList(value);
  const path = fields.path('value');
  if (ids === undefined && typeof fields.source.value === 'string') {
    faults.add('invalid-list', path, 'Expected a JSON array of segment ids, written as a string.');
  }
  if (ids !== undefined && ids.length > MAX_LIST) {
    faults.add('too-many', path, `A condition may name ${MAX_LIST.toLocaleString('en')} segments.`);
  } else {
    for (const id of ids ?? []) references.push({ value: id, path });
  }
  const op = fields.textOrNull('op');
  fields.warnOfMisspelt('id');
  return { ...fields.source, property, op, value };
}

/** Reads a condition of a segment's rule, which cannot use other segments. */
export function readSegmentCondition(input: Located<unknown>, faults: Faults): JsonObject {
  const fields = new Fields(input, faults);
  const property = fields.filledText('property');
  if (asksForSegments(property)) {
    faults.add('segment-in-segment', fields.path('property'), 'A segment cannot use other segments.');
  }
  return readOrdinary(fields, property);
}

function asksForSegments(property: string): boolean {
  return property === IN_SEGMENT || property === NOT_IN_SEGMENT;
}

function readOrdinary(fields: Fields, property: string): JsonObject {
  const op = fields.text('op');
  const operand = operationOf(op)?.operand;
  if (operand === undefined && typeof fields.source.op === 'string') {
    fields.faults.add('unknown-operator', fields.path('op'), `Unknown operator; allowed are ${OPERATORS.join(', ')}.`);
  }
  // An operator that needs no value gets an empty one: with null no SDK would let the condition hold.
  const value = fields.text('value', operand === 'none' ? '' : undefined);
  if (typeof fields.source.value === 'string') checkOperand(operand, value, fields.path('value'), fields.faults);
  if (isMeantAsUserKey(property)) {
    const message = `Holds only for users with a custom attribute of this name: a user's key is "${USER_KEY}".`;
    fields.faults.warn('wrong-attribute', fields.path('property'), message);
  }
  fields.warnOfMisspelt('id');
  return { ...fields.source, property, op, value };
}

function checkOperand(operand: OperandKind | undefined, value: string, path: string, faults: Faults): void {
  if (operand === 'number' && parseDecimal(value) === undefined) {
    faults.add('invalid-number', path, 'Expected a decimal number such as "18" or "-2.5e3", written as a string.');
  }
  if (operand === 'number') warnOfInexact(value, path, faults);
  if (operand === 'list' && parseStringList(value) === undefined) {
    faults.add('invalid-list', path, 'Expected a JSON array of strings, written as a string.');
  }
  const problem = operand === 'pattern' ? patternProblem(value) : undefined;
  if (problem !== undefined) {
    const allowed = "the syntax of .NET's, without look-around and back-references";
    faults.add('invalid-pattern', path, `No SDK can use it: ${problem} (${patternHint(value) ?? allowed}).`);
  }
}
