import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { cut } from '../runtime/cut.js';
import { FairPlaces, type Holder } from '../runtime/fair-places.js';
import { networkOf } from '../runtime/network.js';
import { sharedListener } from '../runtime/shared-listener.js';

type Socket = IncomingMessage['socket'];

/** Connections that wait for their peers at one time. Each costs memory and one of the files that the system lets a process have. */
const MOST_WAITING = 5_000;

/**
 * Bounds the connections over which no request has come, or not the whole of one. Of more, the one goes that has waited for longest
 * in the network that has the most of them: a peer that opens connections and sends nothing keeps nobody else out.
 */
export function boundWaiting(server: Server, most = MOST_WAITING): void {
  const places = new FairPlaces(most, 'newcomers-first');
  const waiting = new WeakMap<Socket, Holder>();
  const endWait = (socket: Socket) => {
    const place = waiting.get(socket);
    if (place === undefined) return;
    places.release(place);
    waiting.delete(socket);
  };
  const beginWait = (socket: Socket) => {
    if (socket.destroyed || waiting.has(socket)) return;
    const place = { network: networkOf(socket.remoteAddress), giveUp: () => cut(socket) };
    if (places.take(place)) waiting.set(socket, place);
  };
  const closed = sharedListener(endWait);
  // Over TLS the request comes over another socket than the connection.
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => {
    beginWait(socket);
    socket.on('close', closed);
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => {
    endWait(socket);
    socket.off('close', closed);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (hasBody(request)) request.once('end', () => endWait(socket));
    else endWait(socket);
    response.on('close', () => beginWait(socket));
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
