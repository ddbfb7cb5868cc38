import { describe, expect, it } from 'vitest';
import { sharedCenter, type TestCenter } from './support/test-center.js';

/** Who may ask for what: the whole surface. Whoever may gets some other answer than 401. */
const SURFACE = {
  anybody: ['GET /health/liveness', 'GET /health/readiness'],
  'server secret': ['GET /api/public/sdk/server/latest-all'],
  'any secret': ['POST /api/public/insight/track', 'POST /api/public/featureflag/evaluate'],
  'access token': [
    'GET /api/v1/environments',
    'POST /api/v1/environments',
    'GET /api/v1/environments/dev',
    'GET /api/v1/environments/dev/secrets',
    'POST /api/v1/environments/dev/secrets',
    'GET /api/v1/environments/dev/secrets/x',
    'DELETE /api/v1/environments/dev/secrets/x',
    'GET /api/v1/environments/dev/insights',
    'POST /api/v1/environments/dev/explain',
    'GET /api/v1/environments/dev/latest-users',
    'GET /api/v1/environments/dev/connections',
    'GET /api/v1/environments/dev/usage',
    'GET /api/v1/environments/dev/flags/f/evaluations',
    'GET /api/v1/environments/dev/flags',
    'GET /api/v1/environments/dev/flags/f',
    'PUT /api/v1/environments/dev/flags/f',
    'POST /api/v1/environments/dev/flags/f/toggle',
    'POST /api/v1/environments/dev/flags/f/archive',
    'POST /api/v1/environments/dev/flags/f/restore',
    'GET /api/v1/environments/dev/segments',
    'GET /api/v1/environments/dev/segments/s',
    'PUT /api/v1/environments/dev/segments/s',
    'POST /api/v1/environments/dev/segments/s/archive',
    'POST /api/v1/environments/dev/segments/s/restore',
  ],
} as const;

const CREDENTIALS: Readonly<Record<string, (center: TestCenter) => string | undefined>> = {
  nothing: () => undefined,
  nonsense: () => 'nonsense',
  'the server secret': ({ environment }) => environment.serverSecret,
  'the client secret': ({ environment }) => environment.clientSecret,
  'the server secret as a bearer token': ({ environment }) => `Bearer ${environment.serverSecret}`,
  'the access token': ({ center }) => `Bearer ${center.adminToken}`,
  'the bare access token': ({ center }) => center.adminToken,
};

const MAY: Readonly<Record<keyof typeof SURFACE, readonly string[]>> = {
  anybody: Object.keys(CREDENTIALS),
  'server secret': ['the server secret'],
  'any secret': ['the server secret', 'the client secret'],
  'access token': ['the access token'],
};

const calls = (Object.keys(SURFACE) as (keyof typeof SURFACE)[]).flatMap((access) =>
  SURFACE[access].map((call) => [call, access] as const),
);

// A center for each call: after twenty wrong tokens it would not say any more what it thinks of one.
describe.each(calls)('access to %s', (call, access) => {
  const shared = sharedCenter();
  const cases = Object.keys(CREDENTIALS).map((credential) => [credential, MAY[access].includes(credential)] as const);

  it.each(cases)('with %s: %s', async (credential, isAllowed) => {
    const center = shared();
    const [method = '', path = ''] = call.split(' ');
    const authorization = CREDENTIALS[credential]?.(center);
    const { status, body } = await center.call(method, path, {
      headers: authorization === undefined ? {} : { authorization },
      ...(method === 'GET' ? {} : { body: '[]' }),
    });
    expect(status === 401).toBe(!isAllowed);
    if (status === 401) expect(body).toEqual({ code: 'unauthorized', message: expect.any(String) });
    expect(status).toBeLessThan(500);
  });
});
