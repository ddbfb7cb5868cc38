/** A server in a process of its own that answers every request for data with one text: `server.js FILE`. It says where it is. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Listening {
  readonly kind: 'listening';
  readonly url: string;
}

const text = readFileSync(process.argv[2] ?? '', 'utf8');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('error', () => socket.terminate());
  socket.on('message', (message) => {
    const { messageType } = JSON.parse(String(message)) as { readonly messageType: string };
    socket.send(messageType === 'ping' ? '{"messageType":"pong","data":{}}' : text);
  });
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ kind: 'listening', url: `ws://127.0.0.1:${port}` } satisfies Listening);
});
process.on('disconnect', () => process.exit());
