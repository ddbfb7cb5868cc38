import { describe, expect, it } from 'vitest';
import { aFlag } from './support/documents.js';
import { put, startTestCenter } from './support/test-center.js';

/** The shape of a value: the names and types of its parts; of a list the shape of its first item. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]));
}

const ENVIRONMENT = {
  id: 'string',
  key: 'string',
  name: 'string',
  role: 'string',
  connections: 'number',
};
const REFUSAL = { code: 'string', message: 'string' };

/** What api/ promises of each answer: these names and no others. */
describe('an answer has the parts that it is declared to have, and no others', () => {
  it('of the management API', async () => {
    const { api, call, center, environment } = await startTestCenter();
    const authorization = `Bearer ${center.adminToken}`;
    const create = { headers: { authorization }, body: '{"key":"prod"}' };
    expect(shapeOf((await api('GET', '')).body)).toEqual(ENVIRONMENT);
    expect(shapeOf((await call('POST', '/api/v1/environments', create)).body)).toEqual({
      ...ENVIRONMENT,
      serverSecret: 'string',
      clientSecret: 'string',
    });
    const list = await call('GET', '/api/v1/environments', { headers: { authorization } });
    expect(shapeOf(list.body)).toEqual({ items: [ENVIRONMENT] });

    await put(api, '/flags/a', aFlag());
    await put(api, '/flags/b', aFlag());
    expect(Object.keys((await api('GET', '/flags?limit=1')).body)).toEqual(['items', 'next']);
    expect((await api('GET', '/flags?limit=1')).body.next).toBe('a');
    expect((await api('GET', '/flags')).body.next).toBeNull();
    expect(shapeOf((await api('GET', '/flags/nope')).body)).toEqual(REFUSAL);
    expect(shapeOf((await api('PUT', '/flags/c', {})).body)).toEqual({
      ...REFUSAL,
      faults: [{ code: 'string', path: 'string', message: 'string' }],
    });

    const body = JSON.stringify([
      {
        user: { keyId: 'u' },
        variations: [{ featureFlagKey: 'a', variation: { id: 'on' } }],
        metrics: [{ eventName: 'm', numericValue: 1 }],
      },
    ]);
    const tracked = await call('POST', '/api/public/insight/track', {
      headers: { authorization: environment.serverSecret },
      body,
    });
    expect(shapeOf(tracked.body)).toEqual({ accepted: 'number', rejected: 'number' });
    expect(shapeOf((await api('GET', '/insights')).body)).toEqual({
      flags: [
        {
          key: 'string',
          count: 'number',
          variations: [{ id: 'string', count: 'number', experimentCount: 'number', lastAt: 'string' }],
        },
      ],
      metrics: [
        { eventName: 'string', count: 'number', sum: 'number', min: 'number', max: 'number', lastAt: 'string' },
      ],
      identifications: 'number',
      rejected: 'number',
      overflow: { evaluations: 'number', metrics: 'number' },
    });
  });

  it('of the calls for SDKs and orchestrators', async () => {
    const { api, call, environment } = await startTestCenter();
    await put(api, '/flags/a', aFlag());
    const headers = { authorization: environment.serverSecret };
    const evaluated = await call('POST', '/api/public/featureflag/evaluate', {
      headers,
      body: '{"user":{"keyId":"u"}}',
    });
    expect(shapeOf(evaluated.body)).toEqual([
      {
        key: 'string',
        variation: {
          id: 'string',
          type: 'string',
          value: 'string',
          matchReason: 'string',
          sendToExperiment: 'boolean',
        },
      },
    ]);
    for (const probe of ['liveness', 'readiness']) {
      expect((await call('GET', `/health/${probe}`)).body).toEqual({ status: 'Healthy' });
    }
    expect(shapeOf((await call('GET', '/api/public/sdk/server/latest-all')).body)).toEqual(REFUSAL);
  });
});
