import { describe, expect, it } from 'vitest';
import { type Batch, EventQueue } from '../../src/events/event-queue.js';
import { identified } from '../support/events.js';

const NO_LIMIT = Number.POSITIVE_INFINITY;

const keys = ({ events }: Batch): string[] => events.map(({ user }) => user.attributes.key);

function filled(count: number, capacity = 100): EventQueue {
  const queue = new EventQueue(capacity);
  for (let number = 1; number <= count; number++) queue.add(identified(`${number}`));
  return queue;
}

describe('the queue of events', () => {
  it('gives them back in order, numbered from 1, as many as are asked for', () => {
    const queue = filled(5);
    expect([queue.first, queue.last, queue.length]).toEqual([1, 5, 5]);
    const batch = queue.take(2, NO_LIMIT);
    expect(keys(batch)).toEqual(['1', '2']);
    expect(batch.first).toBe(1);
    expect([queue.first, queue.last, queue.length]).toEqual([3, 5, 3]);
    const rest = queue.take(100, NO_LIMIT);
    expect([rest.first, keys(rest)]).toEqual([3, ['3', '4', '5']]);
    expect([queue.first, queue.last, queue.length, queue.size]).toEqual([6, 5, 0, 0]);
  });

  it('takes no more events than it is made for, until some are taken out', () => {
    const queue = filled(3, 3);
    expect(queue.add(identified('4'))).toBe('queueFull');
    expect(queue.last).toBe(3);
    queue.take(1, NO_LIMIT);
    expect(queue.add(identified('4'))).toBeUndefined();
    expect(queue.last).toBe(4);
  });

  it('takes no event of more than 256 Ki characters', () => {
    const queue = new EventQueue(100);
    expect(queue.add(identified('x', { note: 'x'.repeat(255 * 1024) }))).toBeUndefined();
    expect(queue.add(identified('x', { note: 'x'.repeat(256 * 1024) }))).toBe('tooLarge');
    expect(queue.add(identified('x'.repeat(256 * 1024)))).toBe('tooLarge');
    expect(queue.length).toBe(1);
  });

  it('takes no more than 16 Mi characters together, however many events that is', () => {
    const queue = new EventQueue(10_000);
    let taken = 0;
    while (queue.add(identified('x', { note: 'x'.repeat(200_000) })) === undefined) taken += 1;
    expect(taken).toBe(83);
    expect(queue.add(identified('small'))).toBeUndefined();
    queue.take(1, NO_LIMIT);
    expect(queue.add(identified('x', { note: 'x'.repeat(200_000) }))).toBeUndefined();
    expect(queue.size).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it('ends a batch where it would become too large; one event alone may be', () => {
    const queue = new EventQueue(100);
    for (let number = 1; number <= 6; number++) queue.add(identified(`${number}`, { note: 'x'.repeat(200_000) }));
    expect(keys(queue.take(50, 1_000_000))).toEqual(['1', '2', '3', '4']);
    expect(keys(queue.take(50, 1_000))).toEqual(['5']);
    expect(keys(queue.take(50, 1_000_000))).toEqual(['6']);
  });
});
