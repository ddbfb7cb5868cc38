import Fastify, { type FastifyInstance, type FastifyRequest, type HTTPMethods } from 'fastify';
import type { Callers } from '../access/callers.js';
import { type Demand, isManaged, judgeRole } from '../access/demands.js';
import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import { errorText, type Logger } from '../runtime/log.js';
import { networkOf } from '../runtime/network.js';
import type { Environments } from '../storage/environments.js';
import { Bodies } from './body.js';
import { compressed } from './compression.js';
import { cookieIn } from './cookies.js';
import { Doorkeeper, denial } from './doorkeeper.js';
import { EventStreams } from './event-streams.js';
import type { Exchange, Route } from './exchange.js';
import { answerTo, errorAnswer } from './refusals.js';
import { contentOf, GUARDS, headersOf, send, sendWithin } from './send.js';
import { type Site, senderOf, siteOf } from './site.js';
import { Unreadable } from './unreadable.js';

export interface HttpParts {
  readonly routes: readonly Route[];
  readonly callers: Callers;
  readonly environments: Pick<Environments, 'byKey'>;
  readonly budget: Pick<ByteBudget, 'of'>;
  readonly log: Logger;
  /** Where browsers find the center. @default what their requests say */
  readonly publicUrl?: string | undefined;
}

/** Largest body of a route that does not say otherwise. */
const BODY_LIMIT = 1024 * 1024;
/** A request must have arrived after this many milliseconds. */
const REQUEST_TIMEOUT = 30_000;
/** A connection on which nothing moves for this many milliseconds is closed, in the middle of an answer too. */
const IDLE_TIMEOUT = 75_000;
/** Keys of 256 characters, each up to 4 bytes written as `%xx`. */
const MAX_PARAMETER_LENGTH = 256 * 12;

/** Puts the table of routes on an HTTP server: access, bodies, errors. Listening is up to the caller. */
export function createHttpServer(parts: HttpParts): FastifyInstance {
  const { log } = parts;
  const unreadable = new Unreadable();
  const fastify = Fastify({
    // Its own log would write addresses; those of streaming bear credentials.
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: IDLE_TIMEOUT,
    keepAliveTimeout: IDLE_TIMEOUT,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => unreadable.refuse(error, socket),
    // What the framework and Node.js would answer by themselves is answered below, in the form of every other answer.
    return503OnClosing: false,
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Addresses that cannot be decoded never reach the error handler.
    frameworkErrors: (_error, _request, reply) => {
      send(reply, errorAnswer(400, 'invalid-request', 'The address cannot be read.'));
    },
  });
  unreadable.watch(fastify.server);
  refuseEverywhere(fastify);
  // By default curl says that JSON is a form, and SDKs differ in how they spell the type: the body decides.
  fastify.removeAllContentTypeParsers();
  const bodies = new Bodies();
  const door = new Doorkeeper(log);
  fastify.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) =>
    bodies.read(request, text),
  );
  fastify.setNotFoundHandler((_request, reply) => send(reply, errorAnswer(404, 'not-found', 'There is nothing here.')));
  fastify.setErrorHandler((error, request, reply) => {
    const answer = answerTo(error);
    const route = `${request.method} ${request.routeOptions.url ?? '?'}`;
    if (answer === undefined) log.error('a request failed', { route, error: errorText(error) });
    else if (answer.status >= 500) log.warn('a request could not be served', { route, error: errorText(error) });
    return send(reply, answer ?? errorAnswer(500, 'internal', 'The center failed: see its log.'));
  });
  const streams = new EventStreams();
  // They would keep the server from closing for ever.
  fastify.addHook('preClose', async () => streams.endAll());
  for (const route of parts.routes) addRoute(fastify, route, { bodies, door, streams }, parts);
  for (const url of new Set(parts.routes.map(({ path }) => path))) refuseOtherMethods(fastify, url);
  return fastify;
}

/** What is refused whatever is asked for. */
function refuseEverywhere(fastify: FastifyInstance): void {
  let isStopping = false;
  fastify.addHook('preClose', async () => {
    isStopping = true;
  });
  fastify.addHook('onRequest', async ({ raw }, reply) => {
    if (isStopping) return send(reply, errorAnswer(503, 'stopping', 'The center stops: ask it again later.'));
    if (raw.httpVersion !== '1.1' || raw.headers.host !== undefined) return;
    return send(reply, errorAnswer(400, 'invalid-request', 'The request has no Host.'));
  });
  fastify.server.on('checkExpectation', (_request, response) => {
    const answer = errorAnswer(417, 'invalid-request', 'Of all that can be expected only 100-continue is met.');
    response.writeHead(answer.status, headersOf(answer));
    response.end(contentOf(answer));
  });
}

/** Answers 405 with `Allow` where the address exists but not for that method. */
function refuseOtherMethods(fastify: FastifyInstance, url: string): void {
  // Ask Fastify, which answers HEAD wherever there is a GET.
  const isTaken = (method: HTTPMethods) => fastify.hasRoute({ method, url });
  const methods = fastify.supportedMethods as HTTPMethods[];
  const allow = methods.filter(isTaken).join(', ');
  const answer = errorAnswer(405, 'method-not-allowed', `This address takes ${allow}.`);
  fastify.route({
    method: methods.filter((method) => !isTaken(method)),
    url,
    // Before the body is read: it will not be used.
    onRequest: async (_request, reply) => send(reply, { ...answer, headers: { allow } }),
    handler: () => {},
  });
}

