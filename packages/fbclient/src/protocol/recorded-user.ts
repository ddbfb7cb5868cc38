import { escaped } from './json-text.js';
import { attributeText, isUser, readName, type User } from './user.js';

/**
 * A copy of a user as it is now. One level deep: what is nested is no attribute and is never read.
 *
 * @returns `undefined` when there is no user in it, or when it throws while it is read.
 */
export function snapshotOf(user: unknown): User | undefined {
  try {
    if (!isUser(user)) return undefined;
    const snapshot: unknown = { ...user };
    // Asked again: a getter may say something else the second time, and a hidden key is not copied.
    return isUser(snapshot) ? snapshot : undefined;
  } catch {
    return undefined;
  }
}

const hasOwn = Object.prototype.hasOwnProperty;

/** A user as it was when something was recorded. Events of a user who stays the same share one, and with it its JSON. */
export class RecordedUser {
  /** A copy that nobody changes any more. */
  readonly attributes: User;
  /** About how many UTF-16 units the user takes on the wire. */
  readonly size: number;
  /** The attributes by position, from when the user is met again: the quickest to compare with. */
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

  /** Whether a user is as this one was, so that a new copy would be the same. Throws what the user's getters throw. */
  isStill(user: User): boolean {
    this.#names ??= Object.keys(this.attributes);
    this.#values ??= Object.values(this.attributes);
    const names = this.#names;
    const values = this.#values;
    let position = 0;
    for (const name in user) {
      // In this form V8 knows the answer from the loop; Object.hasOwn takes as long as all the rest.
      if (name !== names[position] || user[name] !== values[position] || !hasOwn.call(user, name)) return false;
      position += 1;
    }
    return position === names.length;
  }

  /**
   * The beginning of an event's payload object: `{"user":` and the user.
   *
   * @param isPrivate tells which attributes must not leave the process; the same in every call.
   */
  json(isPrivate: ReadonlySet<string>): string {
    if (this.#json !== undefined) return this.#json;
    const user = encode(this.attributes, isPrivate);
    if (!this.#encoded) {
      this.#encoded = true;
      return `{"user":${user}`;
    }
    // Kept from the second time on: for users who do not come back it would only be work for the garbage collector. Joined,
    // not added up, which gives a text in one piece: else its parts would be put together again for every event.
    this.#json = ['{"user":', user].join('');
    return this.#json;
  }
}

function encode(user: User, isPrivate: ReadonlySet<string>): string {
  let properties = '';
  for (const attribute of Object.keys(user)) {
    if (attribute === 'key' || attribute === 'name' || isPrivate.has(attribute)) continue;
    const value = attributeText(user[attribute]);
    if (value === undefined) continue;
    const { first, next } = propertyTexts(attribute);
    properties += `${properties === '' ? first : next}${escaped(value)}`;
  }
  const name = isPrivate.has('name') ? '' : readName(user);
  const end = properties === '' ? ']}' : '"}]}';
  return `{"keyId":"${escaped(user.key)}","name":"${escaped(name)}","customizedProperties":[${properties}${end}`;
}

/** What stands before a property's value: the end of the property before it, unless it is the first, and its name. */
interface PropertyTexts {
  readonly first: string;
  readonly next: string;
}

/** Attribute names that are known at once; an application has a few dozen. */
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
