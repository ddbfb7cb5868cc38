import Fastify, { type FastifyInstance, type FastifyRequest, type HTTPMethods } from 'fastify';
import type { ByteBudget } from '../runtime/byte-budget.js';
import { errorText, type Logger } from '../runtime/log.js';
import { networkOf } from '../runtime/network.js';
import type { Answer } from './answer.js';
import { Bodies } from './body.js';
import { compressed } from './compression.js';
import { admitPages, corsHeaders } from './cors.js';
import { Doorkeeper, denial } from './doorkeeper.js';
import { type Admitted, admitRequest, type EntryParts, mayGoOn, noEnvironment } from './entry.js';
import { EventStreams } from './event-streams.js';
import type { Exchange, Route } from './exchange.js';
import { answerTo, errorAnswer } from './refusals.js';
import { contentOf, GUARDS, headersOf, send, sendWithin } from './send.js';
import { Unreadable } from './unreadable.js';
import { boundWaiting } from './waiting-connections.js';

export interface HttpParts extends EntryParts {
  readonly routes: readonly Route[];
  readonly budget: Pick<ByteBudget, 'of'>;
  readonly log: Logger;
  /** Hands over what judges the streams anew that go on, when somebody's access has changed elsewhere. */
  onAccessChange?(judge: () => Promise<void>): void;
}

/** Largest body of a route that does not say otherwise. */
const BODY_LIMIT = 1024 * 1024;
/** A request must have arrived after this many milliseconds. */
const REQUEST_TIMEOUT = 30_000;
/** A connection on which nothing moves for this many milliseconds is closed, in the middle of an answer too. */
const IDLE_TIMEOUT = 75_000;
/** Streams of server-sent events to pages of the world, at one time. */
const MOST_STREAMS = 20_000;
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
    frameworkErrors: (_error, request, reply) => {
      reply.headers(corsHeaders(request.url, request.headers));
      send(reply, errorAnswer(400, 'invalid-request', 'The address cannot be read.'));
    },
  });
  unreadable.watch(fastify.server);
  boundWaiting(fastify.server);
  // First, so that pages can read whatever is answered afterwards.
  admitPages(fastify);
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
    return send(reply, present(request, answer ?? errorAnswer(500, 'internal', 'The center failed: see its log.')));
  });
  const present = (request: FastifyRequest, error: Answer): Answer => {
    const there = parts.routes.filter(({ path }) => path === request.routeOptions.url);
    const route = there.find(({ method }) => method === request.method) ?? there[0];
    const status = error.status === 413 ? (route?.tooLarge?.(request.headers) ?? 413) : error.status;
    return route?.presentError?.({ ...error, status }, pathOf(request.url)) ?? { ...error, status };
  };
  // Pages of those who manage the center, and pages of the world.
  const streams = { few: new EventStreams(), many: new EventStreams({ streams: MOST_STREAMS }) };
  // They would keep the server from closing for ever.
  fastify.addHook('preClose', async () => {
    streams.few.endAll();
    streams.many.endAll();
  });
  parts.onAccessChange?.(() => streams.few.judgeAll());
  for (const route of parts.routes) addRoute(fastify, route, { bodies, door, streams, present }, parts);
  for (const url of new Set(parts.routes.map(({ path }) => path))) refuseOtherMethods(fastify, url, present);
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
function refuseOtherMethods(fastify: FastifyInstance, url: string, present: Guards['present']): void {
  // Ask Fastify, which answers HEAD wherever there is a GET.
  const isTaken = (method: HTTPMethods) => fastify.hasRoute({ method, url });
  const methods = fastify.supportedMethods as HTTPMethods[];
  const allow = methods.filter(isTaken).join(', ');
  const answer = errorAnswer(405, 'method-not-allowed', `This address takes ${allow}.`);
  fastify.route({
    method: methods.filter((method) => !isTaken(method)),
    url,
    // Before the body is read: it will not be used.
    onRequest: async (request, reply) => send(reply, present(request, { ...answer, headers: { allow } })),
    handler: () => {},
  });
}

/** What all routes share. */
interface Guards {
  readonly bodies: Bodies;
  readonly door: Doorkeeper;
  readonly streams: { readonly few: EventStreams; readonly many: EventStreams };
  /** Gives an error the form of its route. */
  present(request: FastifyRequest, error: Answer): Answer;
}

function addRoute(
  fastify: FastifyInstance,
  route: Route,
  { bodies, door, streams, present }: Guards,
  parts: HttpParts,
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
      const entry = await admitRequest(request, route, door, parts);
      if ('refusal' in entry) return send(reply, present(request, entry.refusal));
      const { caller } = entry;
      admitted.set(request, entry);
      const isClient = caller.kind === 'sdk' && caller.secret === 'client';
      await bodies.expect(request, reply, isClient ? clientBodyLimit : bodyLimit, caller.kind === 'manager');
    },
    handler: async (request, reply) => {
      const known = admitted.get(request);
      if (known === undefined) return send(reply, denial(access));
      const { caller, environment } = known;
      const exchange = exchangeOf(request, known);
      const answer =
        route.about === undefined
          ? await route.handler(exchange)
          : await route.handler({ ...exchange, environment: environment ?? noEnvironment() });
      if (changesAccess) await streams.few.judgeAll();
      if (answer.body.kind === 'events') {
        const headers = { ...GUARDS, ...corsHeaders(request.url, request.headers) };
        return streams[answer.body.readers].open(reply, headers, answer.body.source, () =>
          mayGoOn(request, route, known, parts.callers),
        );
      }
      const room = parts.budget.of(networkOf(exchange.address));
      // SDKs keep what they had: for them a smaller answer is not worth the processor's time.
      if (caller.kind !== 'manager') return sendWithin(room, reply, answer);
      return sendWithin(room, reply, await compressed(answer, request.headers['accept-encoding']));
    },
  });
}

function exchangeOf(request: FastifyRequest, { caller, site }: Admitted): Exchange {
  const { params, headers, body, url, raw } = request;
  const path = pathOf(url);
  return {
    path,
    params: params as Record<string, string>,
    query: new URLSearchParams(url.slice(path.length + 1)),
    headers,
    body,
    caller,
    site,
    address: raw.socket.remoteAddress,
    isGone: () => raw.socket.destroyed,
  };
}

/** The address without the query. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}
