import { describe, expect, it } from 'vitest';
import { aFlag } from '../support/documents.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { NOTHING } from '../support/tallies.js';

const put = (world: HandlerWorld, key: string, body: unknown) =>
  world.ask(world.handlers.metrics.put, { params: { key }, body });
const remove = (world: HandlerWorld, key: string) => world.ask(world.handlers.metrics.delete, { params: { key } });
const list = async (world: HandlerWorld) => (await world.ask(world.handlers.metrics.list)).body;

const CONVERSION = { type: 'conversion', event: 'purchase' };

describe('a metric', () => {
  it.each<[given: object, kept: object]>([
    [
      CONVERSION,
      {
        name: 'm',
        event: 'purchase',
        aggregation: null,
        denominator: null,
        lowerIsBetter: false,
        cap: null,
        windowHours: null,
        delayDays: null,
      },
    ],
    [{ type: 'count' }, { event: 'm', aggregation: null }],
    [
      { type: 'sum', event: 'revenue', cap: 100, windowHours: 24 },
      { cap: 100, windowHours: 24 },
    ],
    [
      { type: 'ratio', event: 'revenue', denominator: { event: 'visit' } },
      { aggregation: 'sum', denominator: { event: 'visit', aggregation: 'count' } },
    ],
    [
      { type: 'ratio', event: 'a', aggregation: 'count', denominator: { event: 'b', aggregation: 'sum' } },
      { aggregation: 'count', denominator: { event: 'b', aggregation: 'sum' } },
    ],
    [{ type: 'retention', event: 'visit' }, { delayDays: 1 }],
    [{ type: 'retention', event: 'visit', delayDays: 7 }, { delayDays: 7 }],
    [
      { ...CONVERSION, aggregation: 'sum', delayDays: 3 },
      { aggregation: null, delayDays: null },
    ],
    [
      { ...CONVERSION, name: 'Purchases', lowerIsBetter: true },
      { name: 'Purchases', lowerIsBetter: true },
    ],
    [
      { ...CONVERSION, name: null, cap: null, windowHours: null },
      { name: 'm', cap: null, windowHours: null },
    ],
  ])('of %j is %j', async (given, kept) => {
    const world = await handlerWorld();
    expect(await put(world, 'm', given)).toMatchObject({ status: 201, body: { key: 'm', ...given, ...kept } });
    expect((await list(world)).items).toHaveLength(1);
  });

  it.each<[given: unknown, faults: [path: string, message: string][]]>([
    [undefined, [['', 'Expected an object, got nothing.']]],
    [[], [['', 'Expected an object, got an array.']]],
    [{}, [['type', 'Required: a string.']]],
    [{ ...CONVERSION, type: 'mean' }, [['type', 'Expected one of conversion, count, sum, ratio, retention.']]],
    [{ ...CONVERSION, event: '' }, [['event', 'Must not be blank.']]],
    [
      { ...CONVERSION, event: 'x'.repeat(257) },
      [['event', "An event's name has up to 256 characters and no control characters."]],
    ],
    [
      { ...CONVERSION, event: 'a\nb' },
      [['event', "An event's name has up to 256 characters and no control characters."]],
    ],
    [{ ...CONVERSION, name: ' ' }, [['name', 'Must not be blank.']]],
    [{ ...CONVERSION, cap: 5 }, [['cap', 'A conversion is 0 or 1: leave the cap out.']]],
    [{ ...CONVERSION, windowHours: 0 }, [['windowHours', 'Must be above 0, and at most 8784.']]],
    [{ ...CONVERSION, windowHours: 8_785 }, [['windowHours', 'Must be above 0, and at most 8784.']]],
    [{ type: 'sum', cap: -1 }, [['cap', 'Must be above 0.']]],
    [{ type: 'retention', delayDays: 367 }, [['delayDays', 'Must be above 0, and at most 366.']]],
    [{ type: 'ratio' }, [['denominator', 'Required: an object.']]],
    [{ type: 'ratio', denominator: {} }, [['denominator.event', 'Required: a string.']]],
    [{ type: 'ratio', aggregation: 'mean', denominator: { event: 'b' } }, [['aggregation', 'Expected count or sum.']]],
    [
      { type: 'ratio', denominator: { event: 'b', agregation: 'sum' } },
      [['denominator.agregation', 'There is no such field: did you mean "aggregation"?']],
    ],
    [
      { ...CONVERSION, lowerIsBeter: true },
      [['lowerIsBeter', 'There is no such field: did you mean "lowerIsBetter"?']],
    ],
    [{ ...CONVERSION, windowHour: 5 }, [['windowHour', 'There is no such field: did you mean "windowHours"?']]],
    [
      { ...CONVERSION, key: 'other' },
      [['key', 'Differs from the one in the address: leave it out, or make them the same.']],
    ],
  ])('is not made of %j', async (given, faults) => {
    const world = await handlerWorld();
    const { status, body } = await put(world, 'm', given);
    expect([status, body.code]).toEqual([400, 'invalid-document']);
    const said = body.faults.map(({ path, message }: { path: string; message: string }) => [path, message]);
    expect(said).toEqual(expect.arrayContaining(faults));
    expect((await list(world)).items).toEqual([]);
  });

  it('is replaced under its key, and written down each time', async () => {
    const world = await handlerWorld();
    expect((await put(world, 'm', CONVERSION)).status).toBe(201);
    expect((await put(world, 'm', { ...CONVERSION, name: 'x' })).status).toBe(200);
    expect((await list(world)).items).toMatchObject([{ name: 'x' }]);
    const entries = await world.storage.audit.list({ kind: 'metric', limit: 10 });
    expect(entries.map(({ action, fields }) => [action, fields.includes('name')])).toEqual([
      ['update', true],
      ['create', true],
    ]);
  });

  it('that an experiment uses is not deleted, any other is, once', async () => {
    const world = await handlerWorld();
    await world.ask(world.handlers.flags.put, { params: { key: 'f' }, body: aFlag() });
    await put(world, 'used', CONVERSION);
    await put(world, 'free', CONVERSION);
    const body = { flagKey: 'f', metrics: [{ key: 'used' }] };
    expect((await world.ask(world.handlers.experiments.put, { params: { key: 'e' }, body })).status).toBe(201);
    expect(await remove(world, 'used')).toMatchObject({ status: 409, body: { code: 'metric-in-use' } });
    expect((await remove(world, 'free')).status).toBe(204);
    expect(await remove(world, 'free')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect((await list(world)).items.map(({ key }: { key: string }) => key)).toEqual(['used']);
  });
});

describe('events that no metric counts', () => {
  it('are offered, until one does', async () => {
    const world = await handlerWorld();
    const metrics = ['purchase', 'visit', 'click'].map((eventName) => ({
      eventName,
      count: 2,
      sum: 2,
      min: 1,
      max: 1,
    }));
    await world.storage.insights.record(new Map([[world.environment.id, { ...NOTHING, metrics }]]));
    const offered = async () => (await list(world)).offered.map(({ event }: { event: string }) => event).toSorted();
    expect(await offered()).toEqual(['click', 'purchase', 'visit']);
    await put(world, 'm', CONVERSION);
    expect(await offered()).toEqual(['click', 'visit']);
    await put(world, 'r', { type: 'ratio', event: 'click', denominator: { event: 'visit' } });
    expect(await offered()).toEqual([]);
  });
});
