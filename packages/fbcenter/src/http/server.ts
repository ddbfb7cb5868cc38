import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import type { ByteBudget } from '../runtime/byte-budget.js';
import { errorText, type Logger } from '../runtime/log.js';
import { networkOf } from '../runtime/network.js';
import { Stopping } from '../runtime/stopping.js';
import type { Answer } from './answer.js';
import { type AnsweredRequest, watchAnswers } from './answered.js';
import { BODY_LIMIT, bareServer } from './bare-server.js';
import { Bodies } from './body.js';
import { compressed } from './compression.js';
import { admitPages, corsHeaders } from './cors.js';
import { Doorkeeper, denial } from './doorkeeper.js';
import { type Admitted, admitRequest, type EntryParts, mayGoOn, noEnvironment } from './entry.js';
import { EventStreams } from './event-streams.js';
import type { Exchange, Route } from './exchange.js';
import { KeptConnections } from './kept-connections.js';
import { RateLimit } from './rate-limit.js';
import { answerTo, errorAnswer, identified } from './refusals.js';
import { idOf } from './request-id.js';
import { RequestNotes } from './request-notes.js';
import { contentOf, GUARDS, headersOf, send, sendWithin } from './send.js';
import type { Certificate } from './tls-files.js';
import { type BeginTrace, traceRequests } from './traced.js';
import { boundWaiting } from './waiting-connections.js';

export interface HttpParts extends EntryParts {
  readonly routes: readonly Route[];
  readonly budget: Pick<ByteBudget, 'of'>;
  readonly log: Logger;
  /** Hands over what judges the streams anew that go on, when somebody's access has changed elsewhere. */
  onAccessChange?(judge: () => Promise<void>): void;
  /** What it shows; absent = it speaks plain HTTP. */
  readonly certificate?: Certificate | undefined;
  /** Requests that each caller may send from each address in a minute. @default as many as it likes */
  readonly rateLimit?: number | undefined;
  /** How far it has got with stopping. @default it is closed without a word before */
  readonly stopping?: Stopping | undefined;
  /** Hears of every request once it was answered. */
  readonly onAnswered?: ((request: AnsweredRequest) => void) | undefined;
  /** @default nothing is traced */
  readonly trace?: BeginTrace | undefined;
}

/** Streams of server-sent events to pages of the world, at one time. */
const MOST_STREAMS = 20_000;
const NO_QUERY = new URLSearchParams();
const NOTHING_HERE = errorAnswer(404, 'not-found', 'There is nothing here.');
/** It stays green until the end: a process that stops is not to be killed for that. */
const LIVENESS = '/health/liveness';

/** Puts the table of routes on an HTTP server: access, bodies, errors. Listening is up to the caller. */
export function createHttpServer(parts: HttpParts): FastifyInstance {
  const { log, stopping = new Stopping() } = parts;
  const fastify = bareServer(parts.certificate, (error, path) => presentedWithin(parts.routes, error, path));
  const admitted = new RequestNotes<Admitted>();
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers(idOf(request));
    // Whoever keeps a connection open would send the next request into its end.
    if (stopping.isAnnounced) reply.header('connection', 'close');
  });
  boundWaiting(fastify.server);
  const kept = new KeptConnections(fastify.server);
  stopping.add((time) => kept.quiet(time));
  if (parts.trace !== undefined) traceRequests(fastify, parts.trace);
  if (parts.onAnswered !== undefined) watchAnswers(fastify, admitted, parts.onAnswered);
  // First, so that pages can read whatever is answered afterwards.
  admitPages(fastify);
  refuseEverywhere(fastify);
  // By default curl says that JSON is a form, and SDKs differ in how they spell the type: the body decides.
  fastify.removeAllContentTypeParsers();
  const bodies = new Bodies();
  const door = new Doorkeeper(log);
  const ignoringBody = pathsOf(parts.routes, ({ ignoresBody }) => ignoresBody);
  const wantingText = pathsOf(parts.routes, ({ wantsText }) => wantsText);
  const texts = new RequestNotes<string>();
  fastify.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    const { url = '' } = request.routeOptions;
    if (wantingText.has(url)) texts.set(request, text);
    return bodies.read(request, ignoringBody.has(url) ? '' : text);
  });
  fastify.setNotFoundHandler((_request, reply) => send(reply, NOTHING_HERE));
  fastify.setErrorHandler((error, request, reply) => {
    const answer = answerTo(error);
    const what = { route: `${request.method} ${request.routeOptions.url ?? '?'}`, request: request.id };
    if (answer === undefined) log.error('a request failed', { ...what, error: errorText(error) });
    else if (answer.status >= 500) log.warn('a request could not be served', { ...what, error: errorText(error) });
    return send(reply, present(request, answer ?? errorAnswer(500, 'internal', 'The center failed: see its log.')));
  });
  const present = (request: FastifyRequest, refusal: Answer): Answer => {
    const error = identified(refusal, request.id);
    const there = parts.routes.filter(({ path }) => path === request.routeOptions.url);
    const route = there.find(({ method }) => method === request.method) ?? there[0];
    const status = error.status === 413 ? (route?.tooLarge?.(request.headers) ?? 413) : error.status;
    return route?.presentError?.({ ...error, status }, pathOf(request.url)) ?? { ...error, status };
  };
  // Pages of those who manage the center, and pages of the world.
  const streams = { few: new EventStreams(), many: new EventStreams({ streams: MOST_STREAMS }) };
  // They would keep the server from closing for ever.
  const endStreams = async (time = 0) => {
    await Promise.all([streams.few.endAll(time), streams.many.endAll(time)]);
  };
  stopping.add(endStreams);
  fastify.addHook('preClose', () => endStreams());
  parts.onAccessChange?.(() => streams.few.judgeAll());
  const limit = parts.rateLimit === undefined ? undefined : new RateLimit(parts.rateLimit);
  for (const route of parts.routes)
    addRoute(fastify, route, { admitted, texts, limit, bodies, door, streams, present }, parts);
  for (const url of new Set(parts.routes.map(({ path }) => path))) refuseOtherMethods(fastify, url, present);
  return fastify;
}

