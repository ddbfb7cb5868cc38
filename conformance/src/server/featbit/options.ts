import { type ServerClock, systemClock } from './clock.js';
import type { ReceivedEvent } from './insight-body.js';

/** A secret of the platform's usual form. */
export const SERVER_SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';

/** Milliseconds of the processor's that an answer takes. */
export interface AnswerCosts {
  readonly base: number;
  readonly perDocument: number;
}

/** How fast events become rows. */
export interface InsightPace {
  /** Of all requests together. @default Infinity */
  readonly eventsPerSecond?: number;
  /** No answer comes sooner, in milliseconds. @default 0 */
  readonly latency?: number;
  /** The share of events that are lost and answered with success, as 0.001 to 0.026 are of the real server's. @default 0 */
  readonly lossShare?: number;
}

export interface FeatBitServerOptions {
  /** The environment's server secret. @default SERVER_SECRET */
  readonly secret?: string;
  /** @default the machine's */
  readonly clock?: ServerClock;
  /** Decides what is left to chance. @default 1 */
  readonly seed?: number;
  /** Of fulls, patches and polls. @default { base: 4, perDocument: 0.035 }, as 300 and 3,000 flags took a real server */
  readonly answerCosts?: AnswerCosts;
  /** Milliseconds that a handshake takes; they are made one at a time, beside the answers. @default 0 */
  readonly handshakeCost?: number;
  /** Whether a cursor, too, is answered with a full. @default false */
  readonly answersCursorsWithFulls?: boolean;
  /** The close code of a connection that is made while the store is away; 1006 up to 5.4.2, 1011 on newer servers. @default 1011 */
  readonly closesWithoutStore?: 1006 | 1011;
  readonly insights?: InsightPace;
  /** Longest body of an event request, in bytes; 413 beyond. @default 30_000_000 */
  readonly bodyLimit?: number;
  /** So many event requests in so many milliseconds, then 429 with `Retry-After`. @default no limit */
  readonly insightLimit?: { readonly requests: number; readonly perMilliseconds: number } | undefined;
  /** An event for which the whole request is refused, for a reason that no client can know. @default none */
  readonly refusesEvent?: (event: ReceivedEvent) => 400 | 500 | undefined;
  /** Whether something in front of the server compresses answers to polls. @default false */
  readonly compressesPolls?: boolean;
}

/** Options in which everything has a value. */
export type Settings = Required<FeatBitServerOptions>;

const DEFAULTS: Settings = {
  secret: SERVER_SECRET,
  clock: systemClock,
  seed: 1,
  answerCosts: { base: 4, perDocument: 0.035 },
  handshakeCost: 0,
  answersCursorsWithFulls: false,
  closesWithoutStore: 1011,
  insights: {},
  bodyLimit: 30_000_000,
  insightLimit: undefined,
  refusesEvent: () => undefined,
  compressesPolls: false,
};

export function settingsOf(options: FeatBitServerOptions): Settings {
  return { ...DEFAULTS, ...options };
}

/** An HTTP answer in the server's place: a balancer's, or a rate limit's. */
export interface Refusal {
  readonly status: number;
  /** Seconds, or a date. */
  readonly retryAfter?: string;
}
