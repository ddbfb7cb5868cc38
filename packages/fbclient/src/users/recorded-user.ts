import { isUser, type User } from './user.js';

/**
 * A copy of a user as it is now. One level deep: what is nested is no attribute and is never read.
 *
 * @returns `undefined` when the value cannot be a user, or throws while it is read.
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

/** Writes a user as JSON, without the attributes that must not leave the process. */
export type UserEncoder = (user: User, privateAttributes: ReadonlySet<string>) => string;

/** A user as it was when something was recorded. Events of a user who does not change share one, and with it its JSON. */
export class RecordedUser {
  /** A copy that is never changed. */
  readonly attributes: User;
  /** About how many UTF-16 units the user takes on the wire. */
  readonly size: number;
  /** The attributes in order, made when the user is seen again: comparing by position is fastest. */
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
   * The user as JSON.
   *
   * @param encode the same in every call, and so are the private attributes.
   */
  json(encode: UserEncoder, privateAttributes: ReadonlySet<string>): string {
    if (this.#json !== undefined) return this.#json;
    const json = encode(this.attributes, privateAttributes);
    if (!this.#encoded) {
      this.#encoded = true;
      return json;
    }
    // Cache from the second use on: most users come once. `join` makes a flat string of two parts that are not empty; `+`
    // makes a rope that V8 flattens again for each event, which costs a third of recording and encoding it.
    this.#json = [json.slice(0, 1), json.slice(1)].join('');
    return this.#json;
  }
}
