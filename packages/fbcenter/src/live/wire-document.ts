import { IN_SEGMENT, NOT_IN_SEGMENT, parseStringList } from 'fbclient/core';
import type { StoredDocument } from '../model/document.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { wireId } from './wire-id.js';

/** How the text of a document begins that has a GUID, as the center writes it. */
const BEGINS_WITH_GUID = /^\{"id":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"/;
const IN_SEGMENT_TEXT = JSON.stringify(IN_SEGMENT);
const NOT_IN_SEGMENT_TEXT = JSON.stringify(NOT_IN_SEGMENT);

/**
 * A document's text as it goes to server SDKs: as it is kept, but for ids that are no GUIDs (see {@link wireId}) and the operator of
 * conditions on segments.
 */
export function wireText(document: StoredDocument): string {
  const { kind, text } = document;
  if (BEGINS_WITH_GUID.test(text) && !(kind === 'flag' && namesSegments(text))) return text;
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) return text;
  const onWire = kind === 'flag' ? wireFlag(value) : withWireId(value);
  return onWire === value ? text : JSON.stringify(onWire);
}

/** Whether a flag's text may have conditions on segments: most have none, which shows without parsing. */
function namesSegments(text: string): boolean {
  return text.includes(IN_SEGMENT_TEXT) || text.includes(NOT_IN_SEGMENT_TEXT);
}

function withWireId(document: JsonObject): JsonObject {
  const { id } = document;
  if (typeof id !== 'string' || wireId(id) === id) return document;
  return { ...document, id: wireId(id) };
}

function wireFlag(document: JsonObject): JsonObject {
  const flag = withWireId(document);
  if (!Array.isArray(flag.rules)) return flag;
  const rules = mapped(flag.rules, wireRule);
  return rules === flag.rules ? flag : { ...flag, rules };
}

function wireRule(rule: unknown): unknown {
  if (!isJsonObject(rule) || !Array.isArray(rule.conditions)) return rule;
  const conditions = mapped(rule.conditions, wireCondition);
  return conditions === rule.conditions ? rule : { ...rule, conditions };
}

/** FeatBit has no operator in a condition on segments: null, for which its SDK for Rust drops the whole message. No SDK reads it. */
function wireCondition(condition: unknown): unknown {
  if (!isJsonObject(condition)) return condition;
  const { property, value } = condition;
  if (property !== IN_SEGMENT && property !== NOT_IN_SEGMENT) return condition;
  const op = condition.op ?? '';
  const ids = wireIds(value);
  return op === condition.op && ids === value ? condition : { ...condition, op, value: ids };
}

/** A list of ids in a text. One that is damaged stays what it is. */
function wireIds(value: unknown): unknown {
  const ids = typeof value === 'string' ? parseStringList(value) : undefined;
  return ids === undefined || ids.every((id) => wireId(id) === id) ? value : JSON.stringify(ids.map(wireId));
}

/** The same list when nothing in it has changed. */
function mapped(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const items = list.map(change);
  return items.every((item, index) => item === list[index]) ? list : items;
}
