import { describe, expect, it } from 'vitest';
import { LatestUsers } from '../../src/evaluation/latest-users.js';
import { aFlag } from '../support/documents.js';
import { FakeClock } from '../support/fake-clock.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { evaluation, NOTHING } from '../support/tallies.js';

const HOUR = 3_600_000;

/** A flag that was evaluated: three times off in the first hour, twice on in the third. */
async function withUse() {
  const world = await handlerWorld();
  const { ask, handlers, storage, clock, environment } = world;
  await ask(handlers.flags.put, { params: { key: 'f' }, body: aFlag() });
  await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'off', 3)] }]]));
  clock.time += 2 * HOUR;
  await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'on', 2)] }]]));
  const evaluations = (query = '', key = 'f') => ask(handlers.insights.evaluations, { params: { key }, query });
  return { ...world, world, evaluations };
}

describe('the evaluations of a flag', () => {
  it('are by the hour unless it is said otherwise, as long as they are kept', async () => {
    const { evaluations, clock } = await withUse();
    const { status, body } = await evaluations();
    expect([status, body.bucket, body.length, body.variations.length]).toEqual([200, 'hour', HOUR, 2]);
    const [off, on] = body.variations;
    expect([off.id, on.id]).toEqual(['off', 'on']);
    expect(off.counts).toHaveLength(14 * 24);
    expect([off.counts.at(-3), on.counts.at(-1)]).toEqual([3, 2]);
    expect(off.counts.reduce((a: number, b: number) => a + b)).toBe(3);
    expect(Date.parse(body.from) + 14 * 24 * HOUR).toBeGreaterThan(clock.time);
  });

  it.each([
    ['bucket=minute', 60_000, 180],
    ['bucket=hour', HOUR, 336],
    ['bucket=day', 24 * HOUR, 400],
  ])('with ?%s are in pieces of %i ms, %i of them', async (query, length, count) => {
    const { evaluations } = await withUse();
    const { body } = await evaluations(query);
    expect([body.length, body.variations[0].counts.length]).toEqual([length, count]);
  });

  it.each<[query: string, counts: Record<string, number[]>]>([
    ['from=2025-01-01T00:00:00Z', { off: [3, 0, 0], on: [0, 0, 2] }],
    ['from=2025-01-01', { off: [3, 0, 0], on: [0, 0, 2] }],
    ['from=2025-01-01T01:00:00Z', { on: [0, 2] }],
    ['from=2025-01-01&to=2025-01-01T00:30:00Z', { off: [3] }],
    ['from=2025-01-01T00:59:59Z&to=2025-01-01T01:00:00Z', { off: [3, 0] }],
    ['from=2025-01-01T01:00:00%2B01:00', { off: [3, 0, 0], on: [0, 0, 2] }],
    ['from=2025-01-01&to=2099-01-01', { off: [3, 0, 0], on: [0, 0, 2] }],
    ['from=2099-01-01', {}],
    ['to=1970-01-01', {}],
    ['from=2025-01-01T02:00:00Z&to=2025-01-01T01:00:00Z', {}],
  ])('with ?%s are %j', async (query, counts) => {
    const { evaluations } = await withUse();
    const { status, body } = await evaluations(query);
    expect(status).toBe(200);
    const got = body.variations.map(({ id, counts: own }: { id: string; counts: number[] }) => [id, own]);
    expect(Object.fromEntries(got)).toEqual(counts);
  });

  it.each<[query: string, message: string]>([
    ['bucket=week', 'bucket must be minute, hour or day.'],
    ['bucket=', 'bucket must be minute, hour or day.'],
    ['bucket=Hour', 'bucket must be minute, hour or day.'],
    ['from=yesterday', 'from must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['from=2025-02-30', 'from must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['to=2025-01-01T12:00', 'to must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['to=1735689600000', 'to must be a day or a time such as 2026-11-28T09:30:00Z.'],
  ])('with ?%s are none', async (query, message) => {
    const { evaluations } = await withUse();
    expect(await evaluations(query)).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
  });

  it.each(['nope', '', 'F', '__proto__'])('of a flag that there is not, %j, are not there', async (key) => {
    const { evaluations } = await withUse();
    expect(await evaluations('', key)).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'There is no such flag.' },
    });
  });
});

describe('what has arrived', () => {
  it('is by flag and variation, with what was refused and what was too much', async () => {
    const { ask, handlers, storage, environment, clock } = await withUse();
    const metrics = [{ eventName: 'purchase', count: 2, sum: 7, min: 3, max: 4 }];
    await storage.insights.record(
      new Map([[environment.id, { ...NOTHING, metrics, identifications: 5, rejected: 1 }]]),
    );
    const { body } = await ask(handlers.insights.get);
    expect(body.flags).toEqual([
      {
        key: 'f',
        count: 5,
        variations: [
          { id: 'off', count: 3, experimentCount: 0, lastAt: new Date(clock.time - 2 * HOUR).toISOString() },
          { id: 'on', count: 2, experimentCount: 0, lastAt: new Date(clock.time).toISOString() },
        ],
      },
    ]);
    expect(body.metrics).toEqual([{ ...metrics[0], lastAt: new Date(clock.time).toISOString() }]);
    expect([body.identifications, body.rejected, body.overflow]).toEqual([5, 1, { evaluations: 0, metrics: 0 }]);
  });

  it('begins anew with nothing, which is written down', async () => {
    const { ask, handlers, storage } = await withUse();
    const reset = await ask(handlers.insights.reset, { headers: { 'x-change-comment': 'after the test' } });
    expect(reset.status).toBe(204);
    expect((await ask(handlers.insights.get)).body).toMatchObject({ flags: [], metrics: [], identifications: 0 });
    expect((await ask(handlers.insights.usage)).body).toEqual({ items: [], unknown: [] });
    const [entry] = await storage.audit.list({ action: 'reset', limit: 1 });
    expect(entry).toMatchObject({
      subject: { kind: 'insights', key: 'dev', environment: 'dev' },
      comment: 'after the test',
    });
  });

  it('is forgotten of the users seen lately too', async () => {
    const latestUsers = new LatestUsers(new FakeClock());
    const world = await handlerWorld({ latestUsers });
    latestUsers.note(world.environment.id, [{ user: { keyId: 'ada', name: 'Ada', customizedProperties: [] } }]);
    const items = async ({ ask, handlers }: HandlerWorld) => (await ask(handlers.explain.latestUsers)).body;
    expect(await items(world)).toMatchObject({ remembered: true, items: [{ user: { key: 'ada' } }] });
    await world.ask(world.handlers.insights.reset);
    expect(await items(world)).toEqual({ remembered: true, items: [] });
    expect(await items(await handlerWorld())).toEqual({ remembered: false, items: [] });
  });
});

describe('how flags are used', () => {
  it('is by flag, with the hours of the last day', async () => {
    const { ask, handlers, clock } = await withUse();
    const { body } = await ask(handlers.insights.usage);
    expect(body.items).toEqual([
      {
        key: 'f',
        count: 5,
        lastAt: new Date(clock.time).toISOString(),
        hours: [...Array<number>(21).fill(0), 3, 0, 2],
      },
    ]);
  });
});
