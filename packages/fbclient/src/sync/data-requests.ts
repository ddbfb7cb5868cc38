import type { Pings } from './liveness.js';

/**
 * A request for data on one connection, until it is answered. The server answers the messages of a connection in their
 * order, but pushes come at any time: a change may be the answer or a push that overtook it.
 */
export interface DataRequest {
  /** Distinguishes the requests of one connection. */
  readonly number: number;
  /** What it asked from; 0 asks for everything: changes alone do not answer it then. */
  readonly cursor: number;
  /**
   * - `first`: opens the connection.
   * - `overtaken`: a full message was older than a push before it.
   * - `healing`: finds what was not pushed.
   */
  readonly why: 'first' | 'overtaken' | 'healing';
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Whether a change has come since: it may have been the answer. */
  readonly changed: boolean;
  /** The number of the first ping that was sent after it; or the next one, when that was answered and no change had come. */
  readonly ping: number;
  /** Whether a ping after it was answered before a change came: the server answers pings out of order, or not the request. */
  readonly passed: boolean;
}

/**
 * What came over the connection and is in use now; `repeat`: changes that answer a repeated request, because some of them were
 * held in the same version.
 */
export type Taken = 'full' | 'nothing-new' | 'repeat' | 'changes';

/**
 * Whether what came answers a request for certain: a full message and an empty patch are never pushed, and what is held is
 * not pushed again. Other changes are.
 */
export function isAnswer(taken: Taken): boolean {
  return taken !== 'changes';
}

/**
 * What an answered ping says about a request.
 *
 * @returns `undefined` when the answer was among the changes that have come, or never will come: a server that cannot read its
 * store answers pings all the same.
 */
export function afterPong(request: DataRequest, { answered, sent }: Pings): DataRequest | undefined {
  if (answered < request.ping) return request;
  return request.changed ? undefined : { ...request, ping: sent + 1, passed: true };
}
