import Fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyServerOptions,
  type RawServerDefault,
} from 'fastify';
import type { Answer } from './answer.js';
import { corsHeaders } from './cors.js';
import { errorAnswer } from './refusals.js';
import { idOf, requestIdOf } from './request-id.js';
import { send } from './send.js';
import type { Certificate } from './tls-files.js';
import { Unreadable } from './unreadable.js';

/** Largest body of a route that does not say otherwise. */
export const BODY_LIMIT = 1024 * 1024;
/** A request must have arrived after this many milliseconds. */
const REQUEST_TIMEOUT = 30_000;
/** A connection on which nothing moves for this many milliseconds is closed, in the middle of an answer too. */
const IDLE_TIMEOUT = 75_000;
/** Keys of 256 characters, each up to 4 bytes written as `%xx`. */
const MAX_PARAMETER_LENGTH = 256 * 12;

/**
 * The framework, set up, without a route.
 *
 * @param certificate what it shows; absent = it speaks plain HTTP.
 * @param present gives the error about an address that cannot be read the form that is expected there.
 */
export function bareServer(
  certificate: Certificate | undefined,
  present: (error: Answer, path: string) => Answer,
): FastifyInstance {
  const unreadable = new Unreadable();
  const options: FastifyServerOptions = {
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
    genReqId: ({ headers }) => requestIdOf(headers),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Addresses that cannot be decoded never reach the error handler.
    frameworkErrors: (_error, request, reply) => {
      reply.headers({ ...idOf(request), ...corsHeaders(request.url, request.headers) });
      const [path = ''] = request.url.split('?');
      send(reply, present(errorAnswer(400, 'invalid-request', 'The address cannot be read.'), path));
    },
  };
  const requireHostHeader = false;
  // The types of the framework have another kind of instance for each; they differ in nothing that is used here.
  const transport =
    certificate === undefined ? { http: { requireHostHeader } } : { https: { requireHostHeader, ...certificate } };
  const fastify = Fastify({ ...options, ...transport } as FastifyHttpOptions<RawServerDefault>);
  unreadable.watch(fastify.server);
  return fastify;
}
