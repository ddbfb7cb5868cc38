import { describe, expect, it } from 'vitest';
import { FilePlaces, roomFor } from '../../src/http/room.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';

const MIB = 1024 * 1024;
const here = (address = '10.0.0.1') => ({ address, isGone: () => false });

describe('room for an answer', () => {
  it('is given back, and the answer is not made, for a client that has gone while it waited', async () => {
    const budget = new ByteBudget({ maxBytes: MIB });
    const first = await roomFor(here(), budget, MIB, false);
    const gone = roomFor({ address: '10.0.0.1', isGone: () => true }, budget, MIB, false);
    first.end();
    await expect(gone).rejects.toMatchObject({ statusCode: 408 });
    expect(budget.taken).toBe(0);
  });
});

describe('the places of those who are sent files', () => {
  it.each<[string, number, number]>([
    ['exports of the audit log', 8 * MIB, 2],
    ['small environments', 1_000, 50],
    ['the largest environment there may be', 64 * MIB, 1],
  ])('are bounded by what is in memory for them: %s', async (_, bytes, howMany) => {
    const places = new FilePlaces(1);
    for (let count = 0; count < howMany; count++) await places.take(here(), bytes);
    if (bytes < MIB) return;
    await expect(places.take(here(), bytes)).rejects.toMatchObject({ code: 'busy' });
  });

  it('are given to who waits once somebody is done', async () => {
    const places = new FilePlaces();
    const first = await places.take(here(), 64 * MIB);
    const second = places.take(here(), 64 * MIB);
    first.end();
    (await second).end();
  });

  it('that nobody waits for any more are not kept', async () => {
    const places = new FilePlaces(1);
    const first = await places.take(here(), 64 * MIB);
    await expect(places.take(here(), 64 * MIB)).rejects.toMatchObject({ code: 'busy' });
    first.end();
    (await places.take(here(), 64 * MIB)).end();
  });

  it('are not for somebody who has gone', async () => {
    await expect(new FilePlaces().take({ address: '', isGone: () => true }, MIB)).rejects.toMatchObject({
      statusCode: 408,
    });
  });
});
