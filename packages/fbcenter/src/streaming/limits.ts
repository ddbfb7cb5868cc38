/** What the streaming side bounds. Durations in milliseconds. */
export interface StreamingLimits {
  /** Connections at one time; more are answered 503. */
  readonly maxConnections: number;
  /** Largest message taken from a client, in bytes: FeatBit's four fragments of 2 KiB. A larger one closes with 1009. */
  readonly maxMessageBytes: number;
  /** A connection is pinged this often, and ended when nothing at all came from it since the ping before. */
  readonly heartbeat: number;
  /** Bytes that may wait in this process for one slow connection before nothing more is sent to it. */
  readonly maxBufferedBytes: number;
  /** How long a connection may take to receive what was sent to it, plus a second for each {@link minBytesPerSecond}. */
  readonly stallTimeout: number;
  readonly minBytesPerSecond: number;
  /** Bytes of sync answers on their way at one time, all connections together; further answers wait their turn. */
  readonly maxAnswerBytes: number;
  /** How long a connection may take to finish closing before it is cut. */
  readonly closeTimeout: number;
}

export const STREAMING_LIMITS: StreamingLimits = {
  maxConnections: 20_000,
  maxMessageBytes: 4 * 2_048,
  heartbeat: 30_000,
  maxBufferedBytes: 64 * 1024,
  stallTimeout: 30_000,
  minBytesPerSecond: 64 * 1024,
  maxAnswerBytes: 64 * 1024 * 1024,
  closeTimeout: 1_000,
};
