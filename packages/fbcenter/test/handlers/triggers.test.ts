import { describe, expect, it } from 'vitest';
import { aFlag } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { handlerWorld } from '../support/handler-world.js';

async function withFlag(isEnabled = true) {
  const world = await handlerWorld();
  const { handlers, ask, storage, environment } = world;
  const params = { key: 'checkout' };
  await ask(handlers.flags.put, { params, body: aFlag({ isEnabled }) });
  const make = async (action: string, name = 'Alert') =>
    (await ask(handlers.triggers.create, { params, body: { name, action } })).body;
  const use = (token: string) => ask(handlers.triggers.use, { params: { token }, caller: { kind: 'anybody' } });
  const flag = async () => JSON.parse((await storage.documents.get(environment.id, 'flag', 'checkout'))?.text ?? '{}');
  return { ...world, params, make, use, flag };
}

describe('making a trigger', () => {
  it('answers with its token and where to post, for the only time', async () => {
    const { handlers, ask, storage, params, clock } = await withFlag();
    const { status, body } = await ask(handlers.triggers.create, { params, body: { name: 'Alert', action: 'off' } });
    expect(status).toBe(201);
    const { token, path, ...shown } = body;
    expect(token).toMatch(/^fbt_[\w-]{43}$/);
    expect(path).toBe(`/api/public/triggers/${token}`);
    expect(shown).toEqual({
      id: expect.any(String),
      flag: 'checkout',
      name: 'Alert',
      action: 'off',
      start: token.slice(0, 10),
      isEnabled: true,
      createdBy: 'Access token of the settings',
      createdAt: new Date(clock.time).toISOString(),
      uses: 0,
      lastUsedAt: null,
    });
    expect((await ask(handlers.triggers.list, { params })).body).toEqual({ items: [shown] });
    expect((await ask(handlers.triggers.listAll)).body).toEqual({ items: [shown] });
    expect((await ask(handlers.triggers.list, { params: { key: 'other' } })).body).toEqual({ items: [] });
    // Whoever reads the database cannot use it.
    expect(await storage.triggers.byDigest(token)).toBeUndefined();
  });

  it.each([
    [{}, /^action: /],
    [{ name: 'a' }, /^action: /],
    [{ name: 'a', action: 'flip' }, /^action: /],
    [{ action: 'on' }, /^name: /],
    [{ name: 'a', action: 'on', acton: 'off' }, /did you mean "action"/],
  ])('with %j is refused', async (body, message) => {
    const { handlers, ask, params } = await withFlag();
    expect(await ask(handlers.triggers.create, { params, body })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(message) },
    });
  });

  it('of a flag that there is not, or that has twenty, is refused', async () => {
    const { handlers, ask, params, make } = await withFlag();
    const body = { name: 'a', action: 'on' };
    expect((await ask(handlers.triggers.create, { params: { key: 'other' }, body })).status).toBe(404);
    for (let index = 0; index < 20; index++) await make('on');
    expect(await ask(handlers.triggers.create, { params, body })).toMatchObject({
      status: 409,
      body: { code: 'limit-reached' },
    });
  });
});

