import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../src/runtime/fair-queue.js';
import { check } from '../support/property.js';

/** Adds waiters whose names are `network` and the number in which they came, then takes all of them out. */
function orderOf(networks: readonly string[]): readonly string[] {
  const queue = new FairQueue();
  const order: string[] = [];
  const counts = new Map<string, number>();
  for (const network of networks) {
    const number = (counts.get(network) ?? 0) + 1;
    counts.set(network, number);
    queue.add(network, { bytes: 1, start: () => void order.push(`${network}${number}`) });
  }
  for (let next = queue.next; next !== undefined; next = queue.next) {
    queue.shift();
    next.start();
  }
  return order;
}

describe('those who wait', () => {
  it.each<[string, string, string]>([
    ['in one network come by turns, the newest first', 'aaaa', 'a4 a1 a3 a2'],
    ['alone come at once', 'a', 'a1'],
    ['in two networks come by turns of the networks', 'aabb', 'a2 b2 a1 b1'],
    ['in a crowd hold up nobody elsewhere', 'aaaaab', 'a5 b1 a1 a4 a2 a3'],
    ['in many networks come in the order in which the networks came', 'abcabc', 'a2 b2 c2 a1 b1 c1'],
  ])('%s', (_, networks, order) => {
    expect(orderOf([...networks]).join(' ')).toBe(order);
  });

  it('are nobody at first, and nobody when all have come', () => {
    const queue = new FairQueue();
    expect([queue.isEmpty, queue.next]).toEqual([true, undefined]);
    queue.shift();
    const waiter = { bytes: 5, start: () => {} };
    queue.add('a', waiter);
    expect([queue.isEmpty, queue.next]).toEqual([false, waiter]);
    queue.shift();
    expect([queue.isEmpty, queue.next]).toEqual([true, undefined]);
  });

  it('are asked as often as one likes: only shift takes one out', () => {
    const queue = new FairQueue();
    const waiter = { bytes: 5, start: () => {} };
    queue.add('a', waiter);
    queue.add('b', { bytes: 6, start: () => {} });
    expect([queue.next, queue.next, queue.next]).toEqual([waiter, waiter, waiter]);
  });

  it('come each once, and no network waits for more than one of each other', () => {
    const arrivals = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
    return check(
      fc.property(arrivals, (networks) => {
        const order = orderOf(networks);
        const names = networks.map(
          (network, index) => `${network}${networks.slice(0, index + 1).filter((one) => one === network).length}`,
        );
        expect(order.toSorted()).toEqual(names.toSorted());
        // Between two of one network there is at most one of each other network.
        for (const network of new Set(networks)) {
          const places = order.flatMap((name, index) => (name.startsWith(network) ? [index] : []));
          for (const [index, place] of places.slice(1).entries()) {
            const between = order.slice((places[index] ?? 0) + 1, place).map((name) => name[0]);
            expect(new Set(between).size).toBe(between.length);
          }
        }
      }),
      200,
    );
  });

  it('in one network are served from both ends, so that neither the first nor the last waits for ever', () => {
    return check(
      fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
        const order = orderOf(Array<string>(count).fill('a')).map((name) => Number(name.slice(1)));
        const expected: number[] = [];
        for (let [low, high] = [1, count]; low <= high; ) {
          expected.push(high--);
          if (low <= high) expected.push(low++);
        }
        expect(order).toEqual(expected);
      }),
      60,
    );
  });
});
