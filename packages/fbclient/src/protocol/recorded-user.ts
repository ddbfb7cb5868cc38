import { quote } from './json-text.js';
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
  readonly #names: readonly string[];
  readonly #values: readonly unknown[];
  #json: string | undefined;
  #encoded = false;

  constructor(snapshot: User) {
    this.attributes = snapshot;
    this.#names = Object.keys(snapshot);
    this.#values = Object.values(snapshot);
    let size = 0;
    for (const name of this.#names) {
      const value = snapshot[name];
      size += name.length + 24 + (typeof value === 'string' ? value.length : 8);
    }
    this.size = size;
  }

  /** Whether a user is as this one was, so that a new copy would be the same. Throws what the user's getters throw. */
  isStill(user: User): boolean {
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
   * The user as the insight API takes it.
   *
   * @param isPrivate tells which attributes must not leave the process; the same in every call.
   */
  json(isPrivate: ReadonlySet<string>): string {
    if (this.#json !== undefined) return this.#json;
    const json = encode(this.attributes, this.#names, isPrivate);
    // Kept from the second time on: for users who do not come back it would only be work for the garbage collector.
    if (this.#encoded) this.#json = json;
    this.#encoded = true;
    return json;
  }
}

function encode(user: User, names: readonly string[], isPrivate: ReadonlySet<string>): string {
  const name = isPrivate.has('name') ? '' : readName(user);
  const parts = [`{"keyId":${quote(user.key)},"name":${quote(name)},"customizedProperties":[`];
  for (const attribute of names) {
    if (attribute === 'key' || attribute === 'name' || isPrivate.has(attribute)) continue;
    const value = attributeText(user[attribute]);
    if (value !== undefined) parts.push(parts.length === 1 ? '' : ',', property(attribute), quote(value), '}');
  }
  parts.push(']}');
  // Joined, not added up: a text that is put into several others should be in one piece.
  return parts.join('');
}

/** Attribute names that are known at once; an application has a few dozen. */
const MAX_PROPERTIES = 1_000;
const PROPERTIES = new Map<string, string>();

function property(attribute: string): string {
  let json = PROPERTIES.get(attribute);
  if (json === undefined) {
    json = `{"name":${JSON.stringify(attribute)},"value":`;
    if (PROPERTIES.size < MAX_PROPERTIES) PROPERTIES.set(attribute, json);
  }
  return json;
}
