/** What a budget bounds. Durations in milliseconds. */
export interface ByteBudgetLimits {
  /** Bytes on their way at one time, all transfers together. */
  readonly maxBytes: number;
  /** A transfer of at most this many bytes never waits and is not counted. */
  readonly freeBytes: number;
  /** What the kernel may hold of one transfer, at most: no heap figure shows it, and closing the socket alone gives it back. */
  readonly peerBytes: number;
  /** A peer that takes nothing, or from which nothing comes, for this long is given up. */
  readonly patience: number;
  /** The same while others wait. */
  readonly pressedPatience: number;
  /** Bytes that may be held by transfers that wait, all together. */
  readonly heldBytes: number;
}

const MIB = 1024 * 1024;

export const BYTE_BUDGET_LIMITS: ByteBudgetLimits = {
  maxBytes: 64 * MIB,
  freeBytes: 64 * 1024,
  // The default of Linux, net.ipv4.tcp_wmem.
  peerBytes: 4 * MIB,
  patience: 30_000,
  pressedPatience: 1_000,
  heldBytes: 32 * MIB,
};
