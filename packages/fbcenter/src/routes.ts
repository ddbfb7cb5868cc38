import type { Handlers } from './handlers/handlers.js';
import type { Route } from './http/exchange.js';

const MIB = 1024 * 1024;
const FLAG_LIMIT = 2 * MIB;
/** 100,000 keys are about 4 MiB. */
const SEGMENT_LIMIT = 8 * MIB;
/** SDKs send 50 events a request, or a megabyte of them; each may bring a user with long attributes. */
const INSIGHTS_LIMIT = MIB;
/** A user with every attribute that an application may have of it. */
const USER_LIMIT = MIB / 16;
/** A browser sends the events of one user. */
const CLIENT_INSIGHTS_LIMIT = MIB / 4;

/** Where the page can be opened; web/src/model/route.ts says what is there. */
const PAGES = ['/', '/env/*', '/environments', '/environments/*', '/settings', '/settings/*'];
const PAGE_FILES = ['/assets/:file', '/favicon.svg'];

/** The whole HTTP surface. Streaming has its own entrance: see streaming/hub.ts. */
export function routes(handlers: Handlers): readonly Route[] {
  const { page, health, sdk, environments, secrets, flags, segments, insights, experiments, metrics, explain } =
    handlers;
  const admin = '/api/v1';
  const environment = `${admin}/environments/:environment`;
  const flag = `${environment}/flags/:key`;
  const segment = `${environment}/segments/:key`;
  const metric = `${environment}/metrics/:key`;
  const experiment = `${environment}/experiments/:key`;
  const open = { access: 'anybody' } as const;
  const byServerSdk = { access: 'server-secret', about: 'environment' } as const;
  const bySdk = { access: 'any-secret', about: 'environment' } as const;
  const managing = { access: 'admin' } as const;
  const inside = { access: 'admin', about: 'environment' } as const;
  return [
    ...PAGES.map((path): Route => ({ method: 'GET', path, ...open, handler: page.document })),
    ...PAGE_FILES.map((path): Route => ({ method: 'GET', path, ...open, handler: page.file })),

    { method: 'GET', path: '/health/liveness', ...open, handler: health.liveness },
    { method: 'GET', path: '/health/readiness', ...open, handler: health.readiness },

    { method: 'GET', path: '/api/public/sdk/server/latest-all', ...byServerSdk, handler: sdk.latestAll },
    {
      method: 'POST',
      path: '/api/public/insight/track',
      ...bySdk,
      handler: sdk.track,
      bodyLimit: INSIGHTS_LIMIT,
      clientBodyLimit: CLIENT_INSIGHTS_LIMIT,
    },
    { method: 'POST', path: '/api/public/featureflag/evaluate', ...bySdk, handler: sdk.evaluate },

    { method: 'GET', path: `${admin}/environments`, ...managing, handler: environments.list },
    { method: 'POST', path: `${admin}/environments`, ...managing, handler: environments.create },
    { method: 'GET', path: environment, ...inside, handler: environments.get },
    { method: 'GET', path: `${environment}/events`, ...inside, handler: environments.events },
    { method: 'GET', path: `${environment}/secrets`, ...inside, handler: secrets.list },
    { method: 'POST', path: `${environment}/secrets`, ...inside, handler: secrets.create },
    { method: 'GET', path: `${environment}/secrets/:secret`, ...inside, handler: secrets.get },
    { method: 'DELETE', path: `${environment}/secrets/:secret`, ...inside, handler: secrets.revoke },
    { method: 'POST', path: `${environment}/explain`, ...inside, handler: explain.explain, bodyLimit: USER_LIMIT },
    { method: 'GET', path: `${environment}/latest-users`, ...inside, handler: explain.latestUsers },
    { method: 'GET', path: `${environment}/insights`, ...inside, handler: insights.get },
    { method: 'DELETE', path: `${environment}/insights`, ...inside, handler: insights.reset },

    { method: 'GET', path: `${environment}/metrics`, ...inside, handler: metrics.list },
    { method: 'PUT', path: metric, ...inside, handler: metrics.put },
    { method: 'DELETE', path: metric, ...inside, handler: metrics.delete },
    { method: 'GET', path: `${environment}/experiments`, ...inside, handler: experiments.list },
    { method: 'GET', path: experiment, ...inside, handler: experiments.get },
    { method: 'PUT', path: experiment, ...inside, handler: experiments.put },
    { method: 'DELETE', path: experiment, ...inside, handler: experiments.delete },
    { method: 'GET', path: `${experiment}/checks`, ...inside, handler: experiments.checks },
    { method: 'POST', path: `${experiment}/start`, ...inside, handler: experiments.start },
    { method: 'POST', path: `${experiment}/pause`, ...inside, handler: experiments.pause },
    { method: 'POST', path: `${experiment}/resume`, ...inside, handler: experiments.resume },
    { method: 'POST', path: `${experiment}/restart`, ...inside, handler: experiments.restart },
    { method: 'POST', path: `${experiment}/stop`, ...inside, handler: experiments.stop },
    { method: 'POST', path: `${experiment}/decide`, ...inside, handler: experiments.decide },
    { method: 'POST', path: `${experiment}/recount`, ...inside, handler: experiments.recount },
    { method: 'POST', path: `${experiment}/archive`, ...inside, handler: experiments.archive },
    { method: 'POST', path: `${experiment}/restore`, ...inside, handler: experiments.restore },
    { method: 'GET', path: `${experiment}/results`, ...inside, handler: experiments.results },
    { method: 'GET', path: `${experiment}/results.csv`, ...inside, handler: experiments.csv },
    { method: 'GET', path: `${experiment}/results.txt`, ...inside, handler: experiments.text },
    { method: 'GET', path: `${experiment}/series`, ...inside, handler: experiments.series },
    { method: 'DELETE', path: `${environment}/pseudonyms`, ...inside, handler: experiments.forgetPseudonyms },

    { method: 'GET', path: `${environment}/flags`, ...inside, handler: flags.list },
    { method: 'GET', path: `${environment}/flag-summaries`, ...inside, handler: flags.summaries },
    { method: 'GET', path: flag, ...inside, handler: flags.get },
    { method: 'PUT', path: flag, ...inside, handler: flags.put, bodyLimit: FLAG_LIMIT },
    { method: 'POST', path: `${flag}/toggle`, ...inside, handler: flags.toggle },
    { method: 'DELETE', path: flag, ...inside, handler: flags.delete },
    { method: 'POST', path: `${flag}/archive`, ...inside, handler: flags.archive },
    { method: 'POST', path: `${flag}/restore`, ...inside, handler: flags.restore },

    { method: 'GET', path: `${environment}/segments`, ...inside, handler: segments.list },
    { method: 'GET', path: segment, ...inside, handler: segments.get },
    { method: 'PUT', path: segment, ...inside, handler: segments.put, bodyLimit: SEGMENT_LIMIT },
    { method: 'DELETE', path: segment, ...inside, handler: segments.delete },
    { method: 'POST', path: `${segment}/archive`, ...inside, handler: segments.archive },
    { method: 'POST', path: `${segment}/restore`, ...inside, handler: segments.restore },
  ];
}
