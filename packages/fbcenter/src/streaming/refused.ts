import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Admission } from '../access/admission.js';
import { answerTo, codeOf, type RefusalAnswer, sdkOf } from '../access/sdk-reactions.js';
import type { Logger } from '../runtime/log.js';

/** Why a connection is closed whose secret is revoked. */
export const REVOKED = { ok: false, because: 'revoked-connected', reason: 'the secret was revoked' } as const;

/** How connections are closed when the center stops. */
export const STOPPING = {
  code: codeOf(answerTo('stopping-connected', 'unknown')),
  reason: 'the server is stopping',
} as const;

/** Why a connection is not let in. */
export type Refused = Exclude<Admission, { readonly ok: true }> | typeof REVOKED;

/** What FeatBit says to whoever is not let in, which people know and search for. */
const NOT_LET_IN = 'invalid request, close by server';

/** What a connection that is not let in is answered, in the way that its SDK understands. */
export function answerToRefused(refused: Refused, headers: IncomingHttpHeaders): RefusalAnswer {
  const isClient = refused.because === 'clock-off' && refused.caller.secret === 'client';
  return answerTo(refused.because, isClient ? 'browser' : sdkOf(headers));
}

export function logRefused(refused: Refused, log: Logger): void {
  const { reason } = refused;
  if (refused.because === 'clock-off') {
    const { skew, caller } = refused;
    const environment = caller.environment.key;
    log.warn('a streaming connection was sent away because of its clock', { reason, skew, environment });
  } else {
    log.warn('a streaming connection was refused', { reason });
  }
}

/** Closes a connection that was opened only to be closed with a code. */
export function closeRefused(webSocket: WebSocket, { because, reason }: Refused, code: number, holdTime: number): void {
  const close = () => webSocket.close(code, because === 'not-let-in' ? `${NOT_LET_IN}: ${reason}` : reason);
  if (because !== 'clock-off') {
    close();
    return;
  }
  // One that may come back a while later, so that it does not come back at once.
  const hold = setTimeout(close, holdTime);
  webSocket.once('close', () => clearTimeout(hold));
}

/** Answers an upgrade request with a status, and lets go of the connection once the answer has left. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}
