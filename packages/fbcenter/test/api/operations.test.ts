import { describe, expect, it } from 'vitest';
import { OPEN_API, ROUTES } from '../support/answer-check.js';

/**
 * The whole API in a table: who may, what an operation takes, and with what it answers. Who changes a row changes what programs of
 * other people rely on.
 *
 * Bodies are written in short: the name of a schema, or the members, `?` behind those that may be missing.
 */
interface Row {
  readonly who: string;
  /** The names in the query. */
  readonly query?: string;
  readonly body?: string;
  /** By status, those that say something of the operation itself. */
  readonly answers: Readonly<Record<number, string>>;
  /** All statuses, those that any operation of its kind may answer with too. */
  readonly statuses: string;
  /** The headers that it takes. */
  readonly headers?: string;
}

const NOTES = 'X-Change-Comment X-Change-Group';
const VERSIONS = `${NOTES} If-Match If-None-Match`;

const TABLE: Readonly<Record<string, Row>> = {
  'GET /health/liveness': { who: 'anybody', answers: { 200: '{status}' }, statuses: '200 500 503' },
  'GET /health/readiness': { who: 'anybody', answers: { 200: '{status}', 503: 'Error' }, statuses: '200 500 503' },
  'GET /api/v1/openapi.json': { who: 'anybody', answers: { 200: '{}' }, statuses: '200 429' },
  'GET /api/public/sdk/server/latest-all': {
    who: 'server-secret',
    query: 'timestamp',
    answers: { 200: '{}', 304: '-', 429: '{error}' },
    statuses: '200 304 400 401 403 429 500 503',
  },
  'POST /api/public/sdk/client/latest-all': {
    who: 'client-secret',
    query: 'timestamp',
    body: '{keyId name?}',
    answers: {
      200: '{}',
      400: 'application/problem+json or text/plain',
      401: 'application/problem+json',
      403: 'application/problem+json',
      413: 'application/problem+json',
      415: 'application/problem+json',
      429: '{error}',
      500: 'application/problem+json',
      503: 'application/problem+json',
    },
    statuses: '200 400 401 403 413 415 429 500 503',
  },
  'POST /api/public/insight/track': {
    who: 'any-secret',
    body: '[anything]',
    answers: { 200: '-', 429: '{error}' },
    statuses: '200 400 401 403 413 429 500 503',
  },
  'POST /api/public/featureflag/evaluate': {
    who: 'any-secret',
    body: '{user? filter?}',
    answers: { 200: '[EvaluatedFlag]', 429: '{error}' },
    statuses: '200 400 401 403 413 429 500 503',
  },
  'GET /api/v1/session': {
    who: 'anybody-known',
    answers: { 200: '{me hasUsers identityProvider}' },
    statuses: '200 401 403 429 500 503',
  },
  'POST /api/v1/session': {
    who: 'anybody',
    body: '{name password}',
    answers: { 200: '{me}', 401: 'Error', 403: 'Error', 410: 'Error', 413: 'Error', 429: 'Error' },
    statuses: '200 400 401 403 410 413 429 500 503',
  },
  'DELETE /api/v1/session': { who: 'signed-in', answers: { 200: '{continueAt}' }, statuses: '200 401 403 429 500 503' },
  'PUT /api/v1/session/password': {
    who: 'signed-in',
    body: '{current next}',
    answers: { 200: '{me}' },
    statuses: '200 400 401 403 413 429 500 503',
  },
  'GET /api/v1/oidc/start': {
    who: 'anybody',
    query: 'to',
    answers: { 303: '-', 404: 'Error' },
    statuses: '303 400 404 429 500 503',
  },
  'GET /api/v1/oidc/callback': {
    who: 'anybody',
    query: 'code state iss session_state error error_description',
    answers: { 303: '-', 404: 'Error' },
    statuses: '303 400 404 429 500 503',
  },
  'GET /api/v1/sessions': { who: 'signed-in', answers: { 200: '{items}' }, statuses: '200 401 403 429 500 503' },
  'DELETE /api/v1/sessions/:session': {
    who: 'signed-in',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 429 500 503',
  },
  'POST /api/v1/links/look': {
    who: 'anybody',
    body: '{link}',
    answers: { 200: '{name expiresAt}', 401: 'Error', 403: 'Error', 410: 'Error', 413: 'Error', 429: 'Error' },
    statuses: '200 400 401 403 410 413 429 500 503',
  },
  'POST /api/v1/links/follow': {
    who: 'anybody',
    body: '{link name? password}',
    answers: { 200: '{me}', 401: 'Error', 403: 'Error', 409: 'Error', 410: 'Error', 413: 'Error', 429: 'Error' },
    statuses: '200 400 401 403 409 410 413 429 500 503',
  },
  'POST /api/v1/links/first': {
    who: 'admin',
    answers: { 201: '{link expiresAt}', 409: 'Error' },
    statuses: '201 400 401 403 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/users': { who: 'admin', answers: { 200: '{items}' }, statuses: '200 401 403 429 500 503' },
  'POST /api/v1/users': {
    who: 'admin',
    body: '{role? environments? name}',
    answers: { 201: '{link expiresAt user}' },
    statuses: '201 400 401 403 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/users/:user': { who: 'admin', answers: { 200: 'User' }, statuses: '200 400 401 403 404 429 500 503' },
  'PUT /api/v1/users/:user': {
    who: 'admin',
    body: '{role? environments? isDisabled?}',
    answers: { 200: 'User' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'DELETE /api/v1/users/:user': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'POST /api/v1/users/:user/link': {
    who: 'admin',
    answers: { 201: '{link expiresAt}' },
    statuses: '201 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/users/:user/sessions': {
    who: 'admin',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'DELETE /api/v1/users/:user/sessions': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/tokens': { who: 'admin', answers: { 200: '{items}' }, statuses: '200 401 403 429 500 503' },
  'POST /api/v1/tokens': {
    who: 'admin',
    body: '{role? environments? name expiresAt?}',
    answers: { 201: 'AccessTokenWithValue' },
    statuses: '201 400 401 403 409 413 429 500 503',
    headers: NOTES,
  },
  'DELETE /api/v1/tokens/:token': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments': { who: 'signed-in', answers: { 200: '{items}' }, statuses: '200 401 403 429 500 503' },
  'POST /api/v1/environments': {
    who: 'admin',
    body: '{key name?}',
    answers: { 201: 'EnvironmentWithSecrets' },
    statuses: '201 400 401 403 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment': {
    who: 'viewer',
    answers: { 200: 'Environment' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment': {
    who: 'admin',
    body: '{name? isProtected?}',
    answers: { 200: 'Environment' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/events': {
    who: 'viewer',
    answers: { 200: 'text/event-stream' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/webhooks': {
    who: 'admin',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/webhooks': {
    who: 'admin',
    body: '{name url events?}',
    answers: { 201: 'WebhookWithSecret' },
    statuses: '201 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/webhooks/:webhook': {
    who: 'admin',
    answers: { 200: 'Webhook' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment/webhooks/:webhook': {
    who: 'admin',
    body: '{name? url? events? isEnabled?}',
    answers: { 200: 'Webhook' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'DELETE /api/v1/environments/:environment/webhooks/:webhook': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'POST /api/v1/environments/:environment/webhooks/:webhook/secret': {
    who: 'admin',
    answers: { 200: 'WebhookWithSecret' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'POST /api/v1/environments/:environment/webhooks/:webhook/test': {
    who: 'admin',
    answers: { 200: 'WebhookDelivery' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/webhooks/:webhook/deliveries': {
    who: 'admin',
    query: 'limit',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/webhooks/:webhook/deliveries/:delivery/retry': {
    who: 'admin',
    answers: { 200: 'WebhookDelivery' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'POST /api/public/triggers/:token': {
    who: 'anybody',
    answers: { 200: '{flag isEnabled version}', 403: 'Error', 409: 'Error', 413: 'Error' },
    statuses: '200 400 403 404 409 413 429 500 503',
  },
  'GET /api/v1/environments/:environment/triggers': {
    who: 'editor',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/flags/:key/triggers': {
    who: 'editor',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/flags/:key/triggers': {
    who: 'admin',
    body: '{name action}',
    answers: { 201: 'TriggerWithToken' },
    statuses: '201 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'PUT /api/v1/environments/:environment/flags/:key/triggers/:trigger': {
    who: 'admin',
    body: '{name? isEnabled?}',
    answers: { 200: 'Trigger' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'DELETE /api/v1/environments/:environment/flags/:key/triggers/:trigger': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'POST /api/v1/environments/:environment/flags/:key/triggers/:trigger/token': {
    who: 'admin',
    answers: { 200: 'TriggerWithToken' },
    statuses: '200 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/secrets': {
    who: 'editor',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/secrets': {
    who: 'admin',
    body: '{kind name? secret?}',
    answers: { 201: 'SecretWithValue' },
    statuses: '201 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/secrets/:secret': {
    who: 'editor',
    answers: { 200: 'SecretWithValue' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'DELETE /api/v1/environments/:environment/secrets/:secret': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/insights': {
    who: 'viewer',
    answers: { 200: 'Insights' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'DELETE /api/v1/environments/:environment/insights': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/flags': {
    who: 'viewer',
    query: 'limit after archived',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/flags/:key': {
    who: 'viewer',
    answers: { 200: 'Flag', 304: '-' },
    statuses: '200 304 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment/flags/:key': {
    who: 'editor',
    body: 'FlagInput',
    answers: { 200: 'ChangedFlag', 201: 'ChangedFlag' },
    statuses: '200 201 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'DELETE /api/v1/environments/:environment/flags/:key': {
    who: 'editor',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/flags/:key/archive': {
    who: 'editor',
    answers: { 200: 'Flag' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/flags/:key/restore': {
    who: 'editor',
    answers: { 200: 'Flag' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/flags/:key/history': {
    who: 'viewer',
    query: 'limit after',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/flags/:key/history/:version': {
    who: 'viewer',
    answers: { 200: 'Flag' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/flags/:key/history/:version/put-back': {
    who: 'editor',
    answers: { 200: 'ChangedFlag', 201: 'ChangedFlag' },
    statuses: '200 201 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/segments': {
    who: 'viewer',
    query: 'limit after archived',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/segments/:key': {
    who: 'viewer',
    answers: { 200: 'Segment', 304: '-' },
    statuses: '200 304 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment/segments/:key': {
    who: 'editor',
    body: 'SegmentInput',
    answers: { 200: 'ChangedSegment', 201: 'ChangedSegment' },
    statuses: '200 201 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'DELETE /api/v1/environments/:environment/segments/:key': {
    who: 'editor',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/segments/:key/archive': {
    who: 'editor',
    answers: { 200: 'Segment' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/segments/:key/restore': {
    who: 'editor',
    answers: { 200: 'Segment' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/segments/:key/history': {
    who: 'viewer',
    query: 'limit after',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/segments/:key/history/:version': {
    who: 'viewer',
    answers: { 200: 'Segment' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/segments/:key/history/:version/put-back': {
    who: 'editor',
    answers: { 200: 'ChangedSegment', 201: 'ChangedSegment' },
    statuses: '200 201 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/flag-summaries': {
    who: 'viewer',
    answers: { 200: '{version items}', 304: '-' },
    statuses: '200 304 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/flags/:key/toggle': {
    who: 'editor',
    body: 'perhaps {isEnabled?}',
    answers: { 200: 'Flag' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/explain': {
    who: 'viewer',
    body: '{user flag?}',
    answers: { 200: 'Explanation or {items}' },
    statuses: '200 400 401 403 404 413 429 500 503',
  },
  'GET /api/v1/environments/:environment/latest-users': {
    who: 'editor',
    answers: { 200: '{remembered items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/metrics': {
    who: 'viewer',
    answers: { 200: '{items offered}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment/metrics/:key': {
    who: 'editor',
    body: 'MetricInput',
    answers: { 200: 'Metric', 201: 'Metric' },
    statuses: '200 201 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'DELETE /api/v1/environments/:environment/metrics/:key': {
    who: 'editor',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/environments/:environment/experiments': {
    who: 'viewer',
    answers: { 200: '{items}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/experiments/:key': {
    who: 'viewer',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'PUT /api/v1/environments/:environment/experiments/:key': {
    who: 'editor',
    body: 'ExperimentInput',
    answers: { 200: 'Experiment', 201: 'Experiment' },
    statuses: '200 201 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'DELETE /api/v1/environments/:environment/experiments/:key': {
    who: 'editor',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/experiments/:key/checks': {
    who: 'viewer',
    answers: { 200: '{canStart canStartAdjusted usersPerDay plannedDays checks}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/experiments/:key/start': {
    who: 'editor',
    body: 'perhaps {adjustFlag?}',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/pause': {
    who: 'editor',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/resume': {
    who: 'editor',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/restart': {
    who: 'editor',
    body: 'perhaps {adjustFlag?}',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/stop': {
    who: 'editor',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/decide': {
    who: 'editor',
    body: '{rollOut} or {putBack}',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/recount': {
    who: 'admin',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/archive': {
    who: 'editor',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/experiments/:key/restore': {
    who: 'editor',
    answers: { 200: 'Experiment' },
    statuses: '200 400 401 403 404 409 412 413 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/experiments/:key/results': {
    who: 'viewer',
    query: 'iteration',
    answers: { 200: 'ExperimentResults' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/experiments/:key/results.csv': {
    who: 'viewer',
    query: 'iteration',
    answers: { 200: 'text/csv' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/experiments/:key/results.txt': {
    who: 'viewer',
    query: 'iteration width',
    answers: { 200: 'text/plain' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/experiments/:key/series': {
    who: 'viewer',
    query: 'iteration',
    answers: { 200: '{points}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'DELETE /api/v1/environments/:environment/pseudonyms': {
    who: 'admin',
    answers: { 204: '-' },
    statuses: '204 400 401 403 404 409 413 429 500 503',
    headers: NOTES,
  },
  'GET /api/v1/audit': {
    who: 'admin',
    query: 'actor action kind key group from to environment limit after',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 429 500 503',
  },
  'GET /api/v1/audit/:entry': {
    who: 'admin',
    answers: { 200: 'AuditEntryWithStates' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/audit/export': {
    who: 'admin',
    query: 'actor action kind key group from to environment',
    answers: { 200: 'application/x-ndjson' },
    statuses: '200 400 401 403 429 500 503',
  },
  'GET /api/v1/environments/:environment/audit': {
    who: 'viewer',
    query: 'actor action kind key group from to limit after',
    answers: { 200: '{items next}' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/audit/:entry': {
    who: 'viewer',
    answers: { 200: 'AuditEntryWithStates' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/export': {
    who: 'viewer',
    answers: { 200: 'EnvironmentFile' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'POST /api/v1/environments/:environment/import': {
    who: 'editor',
    query: 'dryRun plan withSwitch',
    body: 'EnvironmentFile',
    answers: { 200: 'Transfer' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'POST /api/v1/environments/:environment/promote': {
    who: 'editor',
    query: 'dryRun plan',
    body: 'Promotion',
    answers: { 200: 'Transfer' },
    statuses: '200 400 401 403 404 409 412 413 428 429 500 503',
    headers: VERSIONS,
  },
  'GET /api/v1/environments/:environment/usage': {
    who: 'viewer',
    answers: { 200: 'Usage' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/flags/:key/evaluations': {
    who: 'viewer',
    query: 'bucket from to',
    answers: { 200: 'Evaluations' },
    statuses: '200 400 401 403 404 429 500 503',
  },
  'GET /api/v1/environments/:environment/connections': {
    who: 'viewer',
    query: 'limit after',
    answers: { 200: 'ConnectionList' },
    statuses: '200 400 401 403 404 429 500 503',
  },
};

interface Described {
  readonly summary: string;
  readonly security: readonly object[];
  readonly parameters: readonly {
    readonly in: string;
    readonly name: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Part>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Part>> }>
  >;
}

interface Part {
  readonly schema: ShortSchema;
  readonly 'x-item-schema'?: object;
}

interface ShortSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly ShortSchema[];
  readonly type?: string;
  readonly properties?: object;
  readonly required?: readonly string[];
  readonly items?: ShortSchema;
}

function inShort({ $ref, anyOf, type, properties = {}, required = [], items = {} }: ShortSchema): string {
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? '';
  if (anyOf !== undefined) return anyOf.map(inShort).join(' or ');
  if (type === 'array') return `[${inShort(items)}]`;
  if (type !== 'object') return type ?? 'anything';
  return `{${Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(' ')}}`;
}

function contentInShort(content: Readonly<Record<string, Part>> | undefined): string {
  if (content === undefined) return '-';
  return Object.entries(content)
    .map(([type, { schema }]) => (type === 'application/json' ? inShort(schema) : type))
    .join(' or ');
}

/** Written `{name}` in the document, and `:name` in the table of routes. */
function described(name: string): Described {
  const [method = '', path = ''] = name.split(' ');
  const methods = OPEN_API.paths[path.replaceAll(/:(\w+)/g, '{$1}')] as Readonly<Record<string, Described | undefined>>;
  const found = methods?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${name} is not in the document.`);
  return found;
}

const namesIn = ({ parameters }: Described, place: string) =>
  parameters.filter((one) => one.in === place).map(({ name }) => name);

const SECURITY: Readonly<Record<string, readonly object[]>> = {
  anybody: [],
  'anybody-known': [{}, { accessToken: [] }, { session: [] }],
  'signed-in': [{ accessToken: [] }, { session: [] }],
  viewer: [{ accessToken: [] }, { session: [] }],
  editor: [{ accessToken: [] }, { session: [] }],
  admin: [{ accessToken: [] }, { session: [] }],
  'server-secret': [{ secret: [] }],
  'client-secret': [{ secret: [] }],
  'any-secret': [{ secret: [] }],
};

const rows = Object.entries(TABLE).map(([name, row]) => ({ name, ...row }));

describe('the table of the API', () => {
  it('has every operation that the document has', () => {
    const all = Object.entries(OPEN_API.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(Object.keys(TABLE).sort()).toEqual(all.sort());
  });
});

describe.each(rows)('$name', ({ name, who, query = '', body, answers, statuses, headers = '' }) => {
  const operation = described(name);

  it(`may be asked by: ${who}`, () => {
    const route = ROUTES.find(({ method, path }) => `${method} ${path}` === name);
    expect(route?.access).toBe(who);
    expect(operation.security).toEqual(SECURITY[who]);
  });

  it('takes what the table says, and all of its query may be left out', () => {
    expect(namesIn(operation, 'query').join(' ')).toBe(query);
    expect(namesIn(operation, 'header').join(' ')).toBe(headers);
    for (const parameter of operation.parameters) expect(parameter.required).toBe(parameter.in === 'path');
    const { required = true, content } = operation.requestBody ?? {};
    const taken = content === undefined ? undefined : `${required ? '' : 'perhaps '}${contentInShort(content)}`;
    expect(taken).toBe(body);
  });

  it('answers as the table says, with a sentence of each status', () => {
    const said = Object.fromEntries(
      Object.keys(answers).map((status) => [status, contentInShort(operation.responses[status]?.content)]),
    );
    expect(said).toEqual(answers);
    expect(Object.keys(operation.responses).join(' ')).toBe(statuses);
    for (const { description } of Object.values(operation.responses)) expect(description).toMatch(/^[A-Z`].{6,}/);
  });
});

describe('an operation', () => {
  it('that changes nothing takes no note for the audit log, and is asked for with GET unless its body is a question', () => {
    const asking = rows.filter(({ name, headers }) => headers === undefined && !name.startsWith('GET '));
    for (const { headers } of rows.filter(({ name }) => name.startsWith('GET '))) expect(headers).toBeUndefined();
    const ofAccess = asking.filter(({ name }) => !/\/(?:session|sessions|links)\b/.test(name));
    expect(ofAccess.map(({ name }) => name)).toEqual([
      'POST /api/public/sdk/client/latest-all',
      'POST /api/public/insight/track',
      'POST /api/public/featureflag/evaluate',
      // What it changes is written down as the trigger's.
      'POST /api/public/triggers/:token',
      'POST /api/v1/environments/:environment/explain',
    ]);
  });

  it('that takes a version may find another one', () => {
    for (const { name, headers, statuses } of rows) {
      expect(statuses.includes('412'), name).toBe(headers === VERSIONS);
      // Nobody is made to say which revision of an experiment was seen.
      expect(statuses.includes('428'), name).toBe(headers === VERSIONS && !name.includes('/experiments/'));
    }
  });

  it('that changes something in an environment needs an editor or an admin', () => {
    for (const { who, headers, name } of rows) {
      if (headers !== undefined) expect(['editor', 'admin'], name).toContain(who);
    }
  });

  it.each(rows.filter(({ query }) => query !== undefined))(
    'has each name of its query once: $name',
    ({ query = '' }) => {
      const names = query.split(' ');
      expect(new Set(names).size).toBe(names.length);
    },
  );
});
