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
  | 'too-many';

/** One thing that is wrong with a document. */
export interface Fault {
  readonly code: FaultCode;
  /** Where, such as `rules[0].conditions[2].value`. */
  readonly path: string;
  /** One sentence: what is wrong and what is allowed. */
  readonly message: string;
}
