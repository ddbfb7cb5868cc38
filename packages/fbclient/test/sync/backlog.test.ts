import { expect, it } from 'vitest';
import { Backlog, MAX_BACKLOG } from '../../src/sync/backlog.js';

it('is full when as much waits as it may', () => {
  const backlog = new Backlog();
  backlog.enter(1);
  for (const length of [MAX_BACKLOG / 2, MAX_BACKLOG / 2 - 4_096]) {
    expect(backlog.full).toBe(false);
    backlog.enter(length);
  }
  expect(backlog.full).toBe(false);
  backlog.enter(MAX_BACKLOG);
  expect(backlog.full).toBe(true);
});

it('is not filled by what is being taken in, however long', () => {
  const backlog = new Backlog();
  backlog.enter(10 * MAX_BACKLOG);
  expect(backlog.full).toBe(false);
});

it('is filled by many that are short as well', () => {
  const backlog = new Backlog();
  let entered = 0;
  for (; !backlog.full; entered++) backlog.enter(0);
  expect(entered).toBeGreaterThan(10_000);
  expect(entered).toBeLessThan(100_000);
});

it('has room again when what waited was taken in', () => {
  const backlog = new Backlog();
  const leave = Array.from({ length: 3 }, () => backlog.enter(MAX_BACKLOG));
  expect(backlog.full).toBe(true);
  leave[0]?.();
  leave[1]?.();
  expect(backlog.full).toBe(true);
  leave[2]?.();
  expect(backlog.full).toBe(false);
  // Empty, as in the beginning.
  backlog.enter(MAX_BACKLOG);
  expect(backlog.full).toBe(false);
});
