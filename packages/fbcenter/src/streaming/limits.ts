/** What the streaming side bounds. Durations in milliseconds. */
export interface StreamingLimits {
  /** Connections at one time; more are answered 503, or get the place of one in the network that has the most. Each takes about seven kilobytes. */
  readonly maxConnections: number;
  /**
   * The part of them that is kept for server SDKs: what gets in with a client secret, which everybody knows, or is about to be
   * sent away, takes no more than the others.
   */
  readonly serverShare: number;
  /** Largest message taken from a server SDK, in bytes: FeatBit's four fragments of 2 KiB. A larger one closes with 1009. */
  readonly maxMessageBytes: number;
  /** The same for browsers, whose messages hold a user: a larger one gets no answer, and the connection goes on. */
  readonly maxClientMessageBytes: number;
  /** A connection is pinged this often, and ended when nothing at all came from it since the ping before. */
  readonly heartbeat: number;
  /** Bytes that may wait in this process for one slow connection before nothing more is sent to it. */
  readonly maxBufferedBytes: number;
  /** A connection that takes nothing of what was sent to it for this long is ended. */
  readonly stallTimeout: number;
  /** How long a connection may take to finish closing before it is cut; one that is refused, to take the refusal. */
  readonly closeTimeout: number;
  /**
   * How long a connection that is sent away for a while stays open before it is closed: several SDKs come back at once, hundreds of times
   * a second if they were let go at once.
   */
  readonly holdTime: number;
}

export const STREAMING_LIMITS: StreamingLimits = {
  maxConnections: 60_000,
  serverShare: 1 / 4,
  maxMessageBytes: 4 * 2_048,
  maxClientMessageBytes: 20 * 1_024,
  heartbeat: 30_000,
  maxBufferedBytes: 64 * 1024,
  stallTimeout: 30_000,
  closeTimeout: 1_000,
  holdTime: 1_000,
};
