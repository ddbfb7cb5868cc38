import { randomUUID } from 'node:crypto';
import { parseDecimal } from 'fbclient/core';
import { SERVER_FIELDS } from '../model/document.js';
import type { JsonObject } from '../model/json.js';
import { isMeantAsUserKey, USER_KEY } from './attributes.js';
import { readFlagCondition } from './conditions.js';
import type { Located, SegmentReference, Verdict } from './faults.js';
import { Faults } from './faults.js';
import { Fields, refuseDuplicates } from './fields.js';
import { warnOfInexact } from './inexact.js';
import { readKey } from './keys.js';
import { checkRollout, type Interval, intervalOf } from './rollout.js';

const VARIATION_TYPES = ['boolean', 'string', 'number', 'json'];

/**
 * Reads a flag as the management API takes it. Everything that evaluation could stumble over is a fault; fields that are not
 * known are kept, so that a flag of another FeatBit goes through unchanged.
 *
 * Defaults: `name` the key; `isEnabled` false; no targets, rules and tags; `exptIncludeAllTargets` true; in rules and the
 * fallthrough `dispatchKey` null, `includedInExpt` false, `exptRollout` 1; ids of rules are made up.
 *
 * @param expectedKey the key that it is sent under, which then need not be repeated in it.
 * @param existing the flag that is replaced, for what it alone decides when the input does not say it.
 */
export function readFlag(input: unknown, expectedKey?: string, existing?: JsonObject): Verdict {
  const faults = new Faults();
  const references: SegmentReference[] = [];
  const fields = new Fields({ value: input, path: '' }, faults);
  const key = readKey(fields, 'key', expectedKey);
  const variationType = readVariationType(fields);
  const variations = fields.each('variations', (item) => readVariation(item, variationType, faults));
  if (variations.length === 0 && Array.isArray(fields.source.variations)) {
    faults.add('missing', 'variations', 'A flag needs at least one variation.');
  }
  refuseDuplicates(variations, faults);
  const known = new Set(variations.map(({ value }) => value.id));
  const disabledVariationId = fields.text('disabledVariationId');
  if (typeof fields.source.disabledVariationId === 'string') {
    refuseUnknown(disabledVariationId, known, 'disabledVariationId', faults);
  }
  const rules = fields.each('rules', (item) => readRule(item, known, faults, references), []);
  refuseDuplicates(rules, faults);
  const fallthrough = fields.object('fallthrough');
  const isArchived = fields.boolean('isArchived', existing?.isArchived === true);
  const document = {
    ...fields.source,
    key,
    name: fields.text('name', key),
    variationType,
    variations: variations.map(({ value }) => value),
    targetUsers: fields.list('targetUsers', []).map((item) => readTarget(item, known, faults)),
    rules: rules.map(({ value }) => value),
    isEnabled: fields.boolean('isEnabled', existing?.isEnabled === true),
    disabledVariationId,
    fallthrough: fallthrough && readFallthrough(fallthrough, known),
    exptIncludeAllTargets: fields.boolean('exptIncludeAllTargets', true),
    tags: fields.texts('tags', []),
    isArchived,
    // Flags of other FeatBits have no such field, and go through unchanged.
    ...(fields.source.clientVisible == null ? {} : { clientVisible: fields.boolean('clientVisible') }),
  };
  if (isArchived) faults.warn('archived', 'isArchived', 'The flag is archived: nobody is served.');
  fields.warnOfMisspelt(...SERVER_FIELDS, 'description', 'clientVisible');
  if (faults.list.length > 0) return { ok: false, faults: faults.list };
  return { ok: true, document, key, isArchived, references, warnings: faults.warnings };
}

function readVariationType(fields: Fields): string {
  const type = fields.text('variationType');
  if (typeof fields.source.variationType === 'string' && !VARIATION_TYPES.includes(type)) {
    fields.faults.add('invalid-value', 'variationType', `Expected one of ${VARIATION_TYPES.join(', ')}.`);
  }
  return type;
}

