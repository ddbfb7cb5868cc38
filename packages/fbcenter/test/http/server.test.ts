import { describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, empty, json, jsonText } from '../../src/http/answer.js';
import type { EnvironmentExchange, Exchange, Route } from '../../src/http/exchange.js';
import { createHttpServer } from '../../src/http/server.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import { Refusal } from '../../src/model/refusal.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { callersWith } from '../support/callers.js';
import { anEnvironment } from '../support/environments.js';

const TOKEN = 'the-access-token';
const environment = anEnvironment('dev');

/** A server with one route, and what it logs. */
function serverWith(...routes: readonly Route[]) {
  const log: [level: string, message: string, fields: unknown][] = [];
  const at = (level: string) => (message: string, fields?: object) => void log.push([level, message, fields]);
  const http = createHttpServer({
    routes,
    callers: callersWith(TOKEN, {
      byValue: async (secret) =>
        secret === environment.serverSecret ? { environment, kind: 'server', id: 's1' } : undefined,
    }),
    environments: { byKey: async (key) => (key === environment.key ? environment : undefined) },
    budget: new ByteBudget(),
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  });
  onTestFinished(() => http.close());
  return { http, log };
}

const open = (handler: (exchange: Exchange) => Promise<Answer>, path = '/x'): Route => ({
  method: 'POST',
  path,
  access: 'anybody',
  handler,
});
const managed = (handler: (exchange: EnvironmentExchange) => Promise<Answer>): Route => ({
  method: 'GET',
  path: '/env/:environment/:key',
  access: 'admin',
  about: 'environment',
  handler,
});
const bearer = { authorization: `Bearer ${TOKEN}` };

describe('an answer', () => {
  it.each<[string, Answer, [number, string, string | undefined]]>([
    ['empty', empty(), [200, '', undefined]],
    ['empty with a status', empty(202), [202, '', undefined]],
    ['a value', json({ a: 1 }), [200, '{"a":1}', 'application/json; charset=utf-8']],
    ['a value that is null', json(null, 201), [201, 'null', 'application/json; charset=utf-8']],
    ['a value that is a text', json('x'), [200, '"x"', 'application/json; charset=utf-8']],
    ['text', jsonText('{ "a" : 1 }'), [200, '{ "a" : 1 }', 'application/json; charset=utf-8']],
    ['bytes', jsonText(Buffer.from('"é"'), 201), [201, '"é"', 'application/json; charset=utf-8']],
  ])('that is %s is sent as it is', async (_, answer, expected) => {
    const { http } = serverWith(open(async () => answer));
    const response = await http.inject({ method: 'POST', url: '/x' });
    expect([response.statusCode, response.body, response.headers['content-type']]).toEqual(expected);
  });

  it('has its headers', async () => {
    const { http } = serverWith(open(async () => jsonText('{}', 200, { etag: '"5"' })));
    expect((await http.inject({ method: 'POST', url: '/x' })).headers.etag).toBe('"5"');
  });
});

