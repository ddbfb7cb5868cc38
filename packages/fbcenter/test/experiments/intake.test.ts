import { describe, expect, it, vi } from 'vitest';
import { ExperimentIntake, type IntakeParts } from '../../src/experiments/intake/intake.js';
import { Pseudonyms } from '../../src/experiments/intake/pseudonyms.js';
import { decodeInsights } from '../../src/insights/decode.js';
import type { CountedRequest } from '../../src/storage/experiments.js';
import { anIteration } from '../support/experiments.js';
import { FakeClock } from '../support/fake-clock.js';

const clock = new FakeClock();
const iteration = { ...anIteration(clock.time - 1_000), id: 1, number: 1 };
const NOBODY = { isTargeted: () => false, isInSegment: () => false };

type Take = IntakeParts['data']['take'];

async function intakeOn(take: Take, more: Partial<IntakeParts> = {}) {
  const intake = new ExperimentIntake({
    clock,
    experiments: { openIterations: async () => [{ environmentId: 'e', iteration }] },
    data: { take, pseudonymKey: async () => '00'.repeat(32) },
    ...more,
  });
  await intake.load();
  return intake;
}

/** A pace that lets no write begin until it is opened. */
function heldPace() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { pace: { next: vi.fn(() => gate), ended: vi.fn() }, open };
}

/** A request with so many exposures. */
function bodyOf(events: number, name = 'r'): unknown {
  return Array.from({ length: events }, (_, index) => ({
    user: { keyId: `${name}-${index}` },
    variations: [
      { featureFlagKey: 'checkout', variation: { id: 'on' }, timestamp: clock.time, sendToExperiment: true },
    ],
  }));
}

function deliver(intake: ExperimentIntake, body: unknown, environmentId = 'e'): Promise<void> {
  const gathering = intake.gather(environmentId, NOBODY);
  if (gathering === undefined) return Promise.resolve();
  decodeInsights(body, undefined, gathering);
  return intake.take(environmentId, gathering, JSON.stringify(body));
}

