import type { FastifyInstance } from 'fastify';
import type { Caller } from '../model/caller.js';
import type { Admitted } from './entry.js';
import type { RequestNotes } from './request-notes.js';

/** A request that was answered, or left by its client before that. */
export interface AnsweredRequest {
  readonly id: string;
  readonly method: string;
  /** As the table of routes has it, so without what somebody has put into its variable parts; absent = there is nothing at the address. */
  readonly route: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
  /** Whether the client has left before it had the answer. */
  readonly isAborted: boolean;
  readonly address: string | undefined;
  /** Who has asked; absent when nobody was let in. */
  readonly caller: Caller | undefined;
  /** The key of the environment that it was about. */
  readonly environment: string | undefined;
}

/** Reports every request once its answer was written, or its client is gone. */
export function watchAnswers(
  fastify: FastifyInstance,
  admitted: RequestNotes<Admitted>,
  answered: (request: AnsweredRequest) => void,
): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const begun = performance.now();
    const { remoteAddress: address } = request.raw.socket;
    // Of the response itself: streams of events leave without the framework.
    reply.raw.once('close', () => {
      const known = admitted.get(request);
      answered({
        id: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.raw.statusCode,
        milliseconds: performance.now() - begun,
        isAborted: !reply.raw.writableFinished,
        address,
        caller: known?.caller,
        environment: known?.environment?.key,
      });
    });
  });
}