function readVariation(input: Located<unknown>, variationType: string, faults: Faults) {
  const fields = new Fields(input, faults);
  const id = fields.filledText('id');
  const value = fields.text('value');
  if (typeof fields.source.value === 'string' && !isOfType(value, variationType)) {
    faults.add('invalid-value', fields.path('value'), `The value is not a ${variationType}.`);
  }
  if (variationType === 'number') warnOfInexact(value, fields.path('value'), faults);
  fields.warnOfMisspelt('name', 'description');
  return { ...fields.source, id, value };
}

function isOfType(value: string, variationType: string): boolean {
  switch (variationType) {
    case 'boolean':
      return /^(?:true|false)$/i.test(value);
    case 'number':
      return parseDecimal(value) !== undefined;
    case 'json':
      return isJson(value);
    default:
      return true;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readTarget(input: Located<unknown>, known: ReadonlySet<string>, faults: Faults): JsonObject {
  const fields = new Fields(input, faults);
  const variationId = fields.text('variationId');
  if (typeof fields.source.variationId === 'string') {
    refuseUnknown(variationId, known, fields.path('variationId'), faults);
  }
  const keyIds = fields.texts('keyIds');
  fields.warnOfMisspelt();
  return { ...fields.source, keyIds, variationId };
}

function readRule(
  input: Located<unknown>,
  known: ReadonlySet<string>,
  faults: Faults,
  references: SegmentReference[],
): JsonObject & { readonly id: string } {
  const fields = new Fields(input, faults);
  const rule = {
    ...readRollout(fields, known),
    id: fields.filledText('id', randomUUID()),
    name: fields.text('name', ''),
    conditions: fields.list('conditions').map((condition) => readFlagCondition(condition, faults, references)),
  };
  fields.warnOfMisspelt();
  return rule;
}

function readFallthrough(fields: Fields, known: ReadonlySet<string>): JsonObject {
  const fallthrough = readRollout(fields, known);
  fields.warnOfMisspelt('id', 'name');
  return fallthrough;
}

/** Reads who gets which variation: the part that a rule and the fallthrough have in common. */
function readRollout(fields: Fields, known: ReadonlySet<string>): JsonObject {
  const { faults } = fields;
  const intervals: Located<Interval>[] = [];
  const before = faults.list.length;
  const variations = fields.list('variations').map((item) => {
    const variation = new Fields(item, faults);
    const id = variation.text('id');
    if (typeof variation.source.id === 'string') refuseUnknown(id, known, variation.path('id'), faults);
    const exptRollout = variation.number('exptRollout', 1);
    if (exptRollout < 0 || !Number.isFinite(exptRollout)) {
      faults.add('rollout-out-of-range', variation.path('exptRollout'), 'Must be finite and not negative.');
    }
    const interval = readInterval(variation);
    variation.warnOfMisspelt();
    if (interval === undefined) return { id };
    intervals.push(interval);
    const { low, high } = interval.value;
    return { ...variation.source, id, rollout: [low, high], exptRollout };
  });
  const isReadable = faults.list.slice(before).every(({ code }) => code === 'unknown-variation');
  if (isReadable && Array.isArray(fields.source.variations)) checkRollout(intervals, fields.path('variations'), faults);
  const dispatchKey = fields.textOrNull('dispatchKey');
  if (dispatchKey !== null && isMeantAsUserKey(dispatchKey)) {
    const message = `No user has this attribute: a user's key is "${USER_KEY}". Write that, or null.`;
    faults.add('wrong-attribute', fields.path('dispatchKey'), message);
  }
  return {
    ...fields.source,
    dispatchKey,
    includedInExpt: fields.boolean('includedInExpt', false),
    variations,
  };
}

function readInterval(variation: Fields): Located<Interval> | undefined {
  const path = variation.path('rollout');
  const bounds = variation.list('rollout');
  const [low, high] = bounds.map(({ value }) => value);
  if (bounds.length === 2 && typeof low === 'number' && typeof high === 'number') {
    return { value: intervalOf(low, high), path };
  }
  if (Array.isArray(variation.source.rollout)) {
    variation.faults.add('wrong-type', path, 'Expected exactly two numbers, [low, high].');
  }
  return undefined;
}

function refuseUnknown(id: string, known: ReadonlySet<string>, path: string, faults: Faults): void {
  if (!known.has(id)) faults.add('unknown-variation', path, 'No variation of the flag has this id.');
}
