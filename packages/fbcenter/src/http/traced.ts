import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What takes down how a request went. */
interface Trace {
  /** Does something as a part of the request. */
  within(work: () => void): void;
  end(status: number): void;
}

/** Begins to take down how a request goes; `undefined` for one of which nobody wants to know. */
export type BeginTrace = (
  request: Pick<FastifyRequest, 'method' | 'headers'> & { readonly route: string },
) => Trace | undefined;

/** Has each request traced, from its head to its answer. */
export function traceRequests(fastify: FastifyInstance, begin: BeginTrace): void {
  const traces = new WeakMap<FastifyRequest, Trace>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    const { url: route } = request.routeOptions;
    const trace = route === undefined ? undefined : begin({ method, headers, route });
    if (trace === undefined) return done();
    traces.set(request, trace);
    reply.raw.once('close', () => trace.end(reply.raw.statusCode));
    trace.within(done);
  });
  // Its body has come in events of the connection, which belong to nobody.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const trace = traces.get(request);
    if (trace === undefined) done();
    else trace.within(done);
  });
}
