import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { cut, cutLater } from '../runtime/cut.js';
import type { Answer } from './answer.js';
import { errorAnswer } from './refusals.js';
import { contentOf, headersOf } from './send.js';

/** What Node.js calls the mistakes that have a status of their own. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** How long the sender may take to read the answer, in milliseconds. */
const PATIENCE = 1_000;

/** Answers what is no HTTP request in the form of every other answer, and lets go of the connection. */
export class Unreadable {
  /** The answer that each connection waits for. */
  readonly #responses = new WeakMap<Duplex, ServerResponse>();

  /** Takes note of the requests of a server. */
  watch(server: Server): void {
    server.on('request', (request, response) => this.#responses.set(request.socket, response));
  }

  refuse(error: Error, socket: Duplex): void {
    const { code = '' } = error as NodeJS.ErrnoException;
    const response = this.#responses.get(socket);
    // In the middle of an answer another one would be taken for a part of it.
    const isAnswering = response?.headersSent === true && !response.writableFinished;
    if (code === 'ECONNRESET' || !socket.writable || isAnswering) {
      cut(socket);
      return;
    }
    cutLater(socket, PATIENCE);
    socket.end(textOf(answerWith(STATUS[code] ?? 400)));
  }
}

function textOf(answer: Answer): Buffer {
  const body = contentOf(answer) ?? Buffer.alloc(0);
  const lines = Object.entries(headersOf(answer)).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function answerWith(status: number): Answer {
  if (status === 431) return errorAnswer(431, 'headers-too-large', 'The headers are larger than what is taken here.');
  if (status === 408) return errorAnswer(408, 'too-slow', 'The request took too long to arrive.');
  if (status === 413) return errorAnswer(413, 'body-too-large', 'The body is larger than what is taken here.');
  return errorAnswer(400, 'invalid-request', 'This is no HTTP request that can be read.');
}
