/** Stops a timer that has not fired yet; harmless otherwise. */
export type Cancel = () => void;

/** Time, as the SDK sees it. */
export interface Clock {
  /** The wall clock, in Unix milliseconds. */
  now(): number;
  /** A clock that never steps back, in milliseconds from an arbitrary start; for durations. */
  elapsed(): number;
  /** Calls back after a delay, without keeping the process alive for it: for the SDK's own periodic work. */
  background(milliseconds: number, callback: () => void): Cancel;
  /** Calls back after a delay and keeps the process alive until then: for what a caller awaits. */
  awaited(milliseconds: number, callback: () => void): Cancel;
  /** Calls back in a later turn of the event loop, after input that is waiting has had its chance. */
  nextTurn(callback: () => void): void;
}

/** The longest delay that JavaScript's timers can take, in milliseconds (about 24.8 days). */
export const TIMER_MAX = 2_147_483_647;
