import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rounds } from '../../../src/storage/postgres/rounds.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function theRounds() {
  const state = { isAway: false, news: false as boolean | 'fails', looks: 0, found: 0, answer: Promise.resolve() };
  const rounds = new Rounds({
    isAway: () => state.isAway,
    look: async () => {
      state.looks += 1;
      await state.answer;
      if (state.news === 'fails') throw new Error('it is away');
      return state.news;
    },
    found: () => {
      state.found += 1;
    },
  });
  rounds.begin();
  return { state, rounds };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('the rounds of a follower', () => {
  it('are made every two seconds, and say when they have found something', async () => {
    const { state } = theRounds();
    await pass(1_999);
    expect(state.looks).toBe(0);
    await pass(1);
    expect([state.looks, state.found]).toEqual([1, 0]);
    state.news = true;
    await pass(2_000);
    expect([state.looks, state.found]).toEqual([2, 1]);
  });

  it('are made four times a second from the moment in which the database is away', async () => {
    const { state } = theRounds();
    await pass(500);
    state.isAway = true;
    state.news = 'fails';
    await pass(250);
    expect(state.looks).toBe(1);
    await pass(1_000);
    expect([state.looks, state.found]).toEqual([5, 0]);
    // It is back, which the next one finds.
    [state.isAway, state.news] = [false, false];
    await pass(250);
    expect(state.looks).toBe(6);
    await pass(1_999);
    expect(state.looks).toBe(6);
    await pass(1);
    expect(state.looks).toBe(7);
  });

  it('are made one after the other, however long one takes', async () => {
    const { state } = theRounds();
    state.isAway = true;
    let answer: () => void = () => {};
    state.answer = new Promise((resolve) => {
      answer = resolve;
    });
    await pass(10_000);
    expect(state.looks).toBe(1);
    answer();
    await pass(250);
    expect(state.looks).toBe(2);
  });

  it('end when they are stopped, also in the middle of one, which then has found nothing', async () => {
    const { state, rounds } = theRounds();
    state.news = true;
    let answer: () => void = () => {};
    state.answer = new Promise((resolve) => {
      answer = resolve;
    });
    await pass(2_000);
    rounds.stop();
    answer();
    await pass(10_000);
    expect([state.looks, state.found, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });
});