describe('the intake of experiments', () => {
  it('looks at nothing where there is no experiment, and writes nothing that is of no interest', async () => {
    const take = vi.fn<Take>(async () => {});
    const intake = await intakeOn(take);
    expect(intake.gather('other', NOBODY)).toBeUndefined();
    await deliver(intake, [
      { user: { keyId: 'u' } },
      { user: { keyId: 'u' }, metrics: [{ eventName: 'x', numericValue: 1 }] },
    ]);
    expect(take).not.toHaveBeenCalled();
    await intake.watch('e', []);
    expect(intake.gather('e', NOBODY)).toBeUndefined();
    await intake.watch('e', [iteration]);
    expect(intake.gather('e', NOBODY)).toBeDefined();
  });

  it('writes the requests of one turn of the event loop in one transaction', async () => {
    const take = vi.fn<Take>(async () => {});
    const intake = await intakeOn(take);
    await Promise.all([deliver(intake, bodyOf(2, 'a')), deliver(intake, bodyOf(3, 'b'))]);
    expect(take).toHaveBeenCalledTimes(1);
    expect(take.mock.calls[0]?.[1].map(({ events }) => events.length)).toEqual([2, 3]);
    expect(take.mock.calls[0]?.[2]).toEqual([iteration]);
  });

  it('writes what comes until the next write may begin in one transaction', async () => {
    const { pace, open } = heldPace();
    const take = vi.fn<Take>(async () => {});
    const intake = await intakeOn(take, { pace });
    const deliveries: Promise<void>[] = [];
    for (const name of ['a', 'b', 'c']) {
      deliveries.push(deliver(intake, bodyOf(1, name)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(take).not.toHaveBeenCalled();
    open();
    await Promise.all(deliveries);
    expect(take.mock.calls.map(([, requests]) => requests.length)).toEqual([3]);
    expect(pace.ended).toHaveBeenCalledTimes(1);
  });

  it('waits for nobody when a transaction is full', async () => {
    const { pace } = heldPace();
    const take = vi.fn<Take>(async () => {});
    const intake = await intakeOn(take, { pace });
    await deliver(intake, bodyOf(250));
    expect(take).toHaveBeenCalledTimes(1);
    expect(pace.next).not.toHaveBeenCalled();
  });

  it('writes a large request in parts, and others have their turns in between', async () => {
    const parts: CountedRequest[] = [];
    let turns = 0;
    const intake = await intakeOn(async (_, requests) => {
      setImmediate(() => {
        turns += 1;
      });
      expect(turns).toBe(parts.length);
      parts.push(...requests);
    });
    await deliver(intake, bodyOf(350));
    expect(parts.map(({ events }) => events.length)).toEqual([250, 100]);
    expect(new Set(parts.map(({ hash }) => hash)).size).toBe(1);
    const [first, second, third] = parts;
    expect([first?.next, second?.next, third?.next]).toEqual([
      second?.events[0]?.place,
      third?.events[0]?.place,
      undefined,
    ]);
  });

  it('knows a request by what it says, and by its environment', async () => {
    const hashes: string[] = [];
    const openIterations = async () => ['e', 'f'].map((environmentId) => ({ environmentId, iteration }));
    const take: Take = async (_, requests) => void hashes.push(...requests.map(({ hash }) => hash));
    const intake = await intakeOn(take, { experiments: { openIterations } });
    for (const body of [bodyOf(1, 'a'), bodyOf(1, 'a'), bodyOf(1, 'b')]) await deliver(intake, body);
    await deliver(intake, bodyOf(1, 'a'), 'f');
    const [a, again, b, elsewhere] = hashes;
    expect(again).toBe(a);
    expect(new Set([a, b, elsewhere]).size).toBe(3);
  });

  it('fails those whose transaction fails, and none after them', async () => {
    const failure = new Error('on purpose');
    const take = vi.fn<Take>(async () => {}).mockRejectedValueOnce(failure);
    const intake = await intakeOn(take);
    const both = await Promise.allSettled([deliver(intake, bodyOf(1, 'a')), deliver(intake, bodyOf(1, 'b'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await deliver(intake, bodyOf(1, 'c'));
  });

  it('takes no more than memory is set aside for, says so, counts it, and goes on when there is room', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const intake = await intakeOn(() => gate, { maxWaiting: 3 });
    const first = deliver(intake, bodyOf(4, 'a'));
    await expect(deliver(intake, bodyOf(1, 'b'))).rejects.toMatchObject({ code: 'busy' });
    expect(intake.refused).toBe(1);
    open();
    await first;
    await deliver(intake, bodyOf(1, 'b'));
    expect(intake.refused).toBe(1);
  });

  it('counts nothing while somebody needs it to stand still', async () => {
    const order: string[] = [];
    const intake = await intakeOn(async () => void order.push('counted'));
    let finish = () => {};
    const work = intake.exclusively(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const delivery = deliver(intake, bodyOf(1));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    order.push('stood still');
    finish();
    await Promise.all([work, delivery]);
    expect(order).toEqual(['stood still', 'counted']);
  });
});

describe('pseudonyms', () => {
  it('are whole numbers that a number holds, the same for the same user and key', () => {
    const [one, other] = [new Pseudonyms('ab'.repeat(32)), new Pseudonyms('cd'.repeat(32))];
    for (const key of ['ada', '', 'ä'.repeat(300), 'ada ']) {
      const pseudonym = one.of(key);
      expect(Number.isSafeInteger(pseudonym) && pseudonym >= 0).toBe(true);
      expect(new Pseudonyms('ab'.repeat(32)).of(key)).toBe(pseudonym);
      expect(other.of(key)).not.toBe(pseudonym);
    }
    expect(new Set(Array.from({ length: 10_000 }, (_, index) => one.of(`user-${index}`))).size).toBe(10_000);
  });
});
