/**
 * The user of an evaluation, as the rest of the SDK reads it: an object with a usable key. Everything else on it is read
 * with care, because applications put whole records of their own here.
 */
export interface User {
  readonly key: string;
  readonly [attribute: string]: unknown;
}

/** Whether a value can be a user: an object, not an array, whose own `key` is a string that is not blank. */
export function isUser(value: unknown): value is User {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'key')) return false;
  const { key } = value as { readonly key: unknown };
  if (typeof key !== 'string' || Array.isArray(value)) return false;
  // Nearly every key begins with a visible ASCII character, which is quicker to see than that it is not blank.
  const first = key.charCodeAt(0);
  return (first > 0x20 && first < 0x7f) || key.trim() !== '';
}

/** Reads one attribute as it stands; see {@link attributeText}. `undefined` when it is absent. */
export type AttributeReader = (user: User) => unknown;

/**
 * The reader of an attribute under the name that conditions and dispatch keys use: `keyId` is the user's key and `name`
 * its name; both come before custom attributes of those names.
 */
export function attributeReader(attribute: string): AttributeReader {
  switch (attribute) {
    case 'keyId':
      return readKey;
    case 'name':
      return readName;
    // The user's key has the name keyId in the system; `key` is where our user objects happen to hold it.
    case 'key':
      return readNothing;
    default:
      // Own properties only: an attribute called "constructor" is absent unless the application gave it.
      return (user) => {
        const value = user[attribute];
        return value === undefined || Object.hasOwn(user, attribute) ? value : undefined;
      };
  }
}

/**
 * An attribute's value as text: numbers and booleans in JavaScript's spelling. `null`, `undefined` and values of any
 * other type (objects, arrays, functions) count as absent.
 */
export function attributeText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return undefined;
  }
}

/** The name to evaluate with and to report: `""`, which is a present empty string, when there is none. */
export function readName(user: User): string {
  return (Object.hasOwn(user, 'name') ? attributeText(user.name) : undefined) ?? '';
}

function readKey(user: User): string {
  return user.key;
}

function readNothing(): undefined {
  return undefined;
}