describe('a trigger', () => {
  it.each([
    ['on', false, true],
    ['on', true, true],
    ['off', true, false],
    ['off', false, false],
    ['toggle', true, false],
    ['toggle', false, true],
  ])('that switches %s makes a flag whose isEnabled is %j one of %j', async (action, before, after) => {
    const { make, use, flag, handlers, ask, clock } = await withFlag(before);
    const { version } = { version: (await flag()).updatedAt };
    const { token } = await make(action);
    clock.time += 5_000;
    const answer = await use(token);
    expect(answer).toMatchObject({ status: 200, body: { flag: 'checkout', isEnabled: after } });
    expect((await flag()).isEnabled).toBe(after);
    // What is like that already is no change.
    expect((await flag()).updatedAt === version).toBe(before === after);
    expect((await ask(handlers.triggers.listAll)).body.items).toMatchObject([
      { uses: 1, lastUsedAt: new Date(clock.time).toISOString() },
    ]);
  });

  it('is in the audit log as who has switched the flag', async () => {
    const { make, use, storage } = await withFlag();
    const { token, id } = await make('off', 'Pager');
    await use(token);
    const [entry] = await storage.audit.list({ limit: 1 });
    expect(entry).toMatchObject({
      actor: { kind: 'trigger', id, name: 'Pager' },
      action: 'switch-off',
      subject: { kind: 'flag', key: 'checkout', environment: 'dev' },
    });
  });

  it.each(['', 'fbt_', 'nonsense', `fbt_${'a'.repeat(43)}`])('of the token %j is not there', async (token) => {
    const { make, use, flag } = await withFlag();
    await make('off');
    expect(await use(token)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect((await flag()).isEnabled).toBe(true);
  });

  it('that is switched off, removed, or has a new token is not there under the old one', async () => {
    const { make, use, flag, handlers, ask, params } = await withFlag();
    const [disabled, removed, renewed] = [await make('off'), await make('off'), await make('off')];
    const of = ({ id }: { id: string }) => ({ ...params, trigger: id });
    await ask(handlers.triggers.change, { params: of(disabled), body: { isEnabled: false } });
    expect((await ask(handlers.triggers.remove, { params: of(removed) })).status).toBe(204);
    const { body: fresh } = await ask(handlers.triggers.renew, { params: of(renewed) });
    for (const { token } of [disabled, removed, renewed]) expect((await use(token)).status).toBe(404);
    expect((await flag()).isEnabled).toBe(true);
    expect(fresh.token).not.toBe(renewed.token);
    expect((await use(fresh.token)).body).toMatchObject({ isEnabled: false });
    await ask(handlers.triggers.change, { params: of(disabled), body: { isEnabled: true } });
    expect((await use(disabled.token)).status).toBe(200);
  });

  it('of an archived flag is refused, and works again when it is restored', async () => {
    const { make, use, handlers, ask, params } = await withFlag();
    const { token } = await make('off');
    await ask(handlers.flags.archive, { params });
    expect(await use(token)).toMatchObject({ status: 409, body: { code: 'archived' } });
    await ask(handlers.flags.restore, { params });
    expect((await use(token)).status).toBe(200);
  });

  it('is gone with its flag, and does not come back with one of the same key', async () => {
    const { make, use, handlers, ask, params, flag } = await withFlag();
    const { token } = await make('off');
    await ask(handlers.flags.archive, { params });
    expect((await ask(handlers.flags.delete, { params })).status).toBe(204);
    await ask(handlers.flags.put, { params, body: aFlag() });
    expect((await ask(handlers.triggers.listAll)).body.items).toEqual([]);
    expect((await use(token)).status).toBe(404);
    expect((await flag()).isEnabled).toBe(true);
  });

  it('is used sixty times in a minute at most, each trigger by itself', async () => {
    const { make, use } = await withFlag();
    const [first, second] = [await make('toggle'), await make('toggle')];
    for (let count = 0; count < 60; count++) expect((await use(first.token)).status).toBe(200);
    const refused = await use(first.token);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-attempts' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await use(second.token)).status).toBe(200);
  });

  it('cannot be guessed: an address with too many wrong tokens is not answered, unless it has had a right one', async () => {
    const world = await withFlag();
    const { token } = await world.make('off');
    const statuses = new Set<number>();
    for (let count = 0; count < 21; count++) statuses.add((await world.use(`fbt_${count}`)).status);
    expect([...statuses]).toEqual([404, 429]);
    expect((await world.use(token)).status).toBe(429);
    const known = await withFlag();
    const good = await known.make('toggle');
    await known.use(good.token);
    for (let count = 0; count < 30; count++) await known.use(`fbt_${count}`);
    expect((await known.use(good.token)).status).toBe(200);
  });

  it.each([
    [{ name: ' Pager ' }, { name: 'Pager' }],
    [{ isEnabled: false }, { isEnabled: false }],
  ])('is changed by %j', async (body, change) => {
    const { make, handlers, ask, params } = await withFlag();
    const { token: _, path: __, ...before } = await make('on');
    const changed = await ask(handlers.triggers.change, { params: { ...params, trigger: before.id }, body });
    expect(changed).toMatchObject({ status: 200, body: { ...before, ...change } });
  });

  it.each([[undefined], [{}], [{ name: '' }], [{ isEnabled: 'no' }], [{ isEnable: true }]])(
    'is not changed by %j',
    async (body) => {
      const { make, handlers, ask, params } = await withFlag();
      const { id } = await make('on');
      expect((await ask(handlers.triggers.change, { params: { ...params, trigger: id }, body })).status).toBe(400);
    },
  );

  it('of another flag or environment is not there', async () => {
    const { make, handlers, ask, storage } = await withFlag();
    const { id: trigger } = await make('on');
    const other = anEnvironment('other');
    await storage.environments.create(other, []);
    const { change, remove, renew } = handlers.triggers;
    for (const handler of [change, remove, renew]) {
      expect((await ask(handler, { params: { key: 'other', trigger }, body: { name: 'x' } })).status).toBe(404);
      const asked = { params: { key: 'checkout', trigger }, body: { name: 'x' }, environment: other };
      expect((await ask(handler, asked)).status).toBe(404);
    }
  });

  it('is in the audit log with whatever is done to it, without its token', async () => {
    const { make, handlers, ask, storage, params } = await withFlag();
    const { id, token } = await make('on');
    const own = { ...params, trigger: id };
    await ask(handlers.triggers.change, { params: own, body: { name: 'Pager' } });
    const { body } = await ask(handlers.triggers.renew, { params: own });
    await ask(handlers.triggers.remove, { params: own });
    const entries = await storage.audit.list({ limit: 10, kind: 'trigger' });
    expect(entries.map(({ action, subject }) => [action, subject.key])).toEqual([
      ['delete', 'Pager'],
      ['renew-token', 'Pager'],
      ['update', 'Pager'],
      ['create', 'Alert'],
    ]);
    for (const entry of entries) {
      const detail = JSON.stringify(await storage.audit.get(entry.id));
      for (const secret of [token, body.token]) expect(detail).not.toContain(secret);
    }
  });
});