describe('a handler', () => {
  it.each([
    ['as it was sent where the route wants it', { wantsText: true }, ' [1, 2]\n', ' [1, 2]\n'],
    ['empty where nobody wants it', {}, ' [1, 2]\n', ''],
    ['empty where nothing was sent', { wantsText: true }, undefined, ''],
  ])('gets the text of a body %s', async (_, wants, payload, text) => {
    const seen: string[] = [];
    const route = open(async (exchange) => {
      seen.push(exchange.text);
      return empty();
    });
    const { http } = serverWith({ ...route, ...wants });
    await http.inject({ method: 'POST', url: '/x', ...(payload === undefined ? {} : { payload }) });
    expect(seen).toEqual([text]);
  });

  it('gets what was sent: parameters, query, headers, body and caller', async () => {
    const seen: EnvironmentExchange[] = [];
    const { http } = serverWith(
      managed(async (exchange) => {
        seen.push(exchange);
        return empty();
      }),
    );
    await http.inject({ method: 'GET', url: '/env/dev/a%2Fb?x=1&x=2&y=%20', headers: { ...bearer, 'x-own': 'v' } });
    const [exchange] = seen;
    expect(exchange).toMatchObject({
      params: { environment: 'dev', key: 'a/b' },
      headers: { 'x-own': 'v' },
      body: undefined,
      caller: { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS },
      environment,
    });
    expect([exchange?.query.getAll('x'), exchange?.query.get('y')]).toEqual([['1', '2'], ' ']);
  });

  it.each<[string, string | undefined, unknown]>([
    ['{"a":1}', 'application/json', { a: 1 }],
    ['{"a":1}', 'application/x-www-form-urlencoded', { a: 1 }],
    ['{"a":1}', undefined, { a: 1 }],
    ['', 'application/json', undefined],
    ['null', 'text/plain', null],
  ])('gets the body %j of the type %s as JSON', async (payload, type, expected) => {
    const bodies: unknown[] = [];
    const { http } = serverWith(
      open(async ({ body }) => {
        bodies.push(body);
        return empty();
      }),
    );
    const headers = type === undefined ? {} : { 'content-type': type };
    expect((await http.inject({ method: 'POST', url: '/x', payload, headers })).statusCode).toBe(200);
    expect(bodies).toEqual([expected]);
  });

  it('that fails unexpectedly is answered 500 without its words, which are logged', async () => {
    const { http, log } = serverWith(open(() => Promise.reject(new Error('a bug with a secret'))));
    const response = await http.inject({ method: 'POST', url: '/x' });
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal']);
    expect(response.body).not.toContain('secret');
    const request = response.headers['x-request-id'];
    expect(log).toEqual([['error', 'a request failed', { route: 'POST /x', request, error: 'a bug with a secret' }]]);
  });

  it('that cannot serve is answered 503 and logged as a warning; a refusal is not logged', async () => {
    const busy = serverWith(open(() => Promise.reject(new Refusal('busy', 'Later.'))));
    expect((await busy.http.inject({ method: 'POST', url: '/x' })).statusCode).toBe(503);
    expect(busy.log.map(([level]) => level)).toEqual(['warn']);
    const refused = serverWith(open(() => Promise.reject(new Refusal('archived', 'No.'))));
    expect((await refused.http.inject({ method: 'POST', url: '/x' })).statusCode).toBe(409);
    expect(refused.log).toEqual([]);
  });
});

describe('a route about an environment', () => {
  const naming = async ({ environment: { key } }: EnvironmentExchange) => json(key);

  it('gets the one that the path names', async () => {
    const { http } = serverWith(managed(naming));
    expect((await http.inject({ url: '/env/dev/x', headers: bearer })).json()).toBe('dev');
    const unknown = await http.inject({ url: '/env/nope/x', headers: bearer });
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'environment-not-found']);
  });

  it('is not looked up for strangers', async () => {
    const { http } = serverWith(managed(naming));
    for (const url of ['/env/dev/x', '/env/nope/x']) {
      expect((await http.inject({ url })).statusCode).toBe(401);
    }
  });

  it('gets the one that the secret of an SDK opens', async () => {
    const { http } = serverWith({
      method: 'GET',
      path: '/sdk',
      access: 'server-secret',
      about: 'environment',
      handler: naming,
    });
    const headers = { authorization: environment.serverSecret };
    expect((await http.inject({ url: '/sdk', headers })).json()).toBe('dev');
    expect((await http.inject({ url: '/sdk' })).headers['www-authenticate']).toBeUndefined();
  });
});

describe('a body', () => {
  it('larger than its route takes is refused before the handler', async () => {
    const { http } = serverWith({ ...open(async () => empty()), bodyLimit: 10 });
    const send = async (payload: string) => (await http.inject({ method: 'POST', url: '/x', payload })).statusCode;
    expect(await send('"12345678"')).toBe(200);
    expect(await send('"123456789"')).toBe(413);
  });

  it('that is not JSON is refused', async () => {
    const { http } = serverWith(open(async () => empty()));
    const response = await http.inject({ method: 'POST', url: '/x', payload: '{' });
    expect([response.statusCode, response.json().code]).toEqual([400, 'invalid-request']);
  });
});
