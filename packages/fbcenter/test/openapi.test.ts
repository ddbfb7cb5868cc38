import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { OPERATIONS, PATH_PARAMETERS } from '../src/api/operations.js';
import { undescribed } from '../src/handlers/openapi.js';
import { OPEN_API, ROUTES, undocumented } from './support/answer-check.js';
import { aFlag } from './support/documents.js';
import { put, startTestCenter } from './support/test-center.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
  readonly parameters: readonly { readonly in: string; readonly name: string; readonly description?: string }[];
}
const operations = Object.entries(OPEN_API.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
    path,
    method,
    operation,
  })),
);

describe('the OpenAPI document', () => {
  it('is served to anybody, and is the one that the table of routes makes', async () => {
    const { call } = await startTestCenter();
    const { status, body } = await call('GET', '/api/v1/openapi.json');
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(JSON.stringify(OPEN_API)));
  });

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(OPEN_API)));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(OPEN_API.openapi).toBe('3.1.0');
  });

  it('has every route: those that are listed here need an entry in api/operations/', () => {
    expect(undescribed(ROUTES)).toEqual([]);
  });

  it('has no route that is not in the table', () => {
    const names = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(OPERATIONS).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('names every operation once, and says what each does and what its parameters are', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { path, method, operation } of operations) {
      expect(operation.summary, `${method} ${path}`).toMatch(/^[A-Z].*[^.]$/);
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      for (const { description } of inPath) expect(description, `${method} ${path}`).toMatch(/\.$/);
    }
    for (const description of Object.values(PATH_PARAMETERS)) expect(description).toMatch(/\.$/);
  });

  it('refers to no schema that it does not have', () => {
    const references = [...JSON.stringify(OPEN_API).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    const known = Object.keys(OPEN_API.components.schemas);
    expect([...new Set(references.map(([, name]) => name))].sort()).toEqual(known.sort());
  });

  it.each([
    ['get', '/api/v1/openapi.json', []],
    ['get', '/health/readiness', []],
    ['get', '/api/public/sdk/server/latest-all', [{ secret: [] }]],
    ['get', '/api/v1/session', [{}, { accessToken: [] }, { session: [] }]],
    ['get', '/api/v1/environments', [{ accessToken: [] }, { session: [] }]],
    ['put', '/api/v1/environments/{environment}/flags/{key}', [{ accessToken: [] }, { session: [] }]],
  ])('says who may: %s %s', (method, path, security) => {
    const found = operations.find((one) => one.method === method && one.path === path);
    expect(found?.operation.security).toEqual(security);
  });
});

describe('the check of answers, which every test of the API goes through,', () => {
  const answer = { method: 'GET', path: '/api/v1/environments/dev/secrets', sent: undefined, status: 200 };
  const json = 'application/json; charset=utf-8';
  const secret = { id: 'a', kind: 'server', name: 'n', createdAt: null, lastUsedAt: null, connections: 0 };
  const of = (overrides: object) => undocumented({ ...answer, type: json, text: '{"items":[]}', ...overrides });

  it.each<[string, object]>([
    ['what is as it is said to be', {}],
    ['a list with an entry', { text: JSON.stringify({ items: [secret] }) }],
    ['a refusal', { status: 401, text: '{"code":"unauthorized","message":"x"}' }],
    ['a method that is not taken', { method: 'PUT', status: 405, text: '{}' }],
    ['what is no part of the API', { path: '/assets/x', status: 418, text: '{}' }],
    ['a parameter that is known', { path: '/api/v1/environments/dev/flags?limit=1', text: '{"items":[],"next":null}' }],
  ])('lets through %s', (_, overrides) => {
    expect(of(overrides)).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['a status', { status: 418 }, /answered 418/],
    ['another method', { method: 'PUT' }, /PUT .* is not documented/],
    ['a member', { text: JSON.stringify({ items: [{ ...secret, secret: 'x' }] }) }, /additional/],
    ['a member that is missing', { text: JSON.stringify({ items: [{ ...secret, name: undefined }] }) }, /required/],
    ['another type', { text: JSON.stringify({ items: [{ ...secret, connections: '0' }] }) }, /integer/],
    ['a value that is not listed', { text: JSON.stringify({ items: [{ ...secret, kind: 'other' }] }) }, /allowed/],
    ['a refusal without a code', { status: 401, text: '{"message":"x"}' }, /required/],
    [
      'a body where there is none',
      { method: 'DELETE', path: '/api/v1/environments/dev/flags/f', status: 204 },
      /has a body/,
    ],
    ['another kind of content', { type: 'text/html' }, /text\/html/],
    [
      'a parameter that was taken',
      { path: '/api/v1/environments/dev/flags?x=1', text: '{"items":[],"next":null}' },
      /took x/,
    ],
    [
      'a body that was taken',
      { method: 'POST', path: '/api/v1/environments', status: 200, sent: { key: 'a', colour: 1 } },
      /not documented/,
    ],
    ['a line of many', { path: '/api/v1/audit/export', type: 'application/x-ndjson', text: '{"id":1}\n' }, /required/],
  ])('finds %s', (_, overrides, message) => {
    expect(of(overrides).join('\n')).toMatch(message);
  });

  it('is made by the calls of tests', async () => {
    const { call } = await startTestCenter();
    await expect(call('GET', '/api/v1/environments?nonsense=1', {})).resolves.toMatchObject({ status: 401 });
    const { api, center } = await startTestCenter();
    await put(api, '/flags/f', aFlag());
    const headers = { authorization: `Bearer ${center.adminToken}` };
    await expect(call('GET', '/api/v1/environments/dev/flags?colour=1', { headers })).resolves.toMatchObject({
      status: 401,
    });
    await expect(api('GET', '/flags?colour=1')).rejects.toThrow(/colour/);
  });
});
