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

/** A document is refused with at most this many faults: who sends more has sent something else than a document. */
const MAX_FAULTS = 100;

/** Collects what is wrong with a document, so that its author hears of everything at once. */
export class Faults {
  readonly list: Fault[] = [];

  add(code: FaultCode, path: string, message: string): void {
    if (this.list.length < MAX_FAULTS) this.list.push({ code, path, message });
  }
}
