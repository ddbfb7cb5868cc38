/** A FeatBit evaluation server as it is in the field, for tests of SDKs. */
export { guidOf } from '../../reference/guid.js';
export { ManualClock, type ServerClock, systemClock } from './clock.js';
export {
  type FlagDocument,
  type SegmentDocument,
  segmentFlag,
  segmentOf,
  servingFlag,
} from './documents.js';
export type { Documents, Environment, Saving } from './environment.js';
export type { EventService } from './event-service.js';
export { eventId, type ReceivedEvent } from './insight-body.js';
export type { InsightRequest, Ledger, LedgerSummary } from './ledger.js';
export {
  type AnswerCosts,
  type FeatBitServerOptions,
  type InsightPace,
  type Refusal,
  SERVER_SECRET,
} from './options.js';
export type { Poll, PollingService } from './polling-service.js';
export type { PushQueue } from './push-queue.js';
export { RawClient, type RawClientOptions, type RawMessage } from './raw-client.js';
export { FeatBitServer } from './server.js';
export type { Store, StoreState } from './store.js';
export type { DataRequest, StreamingConnection } from './streaming-connection.js';
export type { ConnectionAttempt, StreamingService } from './streaming-service.js';
