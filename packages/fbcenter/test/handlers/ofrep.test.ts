import { describe, expect, it } from 'vitest';
import { asOfrepError, OFREP_EVENTS, OFREP_FLAGS } from '../../src/handlers/ofrep.js';
import { json } from '../../src/http/answer.js';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import type { SecretKind } from '../../src/model/environment.js';
import { aFlag, aRule } from '../support/documents.js';
import { handlerWorld } from '../support/handler-world.js';

/** Three flags, one of which browsers must not have, and one that is archived. */
async function withFlags() {
  const world = await handlerWorld();
  const put = (key: string, body: object) => world.ask(world.handlers.flags.put, { params: { key }, body });
  await put('open', aFlag({ rules: [aRule({ property: 'plan', op: 'Equal', value: 'pro' }, 'off')] }));
  await put('a/b', aFlag({ isEnabled: false }));
  await put('inner', aFlag({ clientVisible: false }));
  await put('gone', aFlag({ isArchived: true }));
  const [server, client] = await world.storage.secrets.list(world.environment.id);
  const callerWith = (kind: SecretKind): EnvironmentExchange['caller'] => ({
    kind: 'sdk',
    secret: kind,
    secretId: (kind === 'server' ? server : client)?.id ?? '',
    environment: world.environment,
  });
  const flag = (key: string, body: unknown, kind: SecretKind = 'server') =>
    world.ask(world.handlers.ofrep.flag, { path: `${OFREP_FLAGS}/${key}`, body, caller: callerWith(kind) });
  const flags = (body: unknown, kind: SecretKind = 'server', headers: Record<string, string> = {}) =>
    world.ask(world.handlers.ofrep.flags, { path: OFREP_FLAGS, body, caller: callerWith(kind), headers });
  return { ...world, world, flag, flags };
}

const ADA = { context: { targetingKey: 'ada' } };

describe('one flag of OpenFeature', () => {
  it.each<[key: string, body: unknown, answer: object]>([
    ['open', ADA, { key: 'open', value: true, reason: 'UNKNOWN', variant: 'on' }],
    [
      'open',
      { context: { targetingKey: 'ada', plan: 'pro' } },
      { key: 'open', value: false, reason: 'TARGETING_MATCH', variant: 'off' },
    ],
    ['a/b', ADA, { key: 'a/b', value: false, reason: 'DISABLED', variant: 'off' }],
    ['a%2Fb', ADA, { key: 'a/b', value: false, reason: 'DISABLED', variant: 'off' }],
    ['inner', ADA, { key: 'inner', value: true, reason: 'UNKNOWN', variant: 'on' }],
  ])('%s for %j', async (key, body, answer) => {
    const { flag } = await withFlags();
    expect(await flag(key, body)).toMatchObject({ status: 200, body: answer });
  });

  it.each<[body: unknown, errorCode: string, errorDetails: string]>([
    [undefined, 'PARSE_ERROR', 'Send a JSON object with a context.'],
    [null, 'PARSE_ERROR', 'Send a JSON object with a context.'],
    [[], 'PARSE_ERROR', 'Send a JSON object with a context.'],
    ['x', 'PARSE_ERROR', 'Send a JSON object with a context.'],
    [{}, 'INVALID_CONTEXT', 'context must be an object.'],
    [{ context: null }, 'INVALID_CONTEXT', 'context must be an object.'],
    [{ context: [] }, 'INVALID_CONTEXT', 'context must be an object.'],
    [{ context: {} }, 'TARGETING_KEY_MISSING', 'context has no targetingKey: it is the key of the user.'],
    [
      { context: { targetingKey: null } },
      'TARGETING_KEY_MISSING',
      'context has no targetingKey: it is the key of the user.',
    ],
    [
      { context: { targetingKey: '' } },
      'TARGETING_KEY_MISSING',
      'context has no targetingKey: it is the key of the user.',
    ],
    [{ context: { targetingKey: ' ' } }, 'INVALID_CONTEXT', 'context.targetingKey must be a string that is not blank.'],
    [{ context: { targetingKey: 5 } }, 'INVALID_CONTEXT', 'context.targetingKey must be a string that is not blank.'],
  ])('is not evaluated for %j', async (body, errorCode, errorDetails) => {
    const { flag, flags } = await withFlags();
    expect(await flag('open', body)).toMatchObject({ status: 400, body: { key: 'open', errorCode, errorDetails } });
    const all = await flags(body);
    expect(all).toMatchObject({ status: 400, body: { errorCode, errorDetails } });
    expect(all.body).not.toHaveProperty('key');
  });

  it.each<[key: string, kind: SecretKind, told: string]>([
    ['nope', 'server', 'nope'],
    ['gone', 'server', 'gone'],
    ['', 'server', ''],
    ['a%2', 'server', 'a%2'],
    ['inner', 'client', 'inner'],
    ['gone', 'client', 'gone'],
  ])('%j is not found with a secret for a %s', async (key, kind, told) => {
    const { flag } = await withFlags();
    expect(await flag(key, ADA, kind)).toMatchObject({
      status: 404,
      body: {
        key: told,
        errorCode: 'FLAG_NOT_FOUND',
        errorDetails: 'There is no such flag in this environment, or it is archived.',
      },
    });
  });
});

