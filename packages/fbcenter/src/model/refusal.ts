import type { Actor } from './actor.js';
import type { Fault } from './fault.js';

/** Why a request was not carried out, for programs. */
export type RefusalCode =
  | 'invalid-request'
  | 'invalid-document'
  | 'forbidden'
  | 'environment-not-found'
  | 'not-found'
  | 'archived'
  | 'not-archived'
  | 'segment-in-use'
  | 'already-exists'
  | 'last-secret'
  | 'last-admin'
  | 'link-void'
  | 'limit-reached'
  | 'version-mismatch'
  | 'wrong-state'
  | 'not-ready'
  | 'metric-in-use'
  | 'precondition-required'
  | 'busy'
  | 'stopping';

/** How a document stands that is not as the caller believed. */
export interface CurrentVersion {
  readonly version: number;
  /** Who made it this version; `undefined` when the audit log does not know. */
  readonly changedBy: Actor | undefined;
}

/** A request that is not carried out; nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** What is wrong with the document that was sent, if that is the reason. */
  readonly faults: readonly Fault[] | undefined;
  /** What the document is like now, if that is the reason. */
  readonly current: CurrentVersion | undefined;

  /** @param message one sentence for the person who sent the request: what is wrong and what to do. */
  constructor(code: RefusalCode, message: string, faults?: readonly Fault[], current?: CurrentVersion) {
    super(message);
    this.code = code;
    this.faults = faults;
    this.current = current;
  }
}
