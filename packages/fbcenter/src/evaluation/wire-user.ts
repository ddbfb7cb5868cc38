import { isUser, KEY_ATTRIBUTE, type User } from 'fbclient/core';
import { isJsonObject, type JsonObject } from '../model/json.js';

/** A user as applications pass it: its key, and its attributes beside it. @returns `undefined` when it cannot be evaluated for. */
export function plainUserOf(given: unknown): User | undefined {
  return isUser(given) ? given : undefined;
}

/**
 * Makes the SDK's user of the one that the protocol sends. What is damaged in its attributes is left out.
 *
 * @returns `undefined` when it cannot be evaluated for.
 */
export function userOf(wire: unknown): User | undefined {
  if (!isJsonObject(wire)) return undefined;
  const properties = memberOf(wire, 'customizedProperties');
  const attributes = new Map<string, unknown>();
  for (const property of Array.isArray(properties) ? properties : []) {
    if (!isJsonObject(property)) continue;
    const name = memberOf(property, 'name');
    // Of several the first one counts.
    if (typeof name === 'string' && !attributes.has(name)) attributes.set(name, memberOf(property, 'value'));
  }
  return assemble(memberOf(wire, 'keyId'), memberOf(wire, 'name'), attributes);
}

/** Why a browser's user is refused: it is not even of the right types, or it has no key. */
export type UserFault = 'malformed' | 'no-key';

/**
 * The same for what browsers send, where FeatBit refuses a user whole for a part of the wrong type.
 */
export function clientUserOf(wire: unknown): User | UserFault {
  if (!isJsonObject(wire)) return 'malformed';
  const [keyId, name] = [memberOf(wire, 'keyId'), memberOf(wire, 'name')];
  const properties = memberOf(wire, 'customizedProperties');
  if (!isTextOrNone(keyId) || !isTextOrNone(name)) return 'malformed';
  if (properties !== undefined && properties !== null && !Array.isArray(properties)) return 'malformed';
  for (const property of properties ?? []) {
    if (property === null) continue;
    if (!isJsonObject(property)) return 'malformed';
    if (!isTextOrNone(memberOf(property, 'name')) || !isTextOrNone(memberOf(property, 'value'))) return 'malformed';
  }
  return userOf(wire) ?? 'no-key';
}

/** Makes the SDK's user of OpenFeature's evaluation context. @returns `undefined` when its targeting key is no text, or blank. */
export function userOfContext({ targetingKey, name, ...attributes }: JsonObject): User | undefined {
  return assemble(targetingKey, name, new Map(Object.entries(attributes)));
}

/** A member by its name, in upper or lower case: FeatBit reads them so. */
export function memberOf(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  const found = Object.keys(object).find((key) => key.toLowerCase() === lower);
  return found === undefined ? undefined : object[found];
}

function isTextOrNone(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === null || value === undefined;
}

function assemble(key: unknown, name: unknown, attributes: ReadonlyMap<string, unknown>): User | undefined {
  // Under a name of its own: as `key` it would be the user's key.
  const custom = attributes.has('key') ? { [KEY_ATTRIBUTE]: attributes.get('key') } : {};
  const user = { ...Object.fromEntries(attributes), ...custom, name, key };
  return isUser(user) ? user : undefined;
}
