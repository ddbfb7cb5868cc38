import { attributeText, readName, type User } from '../users/user.js';
import { escaped } from './json-text.js';

/**
 * A user as an event's payload object begins: `{"user":` and the user.
 *
 * @param privateAttributes those that must not leave the process.
 */
export function encodeUser(user: User, privateAttributes: ReadonlySet<string>): string {
  let properties = '';
  for (const attribute of Object.keys(user)) {
    if (attribute === 'key' || attribute === 'name' || privateAttributes.has(attribute)) continue;
    const value = attributeText(user[attribute]);
    if (value === undefined) continue;
    const { first, next } = propertyTexts(attribute);
    properties += `${properties === '' ? first : next}${escaped(value)}`;
  }
  const name = privateAttributes.has('name') ? '' : readName(user);
  const end = properties === '' ? ']}' : '"}]}';
  return `{"user":{"keyId":"${escaped(user.key)}","name":"${escaped(name)}","customizedProperties":[${properties}${end}`;
}

/** The text before a property's value: the end of the property before it, unless it is the first, and its name. */
interface PropertyTexts {
  readonly first: string;
  readonly next: string;
}

/** Most attribute names that are cached; an application has a few dozen. */
const MAX_PROPERTIES = 1_000;
const PROPERTIES = new Map<string, PropertyTexts>();

function propertyTexts(attribute: string): PropertyTexts {
  let texts = PROPERTIES.get(attribute);
  if (texts === undefined) {
    const first = `{"name":"${escaped(attribute)}","value":"`;
    texts = { first, next: `"},${first}` };
    if (PROPERTIES.size < MAX_PROPERTIES) PROPERTIES.set(attribute, texts);
  }
  return texts;
}
