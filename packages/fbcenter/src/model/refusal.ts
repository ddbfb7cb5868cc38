import type { Fault } from './fault.js';

/** Why a request was not carried out, for programs. */
export type RefusalCode =
  | 'invalid-request'
  | 'invalid-document'
  | 'environment-not-found'
  | 'not-found'
  | 'archived'
  | 'not-archived'
  | 'segment-in-use'
  | 'already-exists'
  | 'last-secret'
  | 'limit-reached'
  | 'version-mismatch'
  | 'wrong-state'
  | 'not-ready'
  | 'metric-in-use'
  | 'busy';

/** A request that is not carried out; nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** What is wrong with the document that was sent, if that is the reason. */
  readonly faults: readonly Fault[] | undefined;

  /** @param message one sentence for the person who sent the request: what is wrong and what to do. */
  constructor(code: RefusalCode, message: string, faults?: readonly Fault[]) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}
