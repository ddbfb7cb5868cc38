import type { FastifyReply, FastifyRequest } from 'fastify';
import { findJsonFault } from 'fbclient/core';
import { Refusal } from '../model/refusal.js';
import { ByteBudget } from '../runtime/byte-budget.js';
import { cut } from '../runtime/cut.js';
import { networkOf } from '../runtime/network.js';
import type { Transfer } from '../runtime/transfer.js';
import { isNestedTooDeeply } from './nesting.js';
import { misreadNumbers } from './numbers.js';

const MIB = 1024 * 1024;
/** Bodies that arrive at the same time, all together. Small ones are most of them, and count too. */
const ARRIVING = { maxBytes: 64 * MIB, freeBytes: 4 * 1024, peerBytes: 8 * MIB };
/** What must have come for it to count as progress, in bytes: a sender that drips holds what it has announced. */
const PROGRESS = 16 * 1024;

/** Bodies: how large they may be, and how many may arrive at a time. */
export class Bodies {
  readonly #arriving = new ByteBudget(ARRIVING);
  readonly #expected = new WeakMap<
    FastifyRequest,
    { readonly limit: number; readonly isTrusted?: boolean; readonly transfer?: Transfer }
  >();

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
      this.#expected.set(request, { limit, isTrusted });
      return;
    }
    const { socket } = request.raw;
    const transfer = await this.#arriving.take(bytes, networkOf(socket.remoteAddress));
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
    const { limit = 0, isTrusted = false, transfer } = this.#expected.get(request) ?? {};
    transfer?.arrived();
    if (text.length > limit || Buffer.byteLength(text) > limit) throw tooLarge();
    if (text === '') return undefined;
    if (isNestedTooDeeply(text)) throw new Refusal('invalid-request', 'The body is nested too deeply to be read.');
    const value = parse(text);
    // What is managed is kept and served to everybody; what SDKs report is counted.
    const faults = isTrusted ? misreadNumbers(text) : [];
    if (faults.length === 0) return value;
    throw new Refusal('invalid-request', 'The body has numbers that cannot be kept as they are.', faults);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('invalid-request', `The body is not JSON: ${mistakeIn(text)}.`);
  }
}

/** How much of a text is searched for its mistake, in UTF-16 units: nobody has written more by hand. */
const SEARCHED = 256 * 1024;

/** Where the mistake is, without a word of the text: it may hold anything. */
function mistakeIn(text: string): string {
  const fault = findJsonFault(text, SEARCHED);
  if (fault === undefined) return `the mistake is not in its first ${SEARCHED.toLocaleString('en')} characters`;
  return `line ${fault.line}, column ${fault.column}: expected ${fault.expected}`;
}

/** How large a body says it is; in chunks it does not say, so it may be as large as is taken. */
function announced({ headers }: FastifyRequest, limit: number): number {
  if (headers['transfer-encoding'] !== undefined) return limit;
  return Number(headers['content-length'] ?? 0);
}

function tooLarge(): Error {
  return Object.assign(new Error('The body is too large'), { statusCode: 413 });
}
