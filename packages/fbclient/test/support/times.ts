import type { PollingTimes } from '../../src/sync/polling.js';
import type { StreamingTimes } from '../../src/sync/streaming-state.js';

/** The times of a stream in tests: short waits, no healing, a refusal is final. A test switches on what it is about. */
export const STREAMING_TIMES: StreamingTimes = {
  connectTimeout: 5_000,
  firstRetryDelay: 1_000,
  maxRetryDelay: 60_000,
  pingInterval: 15_000,
  resyncInterval: false,
  fullResyncInterval: false,
  refusedRetryDelay: false,
};

/** The same for polling. */
export const POLLING_TIMES: PollingTimes = {
  interval: 30_000,
  requestTimeout: 10_000,
  pollsPerFullSync: false,
  refusedRetryDelay: false,
};
