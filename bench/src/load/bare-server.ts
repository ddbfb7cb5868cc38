/**
 * A server in a process of its own that does nothing but write the same bytes to all of its sockets: what a push takes of the processor at
 * the least, on this machine and at this moment.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { FromBare, ToBare } from './messages.js';

/** Sockets that are written to in one turn of the event loop. */
const SLICE = 256;
const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

/** A whole text message of some hundred bytes, with nothing in it that anybody reads. */
function messageOf(length: number): Buffer {
  const header = Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  return Buffer.concat([header, Buffer.alloc(length, 'x')]);
}

const tell = (message: FromBare) => process.send?.(message);
const message = messageOf(Number(process.argv[2]));
const clients: Socket[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  // What comes first asks for the upgrade, what comes then for everything.
  socket.once('data', () => {
    socket.write(UPGRADED);
    socket.once('data', () => {
      socket.write(message);
      clients.push(socket);
      socket.resume();
    });
  });
  socket.on('error', () => {});
});

function push(from = 0): void {
  for (const socket of clients.slice(from, from + SLICE)) socket.write(message);
  if (from + SLICE < clients.length) setImmediate(push, from + SLICE);
}

process.on('message', (asked: ToBare) => {
  if (asked === 'push') {
    push();
    return;
  }
  const { user, system } = process.cpuUsage();
  tell({ kind: 'usage', cpu: user + system, rss: process.memoryUsage.rss() });
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', 4_096, () => {
  const { port } = server.address() as AddressInfo;
  tell({ kind: 'listening', port });
});
