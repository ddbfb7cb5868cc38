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
  if (typeof value !== 'object' || value === null) return false;
  const key = own(value, 'key', (value as { readonly key?: unknown }).key, INHERITED.key);
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
      return customReader(attribute);
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
  return attributeText(own(user, 'name', user.name, INHERITED.name)) ?? '';
}

function readKey(user: User): string {
  return user.key;
}

function readNothing(): undefined {
  return undefined;
}

/** What every object has without having it itself; nothing that a user could mean, unless some program put it there. */
const INHERITED = Object.prototype as unknown as Readonly<Record<string, unknown>>;

/**
 * A property of the user's own: an attribute called "constructor" is absent unless the application gave it.
 *
 * @param value what reading the property gave.
 * @param inherited what reading it of {@link INHERITED} gave: where that is nothing, a plain object has what it gave itself.
 */
function own(user: object, property: string, value: unknown, inherited: unknown): unknown {
  if (inherited === undefined && isPlain(user)) return value;
  return value === undefined || Object.hasOwn(user, property) ? value : undefined;
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === INHERITED || prototype === null;
}

type ReaderFactory = (name: string) => AttributeReader;

/**
 * The same text many times, because V8 learns for each place in the text what is read there: a place that always reads the
 * same attribute of similar users costs a third of one where everything is read.
 */
const SINGLE_ATTRIBUTE_READERS: readonly ReaderFactory[] = [
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
  (name) => (user) => own(user, name, user[name], INHERITED[name]),
];
const readAny: ReaderFactory = (name) => (user) => own(user, name, user[name], INHERITED[name]);

/** The first attributes that were asked for: they have a place of their own, all others share one. */
const CUSTOM_READERS = new Map<string, AttributeReader>();

function customReader(attribute: string): AttributeReader {
  const known = CUSTOM_READERS.get(attribute);
  if (known !== undefined) return known;
  const factory = SINGLE_ATTRIBUTE_READERS[CUSTOM_READERS.size];
  if (factory === undefined) return readAny(attribute);
  const reader = factory(attribute);
  CUSTOM_READERS.set(attribute, reader);
  return reader;
}
