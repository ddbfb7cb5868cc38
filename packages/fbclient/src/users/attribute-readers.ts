import { INHERITED, KEY_ATTRIBUTE, ownProperty, readName, type User } from './user.js';

/** Reads one attribute and gives its value unchanged; `undefined` when it is absent. See `attributeText`. */
export type AttributeReader = (user: User) => unknown;

/**
 * The reader of an attribute by the name that conditions and dispatch keys use: `keyId` is the user's key and `name`
 * its name; both come before custom attributes of those names.
 */
export function attributeReader(attribute: string): AttributeReader {
  switch (attribute) {
    case 'keyId':
      return readKey;
    case 'name':
      return readName;
    // The platform calls the user's key `keyId`. `key` is only our property for it, not an attribute; see KEY_ATTRIBUTE.
    case 'key':
      return readKeyAttribute;
    default:
      return customReader(attribute);
  }
}

function readKey(user: User): string {
  return user.key;
}

function readKeyAttribute(user: User): unknown {
  return user[KEY_ATTRIBUTE];
}

type ReaderFactory = (name: string) => AttributeReader;

/**
 * Sixteen equal functions on purpose: V8 caches property access by source position. A position that always reads the same
 * attribute stays monomorphic and costs a third of one that reads them all.
 */
const SINGLE_ATTRIBUTE_READERS: readonly ReaderFactory[] = [
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
  (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]),
];
const readAny: ReaderFactory = (name) => (user) => ownProperty(user, name, user[name], INHERITED[name]);

/** The first attributes that were asked for have a function each; all others share one. */
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
