import { compileDataSyncNow } from '../../src/core.js';
import type { CompileSettings } from '../../src/flags/compile-context.js';
import { compilePattern } from '../../src/flags/re2-pattern.js';
import { FlagStore } from '../../src/flags/store.js';

/** How a client compiles unless its options say otherwise. */
export const COMPILING: CompileSettings = { missingAttribute: 'no-match', compilePattern };

/** A store that holds the flags and segments of these documents. */
export function storeOf(featureFlags: readonly unknown[], segments: readonly unknown[] = []): FlagStore {
  const store = new FlagStore();
  store.commit(compileDataSyncNow({ eventType: 'full', featureFlags, segments }, 'no-match').changes);
  return store;
}
