import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.js';

describe('the clock', () => {
  it('is precise within the millisecond of the wall clock', () => {
    for (let count = 0; count < 1_000; count++) {
      const before = systemClock.now();
      const precise = systemClock.precise();
      expect(precise).toBeGreaterThanOrEqual(before);
      expect(precise).toBeLessThan(systemClock.now() + 1);
    }
  });
});
