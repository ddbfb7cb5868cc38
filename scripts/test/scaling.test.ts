import { describe, expect, it } from 'vitest';
import { Heap } from '../scaling/heap.js';
import { delay, type Outage, simulateOutage } from '../scaling/outage.js';
import { changeCosts, type Plan, relayLoad } from '../scaling/plan.js';
import { COSTS, planOf, tablesOf } from '../scaling/tables.js';
import { replaceBlock } from '../simulation/page.js';
import { Random } from '../simulation/random.js';

const FLEET = { sdks: 10_000, environments: 10, relays: 2, seed: 1, costs: COSTS };
const plan: Plan = planOf(FLEET);
const outage: Outage = { region: 'Europe', failover: 0, isKnown: true, patience: 10_000 };
const simulated = (given: Partial<Outage>, of = plan) => simulateOutage(of, { ...outage, ...given }, new Random(1, 0));

describe('a queue', () => {
  it.each([
    [[]],
    [[1]],
    [[3, 1, 2]],
    [[5, 5, 1, 9, 0, 5, 2]],
    [Array.from({ length: 500 }, (_, index) => (index * 7_919) % 503)],
  ])('gives %j back in order', (numbers) => {
    const heap = new Heap<number>((one, other) => one - other);
    for (const number of numbers) heap.push(number);
    const popped = [];
    for (let next = heap.pop(); next !== undefined; next = heap.pop()) popped.push(next);
    expect(popped).toEqual([...numbers].sort((a, b) => a - b));
  });
});

describe('a change', () => {
  it('is pushed to the SDKs of its environment, once by each relay, and comes later where the way is longer', () => {
    const costs = changeCosts(plan);
    expect(costs.map(({ region, sdks, ofRelay }) => [region, sdks, ofRelay])).toEqual([
      ['Europe', 500, 250],
      ['America', 300, 150],
      ['Asia', 200, 100],
    ]);
    expect(costs[0]?.cpu).toBeCloseTo((500 * COSTS.push) / 1_000);
    const times = costs.map(({ milliseconds }) => milliseconds);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(COSTS.commit + COSTS.hint);
  });

  it.each([
    [1, 5_000],
    [2, 2_500],
    [10, 500],
  ])('finds with %i relays in a region %i connections at each', (relays, connections) => {
    const [region] = planOf({ ...FLEET, relays }).regions;
    if (region === undefined) throw new Error('no region');
    expect(relayLoad(plan, region).connections).toBe(connections);
  });
});

describe('the wait before an attempt', () => {
  it.each([
    [0, 1_500],
    [1, 3_000],
    [5, 48_000],
    [6, 60_000],
    [1_000, 60_000],
  ])('after %i failures is below %i ms', (failures, most) => {
    expect(delay(failures, plan.retry, 1)).toBe(most);
    expect(delay(failures, plan.retry, 0)).toBe(0);
  });
});

describe('the outage of a region', () => {
  it('ends for everybody, within the first wait where they are led elsewhere at once', () => {
    const { sdks, half, most, last, failures, connections } = simulated({});
    expect([sdks, failures, connections]).toEqual([5_000, 0, 2_500]);
    expect(half).toBeLessThan(most);
    expect(most).toBeLessThan(last);
    expect(last).toBeLessThan(1_500 + 100);
  });

  it('ends no sooner than they are led elsewhere, and within the longest wait after that', () => {
    const { half, last, failures } = simulated({ failover: 30_000 });
    expect(half).toBeGreaterThan(30_000);
    expect(last).toBeLessThan(30_000 + 60_000 + 100);
    expect(failures).toBeGreaterThan(3);
  });

  it('is harder for relays that must give everything', () => {
    const [known, unknown] = [simulated({}), simulated({ isKnown: false })];
    expect(unknown.bytes).toBeGreaterThan(10 * known.bytes);
    expect(unknown.queue).toBeGreaterThan(known.queue);
  });

  it('does not end before a relay has let everybody in, however many come at once', () => {
    const slow = { ...plan, costs: { ...COSTS, admit: 10_000 } };
    const { last, queue, busiest, failures } = simulated({ patience: 2_000 }, slow);
    // 5,000 by four relays, 100 a second each.
    expect(last).toBeGreaterThan(12_500);
    expect(queue).toBeLessThanOrEqual(2_000);
    expect(busiest).toBeGreaterThan(0.9);
    expect(failures).toBeGreaterThan(0);
  });

  it('is the same for the same seed', () => {
    expect(simulated({ failover: 5_000 })).toEqual(simulated({ failover: 5_000 }));
  });

  it('needs another region', () => {
    expect(() => simulated({ region: 'Nowhere' })).toThrow('Nowhere');
  });
});

describe('the tables', () => {
  it('have a row for each region and way to fail', () => {
    expect(tablesOf(FLEET).map(({ rows }) => rows.length)).toEqual([3, 3, 4]);
    for (const { head, rows } of tablesOf(FLEET)) for (const row of rows) expect(row).toHaveLength(head.length);
  });

  it('go between the marks of their command', () => {
    const page = 'a\n<!-- scaling:simulate -->\nold\n<!-- /scaling:simulate -->\nb';
    expect(replaceBlock(page, 'new', 'scaling:simulate')).toBe(page.replace('old', 'new'));
    expect(() => replaceBlock(page, 'new')).toThrow('experiments:simulate');
  });
});
