import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Late, PATIENCE, Watch } from '../../../src/storage/postgres/patience.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});
const LATE = expect.objectContaining({ name: 'Late', message: 'no answer in time' });

/** How a promise stands, when everything that is due has happened. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waiting';
  promise.then(
    (value) => {
      state = value;
    },
    (error) => {
      state = error;
    },
  );
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return state;
}

describe('a watch', () => {
  it('waits for as long as its patience, and a turn longer', async () => {
    const watch = new Watch(100);
    const late = watch.orLate(never);
    watch.start();
    vi.advanceTimersByTime(99);
    expect(await stateOf(late)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(2);
    expect(await stateOf(late)).toEqual(LATE);
    expect(await stateOf(late)).toBeInstanceOf(Late);
  });

  it('does not run before it is started, nor after it is stopped', async () => {
    const watch = new Watch(100);
    const late = watch.orLate(never);
    await vi.advanceTimersByTimeAsync(1_000);
    watch.start();
    await vi.advanceTimersByTimeAsync(99);
    watch.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await stateOf(late)).toBe('waiting');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins anew when it is started again', async () => {
    const watch = new Watch(100);
    const late = watch.orLate(never);
    watch.start();
    await vi.advanceTimersByTimeAsync(60);
    watch.stop();
    watch.start();
    await vi.advanceTimersByTimeAsync(60);
    expect(await stateOf(late)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(41);
    expect(await stateOf(late)).toEqual(LATE);
  });

  it('takes an answer that was there before it looked: a stall of this process is not one of the database', async () => {
    const watch = new Watch(100);
    let answer: (value: string) => void = () => {};
    const answered = watch.orLate(new Promise<string>((resolve) => (answer = resolve)));
    watch.start();
    // The timer is due, and the answer is read in the turn before the time counts as over.
    vi.advanceTimersToNextTimer();
    answer('in time');
    watch.stop();
    await vi.advanceTimersByTimeAsync(10);
    expect(await stateOf(answered)).toBe('in time');
  });

  it('gives answers and failures as they are', async () => {
    const watch = new Watch(100);
    expect(await stateOf(watch.orLate(Promise.resolve(5)))).toBe(5);
    const failure = new Error('refused');
    expect(await stateOf(watch.orLate(Promise.reject(failure)))).toBe(failure);
  });

  it('is late for everything that comes after its time, too', async () => {
    const watch = new Watch(10);
    watch.start();
    await vi.advanceTimersByTimeAsync(20);
    expect(await stateOf(watch.orLate(never))).toEqual(LATE);
  });
});

describe('the patience', () => {
  it('lets the database look to it first, and answers within two seconds', () => {
    const { lock, statement, answer } = PATIENCE;
    expect(lock).toBeLessThan(statement);
    expect(statement).toBeLessThan(answer);
    expect(answer).toBeLessThan(2_000);
  });
});
