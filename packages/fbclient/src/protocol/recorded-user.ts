import { escaped } from './json-text.js';
import { attributeText, isUser, readName, type User } from './user.js';

/**
 * A copy of a user as it is now. One level deep: what is nested is no attribute and is never read.
 *
 * @returns `undefined` when it is not a user, or throws while it is read.
 */
export function snapshotOf(user: unknown): User | undefined {
  try {
    if (typeof user !== 'object' || Array.isArray(user)) return undefined;
    // The copy is judged, not the original: a getter may answer differently the second time, and a hidden key is not copied.
    const snapshot: unknown = { ...user };
    return isUser(snapshot) ? snapshot : undefined;
  } catch {
    return undefined;
  }
}

const hasOwn = Object.prototype.hasOwnProperty;

/** A user as it was when something was recorded. Events of a user who does not change share one, and with it its JSON. */
export class RecordedUser {
  /** A copy that is never changed. */
  readonly attributes: User;
  /** About how many UTF-16 units the user takes on the wire. */
  readonly size: number;
  /** The attributes by position, which are the quickest to compare with. Made when the user is recorded a second time. */
  #names: readonly string[] | undefined;
  #values: readonly unknown[] | undefined;
  #json: string | undefined;
  #encoded = false;

  constructor(snapshot: User) {
    this.attributes = snapshot;
    let size = 0;
    for (const name in snapshot) {
      const value = snapshot[name];
      size += name.length + 24 + (typeof value === 'string' ? value.length : 8);
    }
    this.size = size;
  }

  /** Whether a user still equals this copy. Throws what the user's getters throw. */
  isStill(user: User): boolean {
    this.#names ??= Object.keys(this.attributes);
    this.#values ??= Object.values(this.attributes);
    const names = this.#names;
    const values = this.#values;
    let position = 0;
    for (const name in user) {
      // V8 optimises `hasOwnProperty.call` inside for-in; `Object.hasOwn` doubles the cost of the loop.
      if (name !== names[position] || user[name] !== values[position] || !hasOwn.call(user, name)) return false;
      position += 1;
    }
    return position === names.length;
  }

  /**
   * The beginning of an event's payload object: `{"user":` and the user.
   *
   * @param privateAttributes must not leave the process; the same in every call.
   */
  json(privateAttributes: ReadonlySet<string>): string {
    if (this.#json !== undefined) return this.#json;
    const user = encode(this.attributes, privateAttributes);
    if (!this.#encoded) {
      this.#encoded = true;
      return `{"user":${user}`;
    }
    // Cache from the second use on: most users come once. `join` makes a flat string; `+` makes a rope that V8 flattens again
    // for each event.
    this.#json = ['{"user":', user].join('');
    return this.#json;
  }
}

function encode(user: User, privateAttributes: ReadonlySet<string>): string {
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
  return `{"keyId":"${escaped(user.key)}","name":"${escaped(name)}","customizedProperties":[${properties}${end}`;
}

/** The JSON before a property's value: its name, and for all but the first the end of the property before. */
interface PropertyTexts {
  readonly first: string;
  readonly next: string;
}

/** The most attribute names whose JSON is cached; an application has a few dozen. */
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
