import { randomUUID } from 'node:crypto';
import { SERVER_FIELDS } from '../model/document.js';
import type { JsonObject } from '../model/json.js';
import { readSegmentCondition } from './conditions.js';
import type { Located, Verdict } from './faults.js';
import { Faults } from './faults.js';
import { Fields, refuseDuplicates } from './fields.js';
import { readKey } from './keys.js';

/** What segments of FeatBit have besides; nothing is done with it here. */
const OTHER_FIELDS = ['description', 'key', 'tags', 'type', 'scopes', 'workspaceId'] as const;

/**
 * Reads a segment as the management API takes it; see {@link readFlag}.
 *
 * Defaults: `name` the id; nobody included or excluded, no rules; ids of rules are made up.
 */
export function readSegment(input: unknown, expectedId?: string, existing?: JsonObject): Verdict {
  const faults = new Faults();
  const fields = new Fields({ value: input, path: '' }, faults);
  const key = readKey(fields, 'id', expectedId);
  const rules = fields.each('rules', (item) => readRule(item, faults), []);
  refuseDuplicates(rules, faults);
  const isArchived = fields.boolean('isArchived', existing?.isArchived === true);
  const document = {
    ...fields.source,
    id: key,
    name: fields.text('name', key),
    included: fields.texts('included', []),
    excluded: fields.texts('excluded', []),
    rules: rules.map(({ value }) => value),
    isArchived,
  };
  if (isArchived) faults.warn('archived', 'isArchived', 'The segment is archived: no flag can use it.');
  fields.warnOfMisspelt(...SERVER_FIELDS, ...OTHER_FIELDS);
  if (faults.list.length > 0) return { ok: false, faults: faults.list };
  return { ok: true, document, key, isArchived, references: [], warnings: faults.warnings };
}

function readRule(input: Located<unknown>, faults: Faults): JsonObject & { readonly id: string } {
  const fields = new Fields(input, faults);
  const rule = {
    ...fields.source,
    id: fields.filledText('id', randomUUID()),
    name: fields.text('name', ''),
    conditions: fields.list('conditions').map((condition) => readSegmentCondition(condition, faults)),
  };
  fields.warnOfMisspelt();
  return rule;
}
