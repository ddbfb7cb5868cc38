import type { FixtureFile } from '../fixtures/types.js';
import { guidOf } from '../reference/guid.js';
import { stringsOf } from '../reference/values.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Members that hold an id. */
const IDS: ReadonlySet<string> = new Set(['id', 'variationId', 'disabledVariationId']);
/** Members that an application or its users fill: what looks like an id there is none of the platform's. */
const FREE: ReadonlySet<string> = new Set(['user', 'value']);

/** Which text an id was made of, so that two texts never become one id. */
const texts = new Map<string, string>();

/**
 * A file's cases with GUIDs where the tables have speaking ids of flags, variations, rules and segments: FeatBit has no
 * others, and an SDK may rely on that. What an id must not be taken for stays: names that objects inherit, and what is
 * damaged.
 */
export function withGuids<File extends FixtureFile>(file: File): File {
  const cases = file.cases.map((item) => ({ ...item, given: replaced(item.given), then: replaced(item.then) }));
  return { ...file, cases };
}

function replaced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  const isSegmentCondition = 'property' in value && /^User is (not )?in segment$/.test(String(value.property));
  // Defines members, so that one called __proto__ is an ordinary one.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (IDS.has(name) && typeof member === 'string') return [name, guid(member)];
      if (name === 'value' && isSegmentCondition && typeof member === 'string') return [name, guidsIn(member)];
      return [name, FREE.has(name) ? member : replaced(member)];
    }),
  );
}

/** The ids in a list, unless it is damaged. */
function guidsIn(list: string): string {
  const ids = stringsOf(list);
  return ids === undefined ? list : JSON.stringify(ids.map(guid));
}

function guid(text: string): string {
  if (text === '' || text in Object.prototype || GUID.test(text)) return text;
  const lower = text.toLowerCase();
  // What differs in letters' case only still does.
  const made = text === lower ? guidOf(lower) : guidOf(lower).toUpperCase();
  const other = texts.get(made);
  if (other !== undefined && other !== text) throw new Error(`the ids ${other} and ${text} would be the same GUID`);
  texts.set(made, text);
  return made;
}
