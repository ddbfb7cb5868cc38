import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Caller } from '../model/caller.js';
import { contain } from '../runtime/listeners.js';
import type { Logger } from '../runtime/log.js';
import type { AnsweredRequest } from './answered.js';

/**
 * Writes a line for each request. Neither addresses nor bodies are in it, which have keys of users and credentials: the route stands for the address,
 * and an id for who has asked.
 *
 * @param logger as it was given: one that leaves out what repeats would leave out most.
 */
export class AccessLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  request({ id, method, route, status, milliseconds, isAborted, address, caller, environment }: AnsweredRequest): void {
    this.#write('request', {
      request: id,
      method,
      route: route ?? '-',
      status,
      ms: rounded(milliseconds),
      address: address ?? '-',
      ...whoOf(caller),
      ...(environment === undefined ? {} : { environment }),
      ...(isAborted ? { aborted: true } : {}),
    });
  }

  /** Writes a line when a connection ends that has asked for an upgrade. */
  stream(request: IncomingMessage, socket: Duplex): void {
    const begun = performance.now();
    const { remoteAddress: address = '-' } = request.socket;
    socket.once('close', () => this.#write('stream', { ms: rounded(performance.now() - begun), address }));
  }

  #write(message: string, fields: Record<string, unknown>): void {
    contain(
      () => this.#logger.info(message, fields),
      () => {},
    );
  }
}

/** Names of people stay out of it, as they do of every other line. */
function whoOf(caller: Caller | undefined): Record<string, string> {
  if (caller?.kind === 'sdk') return { caller: `${caller.secret}-secret`, id: caller.secretId };
  if (caller?.kind === 'manager') return { caller: caller.actor.kind, id: caller.actor.id };
  return { caller: caller?.kind ?? 'refused' };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
