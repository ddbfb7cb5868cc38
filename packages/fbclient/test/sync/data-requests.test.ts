import { describe, expect, it } from 'vitest';
import { afterPong, type DataRequest, isAnswer } from '../../src/sync/data-requests.js';
import type { Pings } from '../../src/sync/liveness.js';

const REQUEST: DataRequest = {
  number: 2,
  cursor: 5,
  why: 'healing',
  since: 0,
  changed: false,
  ping: 2,
  passed: false,
};
const pings = (answered: number, sent = 3): Pings => ({
  sent,
  answered,
  dueAt: 0,
  unheardSince: undefined,
  heardAt: 0,
  survived: 0,
});

describe('an answered ping', () => {
  const changed = { ...REQUEST, changed: true };

  it('that was sent after the request shows that the answer was among the changes', () => {
    expect(afterPong(changed, pings(2))).toBeUndefined();
    expect(afterPong(changed, pings(3))).toBeUndefined();
  });

  it('that was sent before it shows nothing', () => {
    expect(afterPong(changed, pings(1))).toBe(changed);
  });

  it('before any change shows that the server does not answer in order, or not at all: the next one may show more', () => {
    const after = afterPong(REQUEST, pings(2));
    expect(after).toEqual({ ...REQUEST, ping: 4, passed: true });
    const later = { ...REQUEST, ping: 4, passed: true, changed: true };
    expect(afterPong(later, pings(3))).toBe(later);
    expect(afterPong(later, pings(4, 4))).toBeUndefined();
  });
});

it('an answer for certain is what a server never pushes', () => {
  const taken = ['full', 'nothing-new', 'repeat', 'changes'] as const;
  expect(taken.map(isAnswer)).toEqual([true, true, true, false]);
});
