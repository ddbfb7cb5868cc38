/** What can be wrong with a part of a document. */
export type FaultCode =
  | 'missing'
  | 'wrong_type'
  | 'blank'
  | 'invalid_key'
  | 'key_mismatch'
  | 'duplicate_id'
  | 'unknown_variation'
  | 'invalid_value'
  | 'rollout_out_of_range'
  | 'rollout_gap'
  | 'rollout_overlap'
  | 'unknown_operator'
  | 'invalid_number'
  | 'invalid_pattern'
  | 'invalid_list'
  | 'unknown_segment'
  | 'archived_segment'
  | 'segment_in_segment';

/** One thing that is wrong with a document. */
export interface Fault {
  readonly code: FaultCode;
  /** Where, such as `rules[0].conditions[2].value`. */
  readonly path: string;
  /** One sentence: what is wrong and what is allowed. */
  readonly message: string;
}
