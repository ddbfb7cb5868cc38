import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import type { FaultData } from './fault-data.js';

/** What becomes of a WebSocket handshake. */
export type UpgradeFault =
  /** Answered as plain HTTP, as a proxy's page would be. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** Never answered. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Accepted, then closed. */
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string };

/** What becomes of a request for data. */
export type DataFault =
  | { readonly kind: 'silent' }
  /** This text is sent in place of the answer. */
  | { readonly kind: 'text'; readonly text: string }
  /** These bytes go to the wire as they are, whatever they are to WebSocket. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly thenEnd: boolean };

/** What a connection asked for. */
export interface StreamRecord {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** The cursors of its requests for data. */
  readonly cursors: number[];
  /** When its pings came, by the monotonic clock. */
  readonly pings: number[];
}

interface Stream {
  readonly record: StreamRecord;
  readonly socket: WebSocket;
  readonly wire: Duplex;
  /** Whether its request for data was answered: what is pushed before that would be no whole picture. */
  answered: boolean;
}

/** The streaming side of the fault server. */
export class FaultStreams {
  /** Every connection that was accepted, the oldest first. */
  readonly records: StreamRecord[] = [];
  readonly #data: FaultData;
  readonly #secret: string;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #open = new Set<Stream>();
  #mostOpen = 0;
  /** How often a fault was carried out. */
  faults = 0;
  upgradeFault: UpgradeFault | undefined;
  dataFault: DataFault | undefined;
  answersPings = true;

  constructor(data: FaultData, secret: string) {
    this.#data = data;
    this.#secret = secret;
  }

  get open(): number {
    return this.#open.size;
  }

  get mostOpen(): number {
    return this.#mostOpen;
  }

  /** Takes an upgrade request of an HTTP server. */
  upgrade(request: IncomingMessage, wire: Duplex, head: Buffer): void {
    wire.on('error', () => wire.destroy());
    const fault = this.upgradeFault;
    if (fault !== undefined) this.faults += 1;
    const accept = (): void => {
      // In one packet, so that what is said right after the handshake arrives together with it.
      wire.cork();
      this.#sockets.handleUpgrade(request, wire, head, (socket) => this.#accepted(socket, wire, request));
      wire.uncork();
    };
    switch (fault?.kind) {
      case undefined:
      case 'close':
        accept();
        break;
      case 'slow':
        setTimeout(accept, fault.milliseconds);
        break;
      case 'answer':
        wire.write(
          `HTTP/1.1 ${fault.status} Fault\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(fault.body)}\r\n\r\n${fault.body}`,
        );
        break;
      case 'silent':
        break;
    }
  }

  /** Sends a message to everybody whose request for data was answered. */
  send(text: string): void {
    for (const { socket, answered } of this.#open) if (answered) socket.send(text);
  }

  /** Writes bytes to everybody's wire, past WebSocket. */
  sendBytes(bytes: Buffer): void {
    for (const { wire } of this.#open) wire.write(bytes);
  }

  /** Ends all connections with a close code. */
  close(code: number, reason = ''): void {
    for (const { socket } of this.#open) socket.close(code, reason);
  }

  /** Ends all connections without a word. */
  terminate(): void {
    for (const { socket } of this.#open) socket.terminate();
  }

  #accepted(socket: WebSocket, wire: Duplex, request: IncomingMessage): void {
    const url = request.url ?? '';
    const record: StreamRecord = { url, headers: request.headers, cursors: [], pings: [] };
    const stream: Stream = { socket, wire, record, answered: false };
    this.records.push(record);
    this.#open.add(stream);
    this.#mostOpen = Math.max(this.#mostOpen, this.#open.size);
    socket.on('close', () => this.#open.delete(stream));
    socket.on('error', () => socket.terminate());
    socket.on('message', (message) => this.#receive(stream, String(message)));
    if (this.upgradeFault?.kind === 'close') socket.close(this.upgradeFault.code, this.upgradeFault.reason);
    else if (!this.#admits(url)) socket.close(4003, 'invalid token');
  }

  #admits(url: string): boolean {
    const query = new URL(url, 'ws://server').searchParams;
    const token = decodeConnectionToken(query.get('token') ?? '');
    return query.get('type') === 'server' && token?.secret.replace(/=+$/, '') === this.#secret.replace(/=+$/, '');
  }

  #receive(stream: Stream, text: string): void {
    const message = JSON.parse(text) as { messageType: string; data: { timestamp?: number } };
    if (message.messageType === 'ping') {
      stream.record.pings.push(performance.now());
      if (this.answersPings) stream.socket.send('{"messageType":"pong","data":{}}');
      return;
    }
    const cursor = message.data.timestamp ?? 0;
    stream.record.cursors.push(cursor);
    const fault = this.dataFault;
    stream.answered = fault?.kind !== 'silent';
    if (fault !== undefined) this.faults += 1;
    switch (fault?.kind) {
      case undefined:
        stream.socket.send(this.#data.answer(cursor));
        break;
      case 'text':
        stream.socket.send(fault.text);
        break;
      case 'bytes':
        stream.wire.write(fault.bytes);
        if (fault.thenEnd) stream.wire.end();
        break;
      case 'silent':
        break;
    }
  }
}
