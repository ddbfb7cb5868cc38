import type { FastifyReply, FastifyRequest } from 'fastify';
import { findJsonFault } from 'fbclient/core';
import type { Fault } from '../model/fault.js';
import { isNestedTooDeeply } from '../model/nesting.js';
import { Refusal } from '../model/refusal.js';
import { ByteBudget } from '../runtime/byte-budget.js';
import { cut } from '../runtime/cut.js';
import { networkOf } from '../runtime/network.js';
import type { Transfer } from '../runtime/transfer.js';
import { type JsonPlace, parseLongJson } from './long-json.js';
import { MAX_FAULTS, misreadNumbers } from './numbers.js';
import { RequestNotes } from './request-notes.js';

const MIB = 1024 * 1024;
/** Bodies that arrive at the same time, all together. Small ones are most of them, and count too. */
const ARRIVING = { maxBytes: 64 * MIB, freeBytes: 4 * 1024, peerBytes: 8 * MIB };
/** Files and long documents of those who manage the center, which never wait for others' bodies: two of the longest at a time. */
const MANAGED = { maxBytes: 64 * MIB, freeBytes: 2 * MIB, peerBytes: 32 * MIB };
/** A body that is longer is read in turns of the event loop, in UTF-16 units. */
const LONG = MIB / 4;
/** What must have come for it to count as progress, in bytes: a sender that drips holds what it has announced. */
const PROGRESS = 16 * 1024;

/** Bodies: how large they may be, and how many may arrive at a time. */
export class Bodies {
  readonly #arriving = new ByteBudget(ARRIVING);
  readonly #managed = new ByteBudget(MANAGED);
  readonly #expected = new RequestNotes<{
    readonly limit: number;
    readonly isTrusted?: boolean;
    readonly transfer?: Transfer;
  }>();

  /**
   * Waits for room before a body is read.
   *
   * @param limit the largest body that is taken, in bytes.
   * @param isTrusted whether it is of who manages the center, who must get through: it waits for nobody else's.
   * @throws an error with the status 413 when the body is announced as larger.
   */
  async expect(request: FastifyRequest, reply: FastifyReply, limit: number, isTrusted: boolean): Promise<void> {
    const bytes = announced(request, limit);
    if (bytes > limit) throw tooLarge();
    if (bytes === 0) {
      this.#expected.set(request, { limit, isTrusted });
      return;
    }
    const { socket } = request.raw;
    const room = isTrusted ? this.#managed : this.#arriving;
    const transfer = await room.take(bytes, networkOf(socket.remoteAddress));
    transfer.expect(
      () => Math.floor(socket.bytesRead / PROGRESS),
      () => cut(socket),
    );
    if (socket.destroyed) transfer.end();
    reply.raw.on('close', () => transfer.end());
    this.#expected.set(request, { limit, isTrusted, transfer });
  }

  /** Reads a body that has come, whatever its content type says. @throws Refusal, or an error with a status. */
  async read(request: FastifyRequest, text: string): Promise<unknown> {
    const { limit = 0, isTrusted = false, transfer } = this.#expected.get(request) ?? {};
    transfer?.arrived();
    if (text.length > limit || Buffer.byteLength(text) > limit) throw tooLarge();
    if (text === '') return undefined;
    const faults: Fault[] = [];
    const look = (part: string, place?: JsonPlace) => {
      // What is managed is kept and served to everybody; what SDKs report is counted.
      if (isTrusted && faults.length < MAX_FAULTS) faults.push(...misreadNumbers(part, place));
    };
    const parsed = await parse(text, look);
    if (parsed === 'too-deep') throw new Refusal('invalid-request', 'The body is nested too deeply to be read.');
    if (faults.length === 0) return parsed.value;
    const some = faults.slice(0, MAX_FAULTS);
    throw new Refusal('invalid-request', 'The body has numbers that cannot be kept as they are.', some);
  }
}

async function parse(
  text: string,
  look: (part: string, place?: JsonPlace) => void,
): Promise<{ readonly value: unknown } | 'too-deep'> {
  try {
    if (text.length > LONG) return await parseLongJson(text, look);
    if (isNestedTooDeeply(text)) return 'too-deep';
    const value: unknown = JSON.parse(text);
    look(text);
    return { value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
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
