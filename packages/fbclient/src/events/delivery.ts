import type { Log } from '../runtime/log.js';
import type { Network, Platform } from '../runtime/platform.js';
import type { DeliverySettings } from './event-delivery.js';
import type { EventQueue } from './event-queue.js';
import type { EventLedger } from './ledger.js';

/** What takes events from the queue to the server. Nothing of it throws. */
export interface Delivery {
  /** Requests that are not settled, and the events of these. */
  readonly unsettled: number;
  readonly unsettledEvents: number;
  /** A batch is full. */
  pump(): void;
  /** Everything in the queue is to be sent as soon as it can be. */
  flush(): void;
  /** From here on nothing is sent a second time. */
  lastAttempt(): void;
  /** Gives up whatever is left. */
  close(): void;
}

export interface DeliveryParts {
  readonly queue: EventQueue;
  readonly settings: DeliverySettings;
  readonly platform: Platform;
  readonly network: Network;
  readonly log: Log;
  readonly ledger: EventLedger;
}
