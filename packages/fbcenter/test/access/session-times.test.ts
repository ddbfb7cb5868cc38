import { describe, expect, it } from 'vitest';
import { isOver, SESSION_TIMES } from '../../src/access/session-times.js';

describe('a session', () => {
  const session = { id: 's', userId: 'u', agent: '', createdAt: 1_000, lastUsedAt: 5_000 };
  it.each([
    [5_000, false],
    [5_000 + SESSION_TIMES.idle - 1, false],
    [5_000 + SESSION_TIMES.idle, true],
    // A clock that is set back ends nothing.
    [0, false],
  ])('at %d is over: %s', (now, expected) => {
    expect(isOver(session, now)).toBe(expected);
  });

  it('is over at its absolute end, however lately it was used', () => {
    const used = { ...session, lastUsedAt: 1_000 + SESSION_TIMES.absolute };
    expect([isOver(used, 999 + SESSION_TIMES.absolute), isOver(used, 1_000 + SESSION_TIMES.absolute)]).toEqual([
      false,
      true,
    ]);
  });
});
