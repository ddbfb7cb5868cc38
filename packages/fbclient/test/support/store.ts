import { compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';

/** A store that holds flags and segments as the wire has them. */
export function storeOf(featureFlags: readonly unknown[], segments: readonly unknown[] = []): FlagStore {
  const store = new FlagStore();
  store.commit(compileDataSyncNow({ eventType: 'full', featureFlags, segments }, 'no-match').changes);
  return store;
}
