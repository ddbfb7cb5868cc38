import { answerTo, codeOf, sdkOf } from './access/sdk-reactions.js';
import { asFeatBitError, asProblem } from './handlers/client-sdk.js';
import type { Handlers } from './handlers/handlers.js';
import { asOfrepError, OFREP_EVENTS, OFREP_FLAGS } from './handlers/ofrep.js';
import type { Route } from './http/exchange.js';

const MIB = 1024 * 1024;
/** SDKs send 50 events a request, or a megabyte of them; each may bring a user with long attributes. */
const INSIGHTS_LIMIT = MIB;
/** A user with every attribute that an application may have of it. */
export const USER_LIMIT = MIB / 16;
/** A browser sends the events of one user. */
const CLIENT_INSIGHTS_LIMIT = MIB / 4;
/** One user with long attributes, and the names of some flags. */
const CLIENT_EVALUATION_LIMIT = MIB / 4;

/** What SDKs and OpenFeature's providers call, at a center and at a relay alike. */
export function sdkRoutes({
  health,
  sdk,
  clientSdk,
  ofrep,
  manifest,
}: Pick<Handlers, 'health' | 'sdk' | 'clientSdk' | 'ofrep' | 'manifest'>): readonly Route[] {
  const open = { access: 'anybody' } as const;
  const byServerSdk = { access: 'server-secret', about: 'environment' } as const;
  const byClientSdk = { access: 'client-secret', about: 'environment' } as const;
  const bySdk = { access: 'any-secret', about: 'environment', presentError: asFeatBitError } as const;
  const byProvider = {
    ...bySdk,
    secretIn: 'bearer-or-key',
    presentError: asOfrepError,
    clientBodyLimit: USER_LIMIT,
  } as const;
  return [
    { method: 'GET', path: '/health/liveness', ...open, handler: health.liveness, isUnlimited: true },
    { method: 'GET', path: '/health/readiness', ...open, handler: health.readiness, isUnlimited: true },
    {
      method: 'GET',
      path: '/api/public/sdk/server/latest-all',
      ...byServerSdk,
      handler: sdk.latestAll,
      presentError: asFeatBitError,
    },
    {
      method: 'POST',
      path: '/api/public/sdk/client/latest-all',
      ...byClientSdk,
      handler: clientSdk.latestAll,
      bodyLimit: USER_LIMIT,
      demandsJson: true,
      presentError: asProblem,
    },
    {
      method: 'POST',
      path: '/api/public/insight/track',
      ...bySdk,
      handler: sdk.track,
      wantsText: true,
      bodyLimit: INSIGHTS_LIMIT,
      clientBodyLimit: CLIENT_INSIGHTS_LIMIT,
      tooLarge: (headers) => codeOf(answerTo('events-too-large', sdkOf(headers))),
    },
    {
      method: 'POST',
      path: '/api/public/featureflag/evaluate',
      ...bySdk,
      handler: sdk.evaluate,
      clientBodyLimit: CLIENT_EVALUATION_LIMIT,
    },
    { method: 'POST', path: OFREP_FLAGS, ...byProvider, handler: ofrep.flags },
    { method: 'POST', path: `${OFREP_FLAGS}/*`, ...byProvider, handler: ofrep.flag },
    { method: 'GET', path: OFREP_EVENTS, ...open, presentError: asOfrepError, handler: ofrep.events },
    {
      method: 'GET',
      path: '/openfeature/v0/manifest',
      ...byServerSdk,
      secretIn: 'bearer-or-key',
      handler: manifest.get,
    },
  ];
}
