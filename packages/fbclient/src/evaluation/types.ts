import type { JsonValue } from '../flags/variation.js';

/** What a user's attributes can be; `null` and `undefined` count as absent. Conditions compare them as strings. */
export type UserAttribute = string | number | boolean | null | undefined;

/** A user, for code that wants a name for the type. Calls also take any object type that fits: a literal, an interface, a class. */
export interface FBUser {
  /** Tells users apart; not blank. In targeting rules it is the attribute `keyId`. */
  readonly key: string;
  /** A name for people to read; `""` when absent. */
  readonly name?: string | undefined;
  readonly [attribute: string]: UserAttribute;
}

/** A user of any object type: `key` is needed, `name` is known, every other property is an attribute. */
export type UserOf<U> = U & {
  // Mapped over U, not a Record of its keys: an attribute that is optional in U stays optional.
  readonly [Attribute in keyof U]: UserAttribute;
} & { readonly key: string; readonly name?: string | undefined };

/** The flags of an application that has not described them: every key, every value. */
export type AnyFlags = Record<string, JsonValue>;

/** The flag keys that are allowed; those of one value type when it is given. */
export type FlagKey<Flags, Value = unknown> = string extends keyof Flags
  ? string
  : { [Key in keyof Flags]: Flags[Key] extends Value ? Key : never }[keyof Flags] & string;

/** The value type of a flag: as described, or for flags that are not the widened type of the default. */
export type FlagValue<Flags, Key, Default> = string extends keyof Flags
  ? Widened<Default>
  : Key extends keyof Flags
    ? Flags[Key]
    : never;

/** The defaults that a flag can have: its described type, or anything that a variation can be converted to. */
export type DefaultOf<Flags, Key> = string extends keyof Flags
  ? string | number | boolean | object | null
  : Key extends keyof Flags
    ? Flags[Key]
    : never;

/** The type of an evaluation that was given no default: what configured defaults are of, or nothing. */
export type OwnValue<Flags, Key> = (Key extends keyof Flags ? Flags[Key] : JsonValue) | undefined;

/** `true` as a default asks for a boolean, not for `true`; `null` asks for JSON of any kind. */
export type Widened<T> = T extends boolean
  ? boolean
  : T extends number
    ? number
    : T extends string
      ? string
      : T extends null
        ? JsonValue
        : T;
