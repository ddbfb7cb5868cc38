import type { Handlers } from './handlers/handlers.js';
import { TRIGGER_PATH } from './handlers/triggers.js';
import type { Route } from './http/exchange.js';
import { sdkRoutes, USER_LIMIT } from './sdk-routes.js';

const MIB = 1024 * 1024;
const FLAG_LIMIT = 2 * MIB;
/** 100,000 keys are about 4 MiB. */
const SEGMENT_LIMIT = 8 * MIB;
/** An environment of many thousands of flags. */
const FILE_LIMIT = 32 * MIB;
/** A name, a password or a link. */
const CREDENTIALS_LIMIT = 4 * 1024;

/** Where the page can be opened; web/src/model/route.ts says what is there. */
const PAGES = ['/', '/env/*', '/environments', '/environments/*', '/settings', '/settings/*', '/welcome'];
const PAGE_FILES = ['/assets/:file', '/favicon.svg'];

/**
 * The whole HTTP surface. Streaming has its own entrance: see streaming/hub.ts.
 *
 * @param more what is there only if the options want it.
 */
export function routes(handlers: Handlers, more: readonly Route[] = []): readonly Route[] {
  const {
    page,
    health,
    sdk,
    clientSdk,
    ofrep,
    manifest,
    environments,
    secrets,
    flags,
    segments,
    insights,
    sessions,
    oidc,
    users,
    tokens,
    explain,
    events,
    connections,
    audit,
    transfer,
    openApi,
    experiments,
    metrics,
    webhooks,
    triggers,
  } = handlers;
  const api = '/api/v1';
  const environment = `${api}/environments/:environment`;
  const flag = `${environment}/flags/:key`;
  const segment = `${environment}/segments/:key`;
  const metric = `${environment}/metrics/:key`;
  const experiment = `${environment}/experiments/:key`;
  const webhook = `${environment}/webhooks/:webhook`;
  const trigger = `${flag}/triggers/:trigger`;
  const open = { access: 'anybody' } as const;
  const known = { access: 'anybody-known' } as const;
  const signedIn = { access: 'signed-in' } as const;
  const byAdmin = { access: 'admin' } as const;
  const inside = { about: 'environment' } as const;
  const viewing = { access: 'viewer', ...inside } as const;
  const editing = { access: 'editor', ...inside } as const;
  const ruling = { access: 'admin', ...inside } as const;
  const user = `${api}/users/:user`;
  const table: readonly Route[] = [
    ...PAGES.map((path): Route => ({ method: 'GET', path, ...open, handler: page.document })),
    ...PAGE_FILES.map((path): Route => ({ method: 'GET', path, ...open, handler: page.file })),

    ...sdkRoutes({ health, sdk, clientSdk, ofrep, manifest }),

    { method: 'GET', path: `${api}/session`, ...known, handler: sessions.state },
    { method: 'POST', path: `${api}/session`, ...open, handler: sessions.begin, bodyLimit: CREDENTIALS_LIMIT },
    { method: 'DELETE', path: `${api}/session`, ...signedIn, handler: sessions.end, changesAccess: true },
    {
      method: 'PUT',
      path: `${api}/session/password`,
      ...signedIn,
      handler: sessions.changePassword,
      bodyLimit: CREDENTIALS_LIMIT,
      changesAccess: true,
    },
    { method: 'GET', path: `${api}/oidc/start`, ...open, handler: oidc.start },
    { method: 'GET', path: `${api}/oidc/callback`, ...open, handler: oidc.callback, changesAccess: true },
    { method: 'GET', path: `${api}/sessions`, ...signedIn, handler: sessions.list },
    { method: 'DELETE', path: `${api}/sessions/:session`, ...signedIn, handler: sessions.revoke, changesAccess: true },
    { method: 'POST', path: `${api}/links/look`, ...open, handler: sessions.lookAtLink, bodyLimit: CREDENTIALS_LIMIT },
    {
      method: 'POST',
      path: `${api}/links/follow`,
      ...open,
      handler: sessions.followLink,
      bodyLimit: CREDENTIALS_LIMIT,
      changesAccess: true,
    },
    { method: 'POST', path: `${api}/links/first`, ...byAdmin, handler: users.firstLink },
    { method: 'GET', path: `${api}/users`, ...byAdmin, handler: users.list },
    { method: 'POST', path: `${api}/users`, ...byAdmin, handler: users.invite },
    { method: 'GET', path: user, ...byAdmin, handler: users.get },
    { method: 'PUT', path: user, ...byAdmin, handler: users.change, changesAccess: true },
    { method: 'DELETE', path: user, ...byAdmin, handler: users.remove, changesAccess: true },
    { method: 'POST', path: `${user}/link`, ...byAdmin, handler: users.link },
    { method: 'GET', path: `${user}/sessions`, ...byAdmin, handler: users.sessions },
    { method: 'DELETE', path: `${user}/sessions`, ...byAdmin, handler: users.endSessions, changesAccess: true },
    { method: 'GET', path: `${api}/tokens`, ...byAdmin, handler: tokens.list },
    { method: 'POST', path: `${api}/tokens`, ...byAdmin, handler: tokens.create },
    { method: 'DELETE', path: `${api}/tokens/:token`, ...byAdmin, handler: tokens.revoke, changesAccess: true },

    { method: 'GET', path: `${api}/environments`, ...signedIn, handler: environments.list },
    { method: 'POST', path: `${api}/environments`, ...byAdmin, handler: environments.create },
    { method: 'GET', path: environment, ...viewing, handler: environments.get },
    { method: 'PUT', path: environment, ...ruling, handler: environments.describe },
    { method: 'GET', path: `${environment}/events`, ...viewing, handler: events.events },
    { method: 'GET', path: `${environment}/connections`, ...viewing, handler: connections.list },
    { method: 'GET', path: `${environment}/secrets`, ...editing, handler: secrets.list },
    { method: 'POST', path: `${environment}/secrets`, ...ruling, handler: secrets.create },
    { method: 'GET', path: `${environment}/secrets/:secret`, ...editing, handler: secrets.get },
    { method: 'DELETE', path: `${environment}/secrets/:secret`, ...ruling, handler: secrets.revoke },
    { method: 'POST', path: `${environment}/explain`, ...viewing, handler: explain.explain, bodyLimit: USER_LIMIT },
    { method: 'GET', path: `${environment}/latest-users`, ...editing, handler: explain.latestUsers },
    { method: 'GET', path: `${environment}/insights`, ...viewing, handler: insights.get },
    { method: 'GET', path: `${environment}/usage`, ...viewing, handler: insights.usage },
    { method: 'DELETE', path: `${environment}/insights`, ...ruling, handler: insights.reset },

    { method: 'GET', path: `${environment}/metrics`, ...viewing, handler: metrics.list },
    { method: 'PUT', path: metric, ...editing, handler: metrics.put },
    { method: 'DELETE', path: metric, ...editing, handler: metrics.delete },
    { method: 'GET', path: `${environment}/experiments`, ...viewing, handler: experiments.list },
    { method: 'GET', path: experiment, ...viewing, handler: experiments.get },
    { method: 'PUT', path: experiment, ...editing, handler: experiments.put },
    { method: 'DELETE', path: experiment, ...editing, handler: experiments.delete },
    { method: 'GET', path: `${experiment}/checks`, ...viewing, handler: experiments.checks },
    { method: 'POST', path: `${experiment}/start`, ...editing, handler: experiments.start },
    { method: 'POST', path: `${experiment}/pause`, ...editing, handler: experiments.pause },
    { method: 'POST', path: `${experiment}/resume`, ...editing, handler: experiments.resume },
    { method: 'POST', path: `${experiment}/restart`, ...editing, handler: experiments.restart },
    { method: 'POST', path: `${experiment}/stop`, ...editing, handler: experiments.stop },
    { method: 'POST', path: `${experiment}/decide`, ...editing, handler: experiments.decide },
    { method: 'POST', path: `${experiment}/recount`, ...ruling, handler: experiments.recount },
    { method: 'POST', path: `${experiment}/archive`, ...editing, handler: experiments.archive },
    { method: 'POST', path: `${experiment}/restore`, ...editing, handler: experiments.restore },
    { method: 'GET', path: `${experiment}/results`, ...viewing, handler: experiments.results },
    { method: 'GET', path: `${experiment}/results.csv`, ...viewing, handler: experiments.csv },
    { method: 'GET', path: `${experiment}/results.txt`, ...viewing, handler: experiments.text },
    { method: 'GET', path: `${experiment}/series`, ...viewing, handler: experiments.series },
    { method: 'DELETE', path: `${environment}/pseudonyms`, ...ruling, handler: experiments.forgetPseudonyms },

    { method: 'GET', path: `${environment}/flags`, ...viewing, handler: flags.list },
    { method: 'GET', path: `${environment}/flag-summaries`, ...viewing, handler: flags.summaries },
    { method: 'GET', path: flag, ...viewing, handler: flags.get },
    { method: 'PUT', path: flag, ...editing, handler: flags.put, bodyLimit: FLAG_LIMIT },
    { method: 'GET', path: `${flag}/evaluations`, ...viewing, handler: insights.evaluations },
    { method: 'POST', path: `${flag}/toggle`, ...editing, handler: flags.toggle },
    { method: 'DELETE', path: flag, ...editing, handler: flags.delete },
    { method: 'POST', path: `${flag}/archive`, ...editing, handler: flags.archive },
    { method: 'POST', path: `${flag}/restore`, ...editing, handler: flags.restore },

    { method: 'GET', path: `${environment}/segments`, ...viewing, handler: segments.list },
    { method: 'GET', path: segment, ...viewing, handler: segments.get },
    { method: 'PUT', path: segment, ...editing, handler: segments.put, bodyLimit: SEGMENT_LIMIT },
    { method: 'DELETE', path: segment, ...editing, handler: segments.delete },
    { method: 'POST', path: `${segment}/archive`, ...editing, handler: segments.archive },
    { method: 'POST', path: `${segment}/restore`, ...editing, handler: segments.restore },

    { method: 'GET', path: `${flag}/history`, ...viewing, handler: flags.history },
    { method: 'GET', path: `${flag}/history/:version`, ...viewing, handler: flags.version },
    { method: 'POST', path: `${flag}/history/:version/put-back`, ...editing, handler: flags.putBack },
    { method: 'GET', path: `${segment}/history`, ...viewing, handler: segments.history },
    { method: 'GET', path: `${segment}/history/:version`, ...viewing, handler: segments.version },
    { method: 'POST', path: `${segment}/history/:version/put-back`, ...editing, handler: segments.putBack },

    { method: 'GET', path: `${environment}/audit`, ...viewing, handler: audit.inEnvironment },
    { method: 'GET', path: `${environment}/audit/:entry`, ...viewing, handler: audit.getInEnvironment },
    { method: 'GET', path: `${api}/audit`, ...byAdmin, handler: audit.list },
    { method: 'GET', path: `${api}/audit/export`, ...byAdmin, handler: audit.export },
    { method: 'GET', path: `${api}/audit/:entry`, ...byAdmin, handler: audit.get },

    { method: 'GET', path: `${environment}/webhooks`, ...ruling, handler: webhooks.list },
    { method: 'POST', path: `${environment}/webhooks`, ...ruling, handler: webhooks.create },
    { method: 'GET', path: webhook, ...ruling, handler: webhooks.get },
    { method: 'PUT', path: webhook, ...ruling, handler: webhooks.change },
    { method: 'DELETE', path: webhook, ...ruling, handler: webhooks.remove },
    { method: 'POST', path: `${webhook}/secret`, ...ruling, handler: webhooks.renewSecret },
    { method: 'POST', path: `${webhook}/test`, ...ruling, handler: webhooks.test },
    { method: 'GET', path: `${webhook}/deliveries`, ...ruling, handler: webhooks.deliveries },
    { method: 'POST', path: `${webhook}/deliveries/:delivery/retry`, ...ruling, handler: webhooks.retry },

    { method: 'POST', path: `${TRIGGER_PATH}/:token`, ...open, handler: triggers.use, ignoresBody: true },
    { method: 'GET', path: `${environment}/triggers`, ...editing, handler: triggers.listAll },
    { method: 'GET', path: `${flag}/triggers`, ...editing, handler: triggers.list },
    { method: 'POST', path: `${flag}/triggers`, ...ruling, handler: triggers.create },
    { method: 'PUT', path: trigger, ...ruling, handler: triggers.change },
    { method: 'DELETE', path: trigger, ...ruling, handler: triggers.remove },
    { method: 'POST', path: `${trigger}/token`, ...ruling, handler: triggers.renew },

    { method: 'GET', path: `${environment}/export`, ...viewing, handler: transfer.export },
    { method: 'POST', path: `${environment}/import`, ...editing, handler: transfer.import, bodyLimit: FILE_LIMIT },
    { method: 'POST', path: `${environment}/promote`, ...editing, handler: transfer.promote },

    { method: 'GET', path: `${api}/openapi.json`, ...open, handler: openApi.document(() => table) },
    ...more,
  ];
  return table;
}
