import type { DocumentKind } from './model/document.js';

/** A flag or segment that was changed. The change is durable and is on its way to the SDKs. */
export interface CommitEvent {
  /** The environment's key. */
  readonly environment: string;
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** The version that it was given, in Unix milliseconds; may be ahead of the clock, see {@link committedAt}. */
  readonly version: number;
  /** When it was committed, by this machine's clock, in Unix milliseconds with a fraction. */
  readonly committedAt: number;
}

/** Insights that have arrived and are kept. */
export interface InsightsEvent {
  /** The environment's key. */
  readonly environment: string;
  readonly evaluations: number;
  readonly metrics: number;
  readonly identifications: number;
  /** Items that could not be understood. */
  readonly rejected: number;
}
