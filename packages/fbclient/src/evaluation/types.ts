import type { JsonValue } from '../flags/variation.js';

/** What a user's attributes can be; `null` and `undefined` count as absent. Conditions compare them as strings. */
export type UserAttribute = string | number | bigint | boolean | null | undefined;

/**
 * A user, for code that wants a name for the type. Calls also take any object type that fits: a literal, an interface, a class.
 * Own properties count; a getter that a class declares is not one.
 */
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

/** The flags of an application that has not described them: any key, any value. */
export type AnyFlags = Record<string, JsonValue>;

/** A type with everything in it read-only, as what flags serve is: frozen, and shared between calls. */
export type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? // A plain list is written out: otherwise the compiler gives up on types of any JSON. Tuples keep their places.
    Element[] extends T
    ? readonly DeepReadonly<Element>[]
    : ReadonlyProperties<T>
  : T extends object
    ? ReadonlyProperties<T>
    : T;

type ReadonlyProperties<T> = { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** The flag keys that are allowed; those of one value type when it is given. A flag may be described as optional. */
export type FlagKey<Flags, Value = unknown> = string extends keyof Flags
  ? string
  : { [Key in keyof Flags]-?: NonNullable<Flags[Key]> extends Value ? Key : never }[keyof Flags] & string;

/** A flag's value as described: `undefined`, which no variation is, left out. */
type Described<Flags, Key> = Key extends keyof Flags ? DeepReadonly<Exclude<Flags[Key], undefined>> : never;

/** The value type of a flag: as described; for flags that are not described, the widened type of the default. */
export type FlagValue<Flags, Key, Default> = string extends keyof Flags ? Widened<Default> : Described<Flags, Key>;

/** The defaults that a flag can have: its described type, or anything that a variation can be converted to. */
export type DefaultOf<Flags, Key> = string extends keyof Flags
  ? string | number | boolean | object | null
  : Described<Flags, Key>;

/** The defaults of a flag that is asked for as JSON: as described; for flags that are not described, anything. */
export type JsonDefault<Flags, Key> = string extends keyof Flags ? unknown : Described<Flags, Key>;

/** The type of an evaluation without a default: the flag's, or `undefined` when there is no configured default either. */
export type OwnValue<Flags, Key> = OwnJson<Flags, Key> | undefined;

/** The value type of a flag, whatever the default. */
export type OwnJson<Flags, Key> = string extends keyof Flags ? JsonValue : Described<Flags, Key>;

/** The value of a flag that is asked for as a `Type`: its described literals, or any value of the type. */
export type ValueAs<Flags, Key, Type> = string extends keyof Flags ? Type : Exclude<Described<Flags, Key>, null>;

/**
 * The defaults for {@link ValueAs}. A default may be `undefined` if what is returned then (`Standard`) is a value of the flag.
 */
export type DefaultAs<Flags, Key, Type, Standard> =
  Standard extends ValueAs<Flags, Key, Type> ? ValueAs<Flags, Key, Type> | undefined : ValueAs<Flags, Key, Type>;

/** `true` as a default asks for a boolean, not for `true`; `null`, or none, asks for the flag's own type, whatever it is. */
type Widened<T> = T extends boolean
  ? boolean
  : T extends number
    ? number
    : T extends string
      ? string
      : T extends null | undefined
        ? JsonValue
        : DeepReadonly<T>;
