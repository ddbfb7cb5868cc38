import type { FastifyRequest } from 'fastify';

/** What is known of requests, kept with each of them: a WeakMap of so many keys, which live for a moment, costs the garbage collector more than they do. */
export class RequestNotes<T> {
  readonly #name = Symbol('note');

  get(request: FastifyRequest): T | undefined {
    return (request as unknown as Readonly<Record<symbol, T | undefined>>)[this.#name];
  }

  set(request: FastifyRequest, note: T): void {
    (request as unknown as Record<symbol, T>)[this.#name] = note;
  }
}
