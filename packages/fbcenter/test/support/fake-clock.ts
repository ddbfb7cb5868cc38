import type { Clock } from '../../src/runtime/clock.js';

/** A clock that stands still until it is set. */
export class FakeClock implements Clock {
  time: number;

  constructor(time = Date.UTC(2025, 0, 1)) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  precise(): number {
    return this.time + 0.5;
  }
}
