import { describe, expect, it } from 'vitest';
import { aFlag, aRule } from '../support/documents.js';
import { handlerWorld } from '../support/handler-world.js';

async function withFlags() {
  const world = await handlerWorld();
  const put = (key: string, body: object) => world.ask(world.handlers.flags.put, { params: { key }, body });
  await put('f', aFlag({ rules: [aRule({ property: 'country', op: 'Equal', value: 'NZ' }, 'off')] }));
  await put('g', aFlag({ isEnabled: false }));
  await put('gone', aFlag({ isArchived: true }));
  return { ...world, explain: (body: unknown) => world.ask(world.handlers.explain.explain, { body }) };
}

const SEND =
  'Send the user as applications pass it, {"key": "ada", "country": "NZ"}: key must be a string that is not blank.';

describe('why', () => {
  it.each<[country: string, variation: string, part: string]>([
    ['NZ', 'off', 'rule'],
    ['FR', 'on', 'fallthrough'],
  ])('a user from %s gets %s is explained by the %s', async (country, variationId, decidedBy) => {
    const { explain } = await withFlags();
    expect((await explain({ user: { key: 'ada', country }, flag: 'f' })).body).toMatchObject({
      key: 'f',
      variationId,
      decidedBy,
    });
  });

  it('of all flags is asked for without one, by key, without those that are archived', async () => {
    const { explain } = await withFlags();
    const { body } = await explain({ user: { key: 'ada' } });
    expect(body.items.map(({ key, decidedBy }: { key: string; decidedBy: string }) => `${key} ${decidedBy}`)).toEqual([
      'f fallthrough',
      expect.stringMatching(/^g /),
    ]);
  });

  it.each<[body: unknown, message: string]>([
    [undefined, SEND],
    [{}, SEND],
    [{ user: null }, SEND],
    [{ user: 'ada' }, SEND],
    [{ user: [] }, SEND],
    [{ user: {} }, SEND],
    [{ user: { key: '' } }, SEND],
    [{ user: { key: '  ' } }, SEND],
    [{ user: { key: 5 } }, SEND],
    [{ user: { keyId: 'ada' } }, SEND.replace('key must', 'key (not keyId) must')],
    [{ user: { key: 'ada' }, flag: 5 }, 'flag must be the key of a flag.'],
    [{ user: { key: 'ada' }, flag: null }, 'flag must be the key of a flag.'],
    [{ user: { key: 'ada' }, flag: ['f'] }, 'flag must be the key of a flag.'],
    [{ usr: { key: 'ada' } }, '"usr" is no field of this request: did you mean "user"?'],
    [{ user: { key: 'ada' }, Flag: 'f' }, '"Flag" is no field of this request: did you mean "flag"?'],
  ])('is not asked with %j', async (body, message) => {
    const { explain } = await withFlags();
    expect(await explain(body)).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
  });

  it.each(['nope', '', 'gone', 'F', '__proto__'])('nothing is there of %j', async (flag) => {
    const { explain } = await withFlags();
    expect(await explain({ user: { key: 'ada' }, flag })).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'There is no such flag, or it is archived: applications get their default.' },
    });
  });
});
