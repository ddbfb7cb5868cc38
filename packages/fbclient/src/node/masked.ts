import { randomBytes } from 'node:crypto';
import type { Socket as NodeSocket } from 'node:net';
import WebSocket from 'ws';

// What a client sends is masked. ws masks short pieces by itself and leaves longer ones to the package `bufferutil`, which is
// optional: bundlers put an empty module in its place, and ws then throws, for what it sends by itself also out of a socket's
// event, where nobody could catch it.

/** ws masks this many bytes by itself. */
const MASKED_BY_WS = 47;

/** A WebSocket that does not send a close frame's reason back, as ws would: a reason can be too long for it to mask. */
export class QuietWebSocket extends WebSocket {
  override close(code?: number): void {
    super.close(code);
  }
}

/** Sends a text in one frame, or in fragments that ws masks by itself. */
export function sendText(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; start += MASKED_BY_WS) {
      const end = start + MASKED_BY_WS;
      socket.send(bytes.subarray(start, end), { binary: false, fin: end >= bytes.length });
    }
  }
}

/**
 * Answers a ping with what it carries. A control frame cannot go in fragments: where ws cannot mask it, it is masked here.
 *
 * @param wire what the frames of the socket go over.
 */
export function answerPing(socket: WebSocket, wire: NodeSocket | undefined, data: Buffer): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  try {
    socket.pong(data);
  } catch {
    // Between two frames of ws, which hands each over whole.
    wire?.write(pongFrame(data));
  }
}

/** @param data 125 bytes at most. */
function pongFrame(data: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = data.map((byte, index) => byte ^ mask.readUInt8(index % 4));
  return Buffer.concat([Buffer.of(0x8a, 0x80 | data.length), mask, masked]);
}
