import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { Bytes } from '../../src/runtime/bytes.js';
import type { Transfer } from '../../src/runtime/transfer.js';
import { check } from '../support/property.js';

/** Free up to 10 bytes; a peer's kernel holds 30 at most. */
const LIMITS = { maxBytes: 100, freeBytes: 10, peerBytes: 30, patience: 30_000, pressedPatience: 1_000 };
const nobody = () => {};

/** Asks for room by name, and remembers the order in which it was given. */
function asking(budget: ByteBudget) {
  const started: string[] = [];
  const transfers = new Map<string, Transfer>();
  const ask = (name: string, bytes: number, network?: string) =>
    budget.take(bytes, network).then((transfer) => {
      started.push(name);
      transfers.set(name, transfer);
    });
  return { started, ask, end: (name: string) => transfers.get(name)?.end() };
}

describe('a byte budget', () => {
  it('counts bytes once however many carry them, and what the kernel may hold for each of them', async () => {
    const budget = new ByteBudget(LIMITS);
    const shared = Buffer.alloc(20);
    const transfers = await Promise.all([budget.take(20), budget.take(20), budget.take(20)]);
    for (const transfer of transfers) await transfer.carry(Bytes.of(shared), nobody);
    expect(budget.taken).toBe(20 + 3 * 20);
    transfers[0]?.end();
    expect(budget.taken).toBe(20 + 2 * 20);
    for (const transfer of transfers) transfer.end();
    expect(budget.taken).toBe(0);
  });

  it('holds so much for those who wait with what they have, each part once, and sends the others away', async () => {
    const budget = new ByteBudget({ ...LIMITS, heldBytes: 60 });
    const before = await budget.take(60);
    const [large, common] = [Bytes.of(Buffer.alloc(90)), Bytes.of(Buffer.alloc(50))];
    const waiting = [budget.takeFor(common), budget.takeFor(common)];
    expect(await budget.takeFor(large)).toBeUndefined();
    expect(await budget.takeFor(Bytes.of(Buffer.alloc(11)))).toBeUndefined();
    expect(await budget.takeFor(Bytes.of(Buffer.alloc(10)))).toBeDefined();
    before.end();
    await Promise.all(waiting.map((one) => one.then((transfer) => transfer?.end())));
    expect(budget.taken).toBe(0);
    // One goes, however large it is.
    const alone = await budget.takeFor(large);
    expect(budget.taken).toBe(90 + 30);
    alone?.end();
  });

  it('counts what two messages have in common once, and what one alone has as long as it is carried', async () => {
    const budget = new ByteBudget(LIMITS);
    const [common, older, newer] = [Buffer.alloc(20), Buffer.alloc(5), Buffer.alloc(7)];
    const [first, second] = await Promise.all([budget.take(25), budget.take(27)]);
    await first?.carry(new Bytes([common, older]), nobody);
    await second?.carry(new Bytes([common, newer]), nobody);
    expect(budget.taken).toBe(20 + 5 + 7 + 25 + 27);
    first?.end();
    expect(budget.taken).toBe(20 + 7 + 27);
    second?.end();
    expect(budget.taken).toBe(0);
  });

  it.each<[string, number, number, number]>([
    ['at most the bytes that are free', 10, 10, 0],
    ['less than the kernel may hold', 25, 25, 50],
    ['more than the kernel may hold', 60, 60, 90],
    ['more than was expected', 0, 25, 50],
    ['less than was expected', 60, 25, 50],
    ['next to nothing where much was expected', 60, 5, 0],
  ])('counts for a transfer of %s: expected %i, carried %i, counted %i', async (_, expected, carried, counted) => {
    const budget = new ByteBudget(LIMITS);
    const transfer = await budget.take(expected);
    await transfer.carry(Bytes.of(Buffer.alloc(carried)), nobody);
    expect(budget.taken).toBe(counted);
    transfer.end();
    transfer.end();
    expect(budget.taken).toBe(0);
  });

  it.each<[string, number, number, number, number]>([
    ['as many as were expected', 20, 40, 20, 40],
    ['fewer', 60, 90, 25, 50],
    ['more', 20, 40, 60, 90],
    ['so few that they are free', 60, 90, 5, 0],
    ['next to nothing', 10, 0, 10, 0],
  ])('counts bytes that nobody shares from the start: %s', async (_, expected, before, carried, after) => {
    const budget = new ByteBudget(LIMITS);
    const transfer = await budget.take(expected, '', false);
    expect(budget.taken).toBe(before);
    await transfer.carry(Bytes.of(Buffer.alloc(carried)), nobody);
    expect(budget.taken).toBe(after);
    transfer.end();
    expect(budget.taken).toBe(0);
    const abandoned = await budget.take(expected, '', false);
    abandoned.end();
    await abandoned.carry(Bytes.of(Buffer.alloc(carried)), nobody);
    expect(budget.taken).toBe(0);
  });

  it('lets small transfers pass whatever is on its way', async () => {
    const budget = new ByteBudget(LIMITS);
    const large = await budget.take(60);
    await large.carry(Bytes.of(Buffer.alloc(100)), nobody);
    await expect(budget.take(10)).resolves.toBeDefined();
  });

  it('gives room by turns to who came last and who came first', async () => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 30 });
    const { started, ask, end } = asking(budget);
    const first = budget.take(30);
    for (const name of ['a', 'b', 'c', 'd']) void ask(name, 30);
    (await first).end();
    for (let turn = 0; turn < 4; turn++) {
      await setImmediate();
      end(started.at(-1) ?? '');
    }
    expect(started.length).toBe(4);
    expect([started.indexOf('a') < 3, started.indexOf('d') < 3]).toEqual([true, true]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    // Each is named after its network; the first place is taken, and every other one waits.
    ['a crowd holds nobody up elsewhere', ['a1', 'a2', 'a3', 'a4', 'b1'], ['a4', 'b1', 'a1', 'a3', 'a2']],
    ['who asks once more waits for the others', ['a1', 'b1', 'c1', 'a2'], ['a2', 'b1', 'c1', 'a1']],
    ['one network is as it was', ['a1', 'a2', 'a3'], ['a3', 'a1', 'a2']],
  ])('goes round among networks: %s', async (_, asked, served) => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 30 });
    const { started, ask, end } = asking(budget);
    const first = budget.take(30, 'x');
    for (const name of asked) void ask(name, 30, name[0]);
    (await first).end();
    for (let turn = 0; turn < asked.length; turn++) {
      await setImmediate();
      end(started.at(-1) ?? '');
    }
    expect(started).toEqual(served);
    expect(budget.taken).toBe(0);
  });

  it('lets one that is larger than the whole budget go when nothing else is on its way', async () => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 20 });
    const first = await budget.take(30);
    const { started, ask } = asking(budget);
    void ask('other', 30);
    await setImmediate();
    expect(started).toEqual([]);
    first.end();
    await setImmediate();
    expect(started).toEqual(['other']);
  });
});