/** What all routes share. */
interface Guards {
  readonly bodies: Bodies;
  readonly door: Doorkeeper;
  readonly streams: EventStreams;
}

/** What is known of a request before its body is read. */
interface Admitted {
  readonly caller: Caller;
  readonly site: Site;
  /** What it is about, when the route is about one. */
  readonly environment: Environment | undefined;
}

function addRoute(
  fastify: FastifyInstance,
  route: Route,
  { bodies, door, streams }: Guards,
  { callers, environments, budget, publicUrl }: HttpParts,
): void {
  const { method, path: url, access, changesAccess = false } = route;
  const { bodyLimit = BODY_LIMIT, clientBodyLimit = bodyLimit } = route;
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  fastify.route({
    method,
    url,
    bodyLimit,
    // Before the body is read: a stranger's body is not worth the memory.
    onRequest: async (request, reply) => {
      const site = siteOf(request.headers, publicUrl);
      const caller = await callers.identify(credentialsIn(request, access, site), access);
      const refusal = door.refusalOf(request, caller, access);
      if (caller === undefined || refusal !== undefined) return send(reply, refusal ?? denial(access));
      if (isForged(request, caller, site)) return send(reply, FORGED);
      const environment =
        route.about === undefined ? undefined : await environmentOf(caller, request.params, environments);
      demandRole(caller, access, environment);
      admitted.set(request, { caller, site, environment });
      const isClient = caller.kind === 'sdk' && caller.secret === 'client';
      await bodies.expect(request, reply, isClient ? clientBodyLimit : bodyLimit, caller.kind === 'manager');
    },
    handler: async (request, reply) => {
      const known = admitted.get(request);
      if (known === undefined) return send(reply, denial(access));
      const { caller, site, environment } = known;
      const exchange = exchangeOf(request, known);
      const answer =
        route.about === undefined
          ? await route.handler(exchange)
          : await route.handler({ ...exchange, environment: environment ?? noEnvironment() });
      if (changesAccess) await streams.judgeAll();
      if (answer.body.kind === 'events') {
        const mayGoOn = async () => {
          const now = await callers.identify(credentialsIn(request, access, site), access);
          return now !== undefined && judgeRole(now, access, environment) === 'allowed';
        };
        return streams.open(reply, GUARDS, answer.body.source, mayGoOn);
      }
      const room = budget.of(networkOf(exchange.address));
      // SDKs keep what they had: for them a smaller answer is not worth the processor's time.
      if (caller.kind !== 'manager') return sendWithin(room, reply, answer);
      return sendWithin(room, reply, await compressed(answer, request.headers['accept-encoding']));
    },
  });
}

function credentialsIn({ headers }: FastifyRequest, access: Demand, { cookie }: Site) {
  const session = isManaged(access) ? cookieIn(headers, cookie) : undefined;
  return { authorization: headers.authorization, session };
}

/**
 * Whether another site may have made the browser send a change: a browser adds its cookies to whatever it sends. A request with a
 * session must come from a page of the center; one that begins a session must not come from somebody else's.
 */
function isForged({ method, headers }: FastifyRequest, caller: Caller, site: Site): boolean {
  if (method === 'GET' || method === 'HEAD' || caller.kind === 'sdk' || headers.authorization !== undefined)
    return false;
  const sender = senderOf(headers, site);
  return caller.kind === 'manager' ? sender !== 'own' : sender === 'foreign';
}

const FORGED = errorAnswer(
  403,
  'cross-site',
  'The change did not come from a page of this center: open the center itself, at the address that it has in the browser.',
);

/** @throws Refusal when the caller may not do it, or may not know of what it is about. */
function demandRole(caller: Caller, access: Demand, environment: Environment | undefined): void {
  const verdict = judgeRole(caller, access, environment);
  if (verdict === 'hidden') noEnvironment();
  if (verdict === 'role-too-low') {
    const where = environment === undefined ? 'everywhere' : 'in this environment';
    throw new Refusal('forbidden', `This takes the role ${access} ${where}: ask an admin for it.`);
  }
}

async function environmentOf(
  caller: Caller,
  params: unknown,
  environments: HttpParts['environments'],
): Promise<Environment> {
  if (caller.kind === 'sdk') return caller.environment;
  const { environment: key = '' } = params as Record<string, string>;
  return (await environments.byKey(key)) ?? noEnvironment();
}

function noEnvironment(): never {
  throw new Refusal(
    'environment-not-found',
    'There is no environment of this key: GET /api/v1/environments lists them.',
  );
}

function exchangeOf(request: FastifyRequest, { caller, site }: Admitted): Exchange {
  const { params, headers, body, url, raw } = request;
  const mark = url.indexOf('?');
  const [path, query] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  return {
    path,
    params: params as Record<string, string>,
    query: new URLSearchParams(query),
    headers,
    body,
    caller,
    site,
    address: raw.socket.remoteAddress,
  };
}
