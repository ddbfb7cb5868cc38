import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Ends a connection at once, whatever is still to be sent. A reset makes the kernel let go of that too: after a mere close it
 * keeps megabytes for a peer that does not read, for minutes.
 */
export function cut(socket: Duplex): void {
  // Reset alone waits until everything is written; together with destroy it does not. What is encrypted cannot be reset.
  const isPlain = socket instanceof Socket && !(socket instanceof TLSSocket);
  if (isPlain && !socket.destroyed && !socket.writableEnded) socket.resetAndDestroy();
  socket.destroy();
}

/** Cuts a connection that has not ended by itself so many milliseconds later. */
export function cutLater(socket: Duplex, milliseconds: number): void {
  const force = setTimeout(() => cut(socket), milliseconds);
  socket.once('close', () => clearTimeout(force));
}
