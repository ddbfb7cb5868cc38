/** What can be wrong with a part of a document. */
export type FaultCode =
  | 'missing'
  | 'wrong-type'
  | 'blank'
  | 'invalid-key'
  | 'key-mismatch'
  | 'duplicate-id'
  | 'unknown-variation'
  | 'invalid-value'
  | 'rollout-out-of-range'
  | 'rollout-gap'
  | 'rollout-overlap'
  | 'unknown-operator'
  | 'invalid-number'
  | 'invalid-pattern'
  | 'invalid-list'
  | 'unknown-segment'
  | 'archived-segment'
  | 'segment-in-segment'
  | 'too-many'
  | 'inexact-number'
  | 'wrong-attribute';

/** One thing that is wrong with a document. */
export interface Fault {
  readonly code: FaultCode;
  /** Where, such as `rules[0].conditions[2].value`. */
  readonly path: string;
  /** One sentence: what is wrong and what is allowed. */
  readonly message: string;
}

/** What is probably not meant as it stands, though it can be served. */
export type WarningCode = 'unknown-field' | 'archived' | 'inexact-number' | 'wrong-attribute';

/** One thing to look at in a document that was stored. */
export interface Warning {
  readonly code: WarningCode;
  /** Where, such as `rules[0].conditions[2].value`. */
  readonly path: string;
  /** One sentence: what comes of it and what may be meant. */
  readonly message: string;
}
