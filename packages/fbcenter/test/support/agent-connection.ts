import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** An agent's connection in memory, from the upgrade on: what a server writes, as the agent reads it. */
export class AgentConnection {
  /** The server's end. */
  readonly socket: Duplex;
  readonly request: IncomingMessage;
  #written = Buffer.alloc(0);

  constructor(query: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#written = Buffer.concat([this.#written, chunk]);
        done();
      },
    });
    this.request = {
      method: 'GET',
      url: `/streaming?${query}`,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
        ...headers,
      },
    } as unknown as IncomingMessage;
  }

  /** The status of the answer to the upgrade; 101 = the connection is made. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#written.toString('latin1'))?.[1] ?? 0);
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  send(message: unknown): void {
    this.#frame(0x81, Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
  }

  /** Answers the server's close, as every client does. */
  close(code = 1000): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#frame(0x88, payload);
    this.socket.push(null);
  }

  /** The texts that the server has sent, and the code with which it closed. */
  get received(): { readonly messages: readonly string[]; readonly code: number | undefined } {
    const messages: string[] = [];
    let code: number | undefined;
    const start = this.#written.indexOf('\r\n\r\n');
    for (let at = start + 4; start >= 0 && at < this.#written.length; ) {
      const opcode = this.#written.readUInt8(at) & 0x0f;
      let length = this.#written.readUInt8(at + 1) & 0x7f;
      let begin = at + 2;
      if (length === 126) {
        length = this.#written.readUInt16BE(begin);
        begin += 2;
      } else if (length === 127) {
        length = Number(this.#written.readBigUInt64BE(begin));
        begin += 8;
      }
      const payload = this.#written.subarray(begin, begin + length);
      if (opcode === 1) messages.push(payload.toString('utf8'));
      if (opcode === 8) code = payload.readUInt16BE(0);
      at = begin + length;
    }
    return { messages, code };
  }

  /** A frame of a client: masked, here with zeros. */
  #frame(first: number, payload: Buffer): void {
    const size = Buffer.alloc(10);
    size.writeUInt8(first, 0);
    size.writeUInt8(0x80 | 127, 1);
    size.writeBigUInt64BE(BigInt(payload.length), 2);
    this.socket.push(Buffer.concat([size, Buffer.alloc(4), payload]));
  }
}
