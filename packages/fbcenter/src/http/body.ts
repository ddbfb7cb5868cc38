import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../model/refusal.js';
import { ByteBudget, type Transfer } from '../runtime/byte-budget.js';
import { cut } from '../runtime/cut.js';
import { isNestedTooDeeply } from './nesting.js';

const MIB = 1024 * 1024;
/** Bodies that arrive at the same time, all together. Small ones are most of them, and count too. */
const ARRIVING = { maxBytes: 64 * MIB, freeBytes: 4 * 1024, peerBytes: 8 * MIB };
/** What must have come for it to count as progress, in bytes: a sender that drips holds what it has announced. */
const PROGRESS = 16 * 1024;

/** Bodies: how large they may be, and how many may arrive at a time. */
export class Bodies {
  readonly #arriving = new ByteBudget(ARRIVING);
  readonly #expected = new WeakMap<FastifyRequest, { readonly limit: number; readonly transfer?: Transfer }>();

  /**
   * Waits for room before a body is read.
   *
   * @param limit the largest body that is taken, in bytes.
   * @param isTrusted whether the body waits for nobody: whoever manages the center must get through.
   * @throws an error with the status 413 when the body is announced as larger.
   */
  async expect(request: FastifyRequest, reply: FastifyReply, limit: number, isTrusted: boolean): Promise<void> {
    const bytes = announced(request, limit);
    if (bytes > limit) throw tooLarge();
    if (bytes === 0 || isTrusted) {
      this.#expected.set(request, { limit });
      return;
    }
    const transfer = await this.#arriving.take(bytes);
    const { socket } = request.raw;
    transfer.expect(
      () => Math.floor(socket.bytesRead / PROGRESS),
      () => cut(socket),
    );
    if (socket.destroyed) transfer.end();
    reply.raw.once('close', () => transfer.end());
    this.#expected.set(request, { limit, transfer });
  }

  /** Reads a body that has come, whatever its content type says. @throws Refusal, or an error with a status. */
  read(request: FastifyRequest, text: string): unknown {
    const { limit = 0, transfer } = this.#expected.get(request) ?? {};
    transfer?.arrived();
    if (text.length > limit || Buffer.byteLength(text) > limit) throw tooLarge();
    if (text === '') return undefined;
    if (isNestedTooDeeply(text)) throw new Refusal('invalid-request', 'The body is nested too deeply to be read.');
    try {
      return JSON.parse(text);
    } catch {
      throw Object.assign(new Error('The body is not JSON'), { statusCode: 400 });
    }
  }
}

/** How large a body says it is; in chunks it does not say, so it may be as large as is taken. */
function announced({ headers }: FastifyRequest, limit: number): number {
  if (headers['transfer-encoding'] !== undefined) return limit;
  return Number(headers['content-length'] ?? 0);
}

function tooLarge(): Error {
  return Object.assign(new Error('The body is too large'), { statusCode: 413 });
}