/** An error about an address that cannot be read, in the form of the routes that are there for all addresses with this beginning. */
function presentedWithin(routes: readonly Route[], error: Answer, path: string): Answer {
  const route = routes.find((one) => one.path.endsWith('/*') && path.startsWith(one.path.slice(0, -1)));
  return route?.presentError?.(error, path) ?? error;
}

/** What is refused whatever is asked for. */
function refuseEverywhere(fastify: FastifyInstance): void {
  let isStopping = false;
  fastify.addHook('preClose', async () => {
    isStopping = true;
  });
  fastify.addHook('onRequest', async ({ raw, is404 }, reply) => {
    if (isStopping && raw.url !== LIVENESS)
      return send(reply, errorAnswer(503, 'stopping', 'The center stops: ask it again later.'));
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined)
      return send(reply, errorAnswer(400, 'invalid-request', 'The request has no Host.'));
    // Before the body is read: it will not be used.
    return is404 ? send(reply, NOTHING_HERE) : undefined;
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
  /** What is known of the requests that were let in. */
  readonly admitted: RequestNotes<Admitted>;
  /** Bodies as they were sent, of routes that want them. */
  readonly texts: RequestNotes<string>;
  /** Absent = nobody is limited. */
  readonly limit: RateLimit | undefined;
  readonly bodies: Bodies;
  readonly door: Doorkeeper;
  readonly streams: { readonly few: EventStreams; readonly many: EventStreams };
  /** Gives an error the form of its route. */
  present(request: FastifyRequest, error: Answer): Answer;
}

function addRoute(
  fastify: FastifyInstance,
  route: Route,
  { admitted, texts, limit, bodies, door, streams, present }: Guards,
  parts: HttpParts,
): void {
  const { method, path: url, access, changesAccess = false, isUnlimited = false } = route;
  const { bodyLimit = BODY_LIMIT, clientBodyLimit = bodyLimit } = route;
  fastify.route({
    method,
    url,
    bodyLimit,
    // Before the body is read: a stranger's body is not worth the memory.
    onRequest: async (request, reply) => {
      const entry = await admitRequest(request, route, door, parts);
      const who = 'refusal' in entry ? undefined : entry.caller;
      const tooMany = isUnlimited ? undefined : limit?.refusalOf(who, request.raw.socket.remoteAddress);
      if (tooMany !== undefined) return send(reply, present(request, tooMany));
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
      const exchange = exchangeOf(request, known, texts.get(request));
      const answer =
        route.about === undefined
          ? await route.handler(exchange)
          : await route.handler({ ...exchange, environment: environment ?? noEnvironment() });
      if (changesAccess) await streams.few.judgeAll();
      if (answer.body.kind === 'events') {
        const headers = { ...GUARDS, ...idOf(request), ...corsHeaders(request.url, request.headers) };
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

function exchangeOf(request: FastifyRequest, { caller, site }: Admitted, text = ''): Exchange {
  const { params, headers, body, url, raw } = request;
  const path = pathOf(url);
  return {
    path,
    params: params as Record<string, string>,
    query: path.length === url.length ? NO_QUERY : new URLSearchParams(url.slice(path.length + 1)),
    headers,
    body,
    text,
    caller,
    site,
    address: raw.socket.remoteAddress,
    isGone: () => raw.socket.destroyed,
  };
}

function pathsOf(routes: readonly Route[], isMeant: (route: Route) => boolean | undefined): ReadonlySet<string> {
  return new Set(routes.filter((route) => isMeant(route) === true).map(({ path }) => path));
}

/** The address without the query. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}
