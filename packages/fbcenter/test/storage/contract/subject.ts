import type { DocumentKind, StoredDocument } from '../../../src/model/document.js';
import type { Environment } from '../../../src/model/environment.js';
import type { Clock } from '../../../src/runtime/clock.js';
import type { InsightLimits } from '../../../src/storage/insights.js';
import type { Storage } from '../../../src/storage/storage.js';
import type { FakeClock } from '../../support/fake-clock.js';

export interface StorageUnderTest {
  readonly storage: Storage;
  /** Closes the storage and opens it again on the same data; absent when nothing outlives a storage. */
  reopen?(): Promise<Storage>;
  /**
   * Makes one step that the storage takes in its database fail, the `index`-th from now (0 is the next one).
   *
   * @returns a function that ends this and says whether the step was reached.
   */
  breakStep(index: number): () => boolean;
}

export interface StorageOptions {
  readonly clock: Clock;
  readonly insightLimits: InsightLimits;
  readonly keptVersions: number;
  readonly maxWaiting: number;
}

export const KEPT_VERSIONS = 5;
export const MAX_WAITING = 6;
export const LIMITS: InsightLimits = { evaluationEntries: 3, metricEntries: 2 };

/** A storage with one empty environment. */
interface Subject extends StorageUnderTest {
  readonly clock: FakeClock;
  readonly environment: Environment;
  /** Writes a document, in a transaction of its own. */
  write(key: string, kind?: DocumentKind, isArchived?: boolean): Promise<StoredDocument>;
}

export type SetUp = (insightLimits?: InsightLimits) => Promise<Subject>;
