/** The evaluation workloads that record events, and one in which nothing ever differs: the best case of a summary. */
export const BURSTS = {
  target: 'individual target, 1,000 users',
  rules: 'five rules, 1,000 users',
  rollout: 'percentage rollout, 8,000 users',
  segment: 'segment, 1,000 users',
  regex: 'regex rule, 1,000 users',
  mixed: 'mixed day, 1,000 users',
  same: 'one flag, one user',
} as const;

export type Burst = keyof typeof BURSTS;

/** What a burst takes. */
export interface BurstResult {
  /** Nanoseconds of CPU time an evaluation: evaluating, recording, encoding and sending. */
  readonly cpu: number;
  readonly bytes: number;
  readonly requests: number;
  /** The longest time between two turns of the event loop, in milliseconds. */
  readonly stall: number;
  /** Evaluations that the sink was not told of. */
  readonly lost: number;
}
