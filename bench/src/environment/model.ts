// What every SDK is asked, said in none of their formats: each adapter translates it into its own. It holds what all of
// them can say, so that they can be held to the same answers.

/** Attributes beside the usual ones, for rules that ask for many. */
export type ExtraAttribute = `extra-${number}`;

/** A user as an application knows it. */
export interface BenchUser {
  readonly [extra: ExtraAttribute]: string;
  readonly key: string;
  readonly name: string;
  readonly country: string;
  readonly plan: string;
  readonly age: number;
  readonly email: string;
}

export type TextAttribute = 'country' | 'plan' | 'email' | ExtraAttribute;

export type Condition =
  | { readonly test: 'equals'; readonly attribute: TextAttribute; readonly value: string }
  | { readonly test: 'one-of'; readonly attribute: TextAttribute; readonly values: readonly string[] }
  | { readonly test: 'ends-with'; readonly attribute: TextAttribute; readonly value: string }
  | { readonly test: 'at-least'; readonly attribute: 'age'; readonly value: number }
  | { readonly test: 'matches'; readonly attribute: TextAttribute; readonly pattern: string }
  | { readonly test: 'in-segment'; readonly segment: string };

/** A user's extra attributes; nothing is copied of a user who has none. */
export function withExtras<T extends object>(subject: T, user: BenchUser): T {
  for (const name of Object.keys(user)) {
    if (isExtra(name)) Object.assign(subject, { [name]: user[name] });
  }
  return subject;
}

export function isExtra(name: string): name is ExtraAttribute {
  return name.startsWith('extra-');
}

/** A boolean flag: on for its targets and for whoever a rule matches, else for a share of the users. */
export interface Switch {
  readonly kind: 'switch';
  readonly key: string;
  /** `false`: off for everybody. */
  readonly enabled: boolean;
  /** User keys. */
  readonly targets: readonly string[];
  /** Each a list of conditions that must all hold. */
  readonly rules: readonly (readonly Condition[])[];
  /** Percent of the other users that it is on for, 0 to 100. */
  readonly share: number;
}

/** A string flag with several values in use at once; who gets which is up to each SDK's hash. */
export interface Variants {
  readonly kind: 'variants';
  readonly key: string;
  /** Percents, which add up to 100. */
  readonly values: readonly { readonly value: string; readonly percent: number }[];
}

export type LogicalFlag = Switch | Variants;

export interface LogicalSegment {
  readonly key: string;
  /** User keys. */
  readonly included: readonly string[];
}

export interface Environment {
  readonly flags: readonly LogicalFlag[];
  readonly segments: readonly LogicalSegment[];
}

/** A switch that is off for everybody, to be made into one that is not. */
export function switchFlag(key: string, parts: Partial<Switch> = {}): Switch {
  return { kind: 'switch', key, enabled: true, targets: [], rules: [], share: 0, ...parts };
}
