import type { Handlers } from './handlers/handlers.js';
import type { Route } from './http/exchange.js';

const MIB = 1024 * 1024;
const FLAG_LIMIT = 2 * MIB;
/** 100,000 keys are about 4 MiB. */
const SEGMENT_LIMIT = 8 * MIB;
/** SDKs send 50 events a request; each may bring a user with long attributes. */
const INSIGHTS_LIMIT = 4 * MIB;

/** The whole HTTP surface. Streaming has its own entrance: see streaming/hub.ts. */
export function routes(handlers: Handlers): readonly Route[] {
  const { health, sdk, environments, flags, segments, insights } = handlers;
  const admin = '/api/v1';
  const environment = `${admin}/environments/:environment`;
  const flag = `${environment}/flags/:key`;
  const segment = `${environment}/segments/:key`;
  return [
    { method: 'GET', path: '/health/liveness', auth: 'none', handler: health.liveness },
    { method: 'GET', path: '/health/readiness', auth: 'none', handler: health.readiness },

    { method: 'GET', path: '/api/public/sdk/server/latest-all', auth: 'server-secret', handler: sdk.latestAll },
    {
      method: 'POST',
      path: '/api/public/insight/track',
      auth: 'any-secret',
      handler: sdk.track,
      bodyLimit: INSIGHTS_LIMIT,
    },
    { method: 'POST', path: '/api/public/featureflag/evaluate', auth: 'any-secret', handler: sdk.evaluate },

    { method: 'GET', path: `${admin}/environments`, auth: 'admin', handler: environments.list },
    { method: 'POST', path: `${admin}/environments`, auth: 'admin', handler: environments.create },
    { method: 'GET', path: environment, auth: 'admin', handler: environments.get },
    { method: 'GET', path: `${environment}/insights`, auth: 'admin', handler: insights.get },

    { method: 'GET', path: `${environment}/flags`, auth: 'admin', handler: flags.list },
    { method: 'GET', path: flag, auth: 'admin', handler: flags.get },
    { method: 'PUT', path: flag, auth: 'admin', handler: flags.put, bodyLimit: FLAG_LIMIT },
    { method: 'POST', path: `${flag}/toggle`, auth: 'admin', handler: flags.toggle },
    { method: 'POST', path: `${flag}/archive`, auth: 'admin', handler: flags.archive },
    { method: 'POST', path: `${flag}/restore`, auth: 'admin', handler: flags.restore },

    { method: 'GET', path: `${environment}/segments`, auth: 'admin', handler: segments.list },
    { method: 'GET', path: segment, auth: 'admin', handler: segments.get },
    { method: 'PUT', path: segment, auth: 'admin', handler: segments.put, bodyLimit: SEGMENT_LIMIT },
    { method: 'POST', path: `${segment}/archive`, auth: 'admin', handler: segments.archive },
    { method: 'POST', path: `${segment}/restore`, auth: 'admin', handler: segments.restore },
  ];
}