describe('a peer that takes nothing', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each<[string, boolean, number]>([
    ['after 30 s', false, 30_000],
    ['after a second while another waits', true, 1_000],
  ])('is given up %s, and its room with it', async (_, isAnotherWaiting, patience) => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 60 });
    const giveUp = vi.fn();
    const transfer = await budget.take(30);
    await transfer.carry(Bytes.of(Buffer.alloc(30)), giveUp);
    if (isAnotherWaiting) void budget.take(30);
    vi.advanceTimersByTime(patience - 300);
    expect(giveUp).not.toHaveBeenCalled();
    transfer.moved();
    vi.advanceTimersByTime(patience - 300);
    expect(giveUp).not.toHaveBeenCalled();
    vi.advanceTimersByTime(600);
    expect(giveUp).toHaveBeenCalledOnce();
    await Promise.resolve();
    expect(budget.taken).toBe(isAnotherWaiting ? 30 : 0);
  });

  it.each([30_000, 60_000])('is not given up because this process stood still for %i ms', async (standstill) => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 60 });
    const giveUp = vi.fn();
    const transfer = await budget.take(30);
    await transfer.carry(Bytes.of(Buffer.alloc(30)), giveUp);
    void budget.take(60);
    // The clock has gone on, and the timer is late: it comes once.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + standstill);
    vi.advanceTimersToNextTimer();
    expect(giveUp).not.toHaveBeenCalled();
    transfer.moved();
    vi.advanceTimersToNextTimer();
    expect(giveUp).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(giveUp).toHaveBeenCalledOnce();
  });

  it.each<[string, number, number, number]>([
    ['is kept as long as it goes on', 1, 30_000, 0],
    ['is given up when it ends', 0, 1_500, 1],
  ])('of which nobody reports progress %s', async (_, step, time, times) => {
    const budget = new ByteBudget({ ...LIMITS, maxBytes: 30 });
    const giveUp = vi.fn();
    const transfer = await budget.take(30);
    let progress = 0;
    transfer.expect(() => {
      progress += step;
      return progress;
    }, giveUp);
    void budget.take(30);
    vi.advanceTimersByTime(time);
    expect(giveUp).toHaveBeenCalledTimes(times);
  });

  it('is not looked for when nothing is on its way', async () => {
    const budget = new ByteBudget(LIMITS);
    const transfer = await budget.take(30);
    expect(vi.getTimerCount()).toBe(1);
    transfer.end();
    vi.advanceTimersByTime(250);
    expect(vi.getTimerCount()).toBe(0);
    const again = await budget.take(30);
    expect(vi.getTimerCount()).toBe(1);
    again.end();
  });
});

describe('a byte budget with any requests', () => {
  it('is never exceeded but by one that is too large by itself, starves nobody, and is empty at the end', async () => {
    const request = fc.record({
      bytes: fc.integer({ min: 0, max: 150 }),
      endsAfter: fc.nat(5),
      network: fc.constantFrom('a', 'b', 'c'),
    });
    await check(
      fc.asyncProperty(fc.array(request, { maxLength: 20 }), async (requests) => {
        const budget = new ByteBudget({ ...LIMITS, peerBytes: 150 });
        let started = 0;
        let underWay: Transfer[] = [];
        for (const { bytes, endsAfter, network } of requests) {
          void budget.take(bytes, network).then((transfer) => {
            started += 1;
            underWay.push(transfer);
          });
          await setImmediate();
          expect(budget.taken <= 100 || budget.taken <= 150).toBe(true);
          for (const transfer of underWay.slice(0, endsAfter)) transfer.end();
          underWay = underWay.slice(endsAfter);
        }
        for (let turn = 0; started < requests.length; turn++) {
          expect(turn, 'somebody waits for ever').toBeLessThan(requests.length + 1);
          for (const transfer of underWay) transfer.end();
          underWay = [];
          await setImmediate();
        }
        for (const transfer of underWay) transfer.end();
        expect(budget.taken).toBe(0);
      }),
      100,
    );
  });
});
