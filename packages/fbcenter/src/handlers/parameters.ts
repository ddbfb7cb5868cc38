import { quoted } from '../documents/faults.js';
import { changeNoteOf } from '../http/change-note.js';
import type { Exchange } from '../http/exchange.js';
import type { Actor } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import { instantOf } from '../model/instant.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { nearestName } from '../model/near-name.js';
import { Refusal } from '../model/refusal.js';
import { managerOf } from './grants.js';

/** A variable part of the path. */
export function parameter(exchange: Exchange, name: string): string {
  return exchange.params[name] ?? '';
}

/** Who does something, and what is said about it, for the audit log. @throws Refusal when what is said cannot be kept. */
export function authorship({ caller, headers }: Exchange): { readonly by: Actor; readonly note: ChangeNote } {
  return { by: managerOf(caller).actor, note: changeNoteOf(headers) };
}

/** A whole number in the query, or the fallback when it is not there. */
export function wholeNumber(
  exchange: Exchange,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = exchange.query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && min <= value && value <= max) return value;
  throw new Refusal('invalid-request', `${name} must be a whole number from ${min} to ${max}.`);
}

/** A day or a time in the query, as ISO 8601; in Unix milliseconds, not before 1970. */
export function timeIn(exchange: Exchange, name: string): number | undefined {
  const text = exchange.query.get(name);
  if (text === null || text === '') return undefined;
  const time = instantOf(text);
  if (time !== undefined) return Math.max(0, time);
  throw new Refusal('invalid-request', `${name} must be a day or a time such as 2026-11-28T09:30:00Z.`);
}

/** A `true` or `false` in the query. */
export function truth(exchange: Exchange, name: string): boolean | undefined {
  const text = exchange.query.get(name);
  if (text === null) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Refusal('invalid-request', `${name} must be true or false.`);
}

/**
 * The fields of a body that is no document. Others are of no interest, but for one that is nearly a known one: what it was to say
 * would be lost without a word.
 */
export function bodyFields(body: unknown, known: readonly string[]): JsonObject {
  const fields = isJsonObject(body) ? body : {};
  for (const name of Object.keys(fields)) {
    const near = known.includes(name) ? undefined : nearestName(name, known);
    if (near !== undefined) {
      throw new Refusal('invalid-request', `${quoted(name)} is no field of this request: did you mean "${near}"?`);
    }
  }
  return fields;
}
