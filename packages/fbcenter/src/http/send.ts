import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Refusal } from '../model/refusal.js';
import type { Room } from '../runtime/byte-budget.js';
import { Bytes } from '../runtime/bytes.js';
import { cut } from '../runtime/cut.js';
import { PIECE } from '../runtime/pieces.js';
import type { Transfer } from '../runtime/transfer.js';
import { Turns } from '../runtime/turns.js';
import type { Answer } from './answer.js';
import { identified } from './refusals.js';

/**
 * On every answer: browsers take it for what it says it is, show it in no frame, run nothing in it, and do not tell other sites its
 * address; nobody keeps it, because it may hold a credential. The page and its files say otherwise where they need to.
 */
export const GUARDS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const;

const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer that is larger has to wait for room, because its client may be slow to take it. In bytes. */
const LARGE = 64 * 1024;

/** Sends an answer that is small, such as a refusal. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return begin(reply, answer).send(contentOf(identified(answer, reply.request.id)));
}

/**
 * Sends any answer: a large one in pieces, once there is room for it, as fast as its client takes it.
 *
 * @throws Refusal `busy` when too many wait that were not asked whether there is room.
 */
export async function sendWithin(
  budget: Pick<Room, 'takeFor'>,
  reply: FastifyReply,
  answer: Answer,
): Promise<FastifyReply> {
  const { body } = answer;
  if (body.kind === 'empty') {
    answer.transfer?.end();
    return begin(reply, answer).send();
  }
  if (body.kind === 'stream' && reply.request.method !== 'HEAD') {
    followTaking(reply, answer.transfer);
    // One piece at a time: the next one is made when the client has taken what there was.
    return begin(reply, answer).send(Readable.from(inTurns(body.pieces()), { objectMode: false, highWaterMark: 1 }));
  }
  const content = bytesOf(identified(answer, reply.request.id));
  if (content === undefined || content.length <= LARGE) {
    answer.transfer?.end();
    return begin(reply, answer).send(content?.whole());
  }
  const transfer = answer.transfer ?? (await budget.takeFor(content));
  if (transfer === undefined) {
    throw new Refusal('busy', 'Too many large answers wait for those who asked for them: ask again later.');
  }
  // The socket of the request: the response has none while another one on the connection is before it.
  const { socket } = reply.request.raw;
  await transfer.carry(content, () => cut(socket));
  if (socket.destroyed) {
    transfer.end();
    return reply.hijack();
  }
  reply.raw.once('close', () => transfer.end());
  return begin(reply, answer).header('content-length', content.length).send(piecewise(content, transfer));
}

/** A client that takes what it is sent at once would have all of it made in one turn of the event loop. */
async function* inTurns(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const turns = new Turns();
  for await (const piece of pieces) {
    yield piece;
    if (turns.isDue) await turns.next();
  }
}

/** Ends the transfer with the answer, and the connection of a client that takes too little of it while others wait. */
function followTaking(reply: FastifyReply, transfer: Transfer | undefined): void {
  const { socket } = reply.request.raw;
  transfer?.expect(
    () => Math.floor(socket.bytesWritten / PIECE),
    () => cut(socket),
  );
  reply.raw.once('close', () => transfer?.end());
  if (socket.destroyed) transfer?.end();
}

function begin(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  reply.code(status).headers(GUARDS);
  if (headers !== undefined) reply.headers(headers);
  if (body.kind === 'empty') return reply;
  return reply.type(body.kind === 'bytes' || body.kind === 'stream' ? body.type : JSON_TYPE);
}

/** The headers of a small answer that goes out without the framework, and ends its connection. */
export function headersOf(answer: Answer): Readonly<Record<string, string | string[]>> {
  return {
    ...GUARDS,
    ...answer.headers,
    'content-type': JSON_TYPE,
    'content-length': String(contentOf(answer)?.length ?? 0),
    connection: 'close',
  };
}

export function contentOf({ body }: Answer): Buffer | undefined {
  switch (body.kind) {
    case 'empty':
    case 'events':
    case 'stream':
      return undefined;
    case 'json':
      return Buffer.from(JSON.stringify(body.value));
    case 'json-text':
      return body.text;
    case 'json-bytes':
      return body.content.whole();
    case 'bytes':
      return body.bytes;
  }
}

/** The content as it is sent: what is in parts stays so. */
function bytesOf(answer: Answer): Bytes | undefined {
  const { body } = answer;
  if (body.kind === 'json-bytes') return body.content;
  const content = contentOf(answer);
  return content && Bytes.of(content);
}

function piecewise(content: Bytes, transfer: Transfer): Readable {
  function* pieces(): Generator<Buffer, void, undefined> {
    for (const piece of content.pieces()) {
      transfer.moved();
      yield piece;
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
