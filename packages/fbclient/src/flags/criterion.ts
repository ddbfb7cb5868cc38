import type { Attribute } from './attributes.js';
import type { NumberOperation } from './operators.js';
import type { Warnings } from './warnings.js';

/** What makes a condition hold, as far as that can be found without trying it. */
export type Criterion =
  /** Nothing: it never holds. */
  | { readonly kind: 'nothing' }
  /** The attribute's text is one of these values; or, with `other-value`, any but these. */
  | { readonly kind: 'value' | 'other-value'; readonly attribute: Attribute; readonly values: readonly string[] }
  /** The attribute's text begins or ends so. */
  | { readonly kind: 'prefix' | 'suffix'; readonly attribute: Attribute; readonly affix: string }
  | BoundCriterion
  /** It must be tried. `isSafe`: it holds or does not, whoever the user is, and is never a failure. */
  | { readonly kind: 'tried'; readonly isSafe: boolean };

/** The attribute's number is on one side of a bound. Whether the bound itself is, `holds` says. */
export interface BoundCriterion {
  readonly kind: 'at-most' | 'at-least';
  readonly attribute: Attribute;
  readonly bound: number;
  readonly holds: NumberOperation['holds'];
  /** Of the flag or segment that it belongs to. */
  readonly warnings: Warnings | undefined;
}

export const NOTHING: Criterion = { kind: 'nothing' };
export const SAFE: Criterion = { kind: 'tried', isSafe: true };
export const UNSAFE: Criterion = { kind: 'tried', isSafe: false };