describe('all flags of OpenFeature', () => {
  const keysIn = (body: { flags: readonly { key: string }[] }) => body.flags.map(({ key }) => key).join(' ');

  it('are those that the caller may have, and where it hears of changes', async () => {
    const { flags } = await withFlags();
    const [server, client] = [await flags(ADA), await flags(ADA, 'client')];
    expect([keysIn(server.body), keysIn(client.body)]).toEqual(['a/b inner open', 'a/b open']);
    const [stream] = client.body.eventStreams;
    expect(stream).toMatchObject({ type: 'sse', inactivityDelaySec: 120 });
    expect(stream.endpoint.requestUri).toMatch(new RegExp(`^${OFREP_EVENTS}\\?environment=dev&secret=`));
  });

  it('are not sent again to whoever has them, until something is different', async () => {
    const { flags, world } = await withFlags();
    const etag = String((await flags(ADA)).headers.etag);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await flags(ADA, 'server', { 'if-none-match': tag });
      expect([tag, again.status, again.body, again.headers.etag]).toEqual([tag, 304, undefined, etag]);
    }
    expect((await flags(ADA, 'server', { 'if-none-match': '"x"' })).status).toBe(200);
    const other = await flags({ context: { targetingKey: 'ada', plan: 'pro' } }, 'server', { 'if-none-match': etag });
    expect(other.status).toBe(200);
    await world.ask(world.handlers.flags.toggle, { params: { key: 'open' } });
    expect((await flags(ADA, 'server', { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('the stream of OpenFeature', () => {
  const follow = async (change: (query: URLSearchParams) => void, after = 0) => {
    const { flags, world } = await withFlags();
    const { requestUri } = (await flags(ADA, 'client')).body.eventStreams[0].endpoint;
    const query = new URLSearchParams(requestUri.split('?')[1]);
    change(query);
    world.clock.time += after;
    return world.ask(world.handlers.ofrep.events, { query: String(query) }).catch((error: unknown) => error);
  };

  it.each<[string, (query: URLSearchParams) => void]>([
    ['another environment', (query) => query.set('environment', 'prod')],
    ['no environment', (query) => query.delete('environment')],
    ['another secret', (query) => query.set('secret', 'x')],
    ['no signature', (query) => query.delete('signature')],
    ['another signature', (query) => query.set('signature', `${query.get('signature')}x`)],
    ['a longer time', (query) => query.set('until', String(Number(query.get('until')) + 1))],
    ['no time', (query) => query.delete('until')],
    ['a time that is none', (query) => query.set('until', 'x')],
  ])('is not for an address with %s', async (_, change) => {
    expect(await follow(change)).toMatchObject({ status: 401, body: { errorCode: 'GENERAL' } });
  });

  it('is over when its time is', async () => {
    expect(await follow(() => {}, 400 * 86_400_000)).toMatchObject({ status: 401 });
  });

  it('is not for a secret that was revoked since', async () => {
    const { flags, world, environment, storage } = await withFlags();
    const { requestUri } = (await flags(ADA, 'client')).body.eventStreams[0].endpoint;
    const client = (await storage.secrets.list(environment.id)).find(({ kind }) => kind === 'client');
    await world.ask(world.handlers.secrets.create, { body: { kind: 'client' } });
    await world.ask(world.handlers.secrets.revoke, { params: { secret: client?.id ?? '' } });
    expect(await world.ask(world.handlers.ofrep.events, { query: requestUri.split('?')[1] })).toMatchObject({
      status: 401,
    });
  });
});

describe('an error of ours', () => {
  const WITH = 'Send a secret of this center as "Authorization: Bearer SECRET", or in X-API-Key.';

  it.each<[path: string, code: string, told: object]>([
    [OFREP_FLAGS, 'invalid-request', { errorCode: 'PARSE_ERROR', errorDetails: 'why' }],
    [OFREP_FLAGS, 'busy', { errorCode: 'GENERAL', errorDetails: 'why' }],
    [OFREP_FLAGS, 'unauthorized', { errorCode: 'GENERAL', errorDetails: WITH }],
    [`${OFREP_FLAGS}/f`, 'unauthorized', { key: 'f', errorCode: 'GENERAL', errorDetails: WITH }],
    [`${OFREP_FLAGS}/f`, 'invalid-request', { key: 'f', errorCode: 'PARSE_ERROR', errorDetails: 'why' }],
    [`${OFREP_FLAGS}/a%2Fb`, 'busy', { key: 'a/b', errorCode: 'GENERAL', errorDetails: 'why' }],
    [`${OFREP_FLAGS}/%`, 'internal', { key: '%', errorCode: 'GENERAL', errorDetails: 'why' }],
    [OFREP_EVENTS, 'busy', { errorCode: 'GENERAL', errorDetails: 'why' }],
  ])('at %s with the code %s is in words that providers read', (path, code, told) => {
    const answer = asOfrepError({ ...json({ code, message: 'why' }, 400), headers: { 'retry-after': '5' } }, path);
    expect(answer).toEqual({ status: 400, headers: { 'retry-after': '5' }, body: { kind: 'json', value: told } });
  });
});

describe('the manifest', () => {
  it.each<[overrides: object, type: string, defaultValue: unknown]>([
    [{}, 'boolean', false],
    [{ disabledVariationId: 'on' }, 'boolean', true],
    [
      {
        variationType: 'string',
        variations: [
          { id: 'off', value: 'x' },
          { id: 'on', value: 'y' },
        ],
      },
      'string',
      'x',
    ],
    [
      {
        variationType: 'number',
        variations: [
          { id: 'off', value: '1' },
          { id: 'on', value: '2' },
        ],
      },
      'integer',
      1,
    ],
    [
      {
        variationType: 'number',
        variations: [
          { id: 'off', value: '1' },
          { id: 'on', value: '2.5' },
        ],
      },
      'float',
      1,
    ],
    [
      {
        variationType: 'json',
        variations: [
          { id: 'off', value: '{"a":[1]}' },
          { id: 'on', value: 'null' },
        ],
      },
      'object',
      { a: [1] },
    ],
  ])(
    'of a flag with %j has the type %s and what is served while it is off, %j',
    async (overrides, type, defaultValue) => {
      const world = await handlerWorld();
      await world.ask(world.handlers.flags.put, {
        params: { key: 'f' },
        body: aFlag({ name: 'The flag', ...overrides }),
      });
      const { body } = await world.ask(world.handlers.manifest.get);
      expect(body).toEqual({ flags: [{ key: 'f', name: 'The flag', type, description: null, defaultValue }] });
    },
  );

  it('of many flags has each of them', async () => {
    const world = await handlerWorld();
    for (let index = 0; index < 150; index++) {
      await world.ask(world.handlers.flags.put, { params: { key: `f${index}` }, body: aFlag() });
    }
    const { flags } = (await world.ask(world.handlers.manifest.get)).body;
    expect(new Set(flags.map(({ key }: { key: string }) => key)).size).toBe(150);
  });

  it('has no flag that is archived, and says what each is for', async () => {
    const { world } = await withFlags();
    await world.ask(world.handlers.flags.put, { params: { key: 'open' }, body: aFlag({ description: 'What for.' }) });
    const { flags } = (await world.ask(world.handlers.manifest.get)).body;
    expect(
      flags.map(({ key, description }: { key: string; description: string | null }) => [key, description]),
    ).toEqual([
      ['a/b', null],
      ['inner', null],
      ['open', 'What for.'],
    ]);
  });
});
