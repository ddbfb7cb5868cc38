import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Admission, admit } from '../access/admission.js';
import type { Callers } from '../access/callers.js';
import { answerTo, codeOf, type RefusalOccasion, sdkOf } from '../access/sdk-reactions.js';
import type { ClientFlags } from '../evaluation/client-flags.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { SdkCaller } from '../model/caller.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import type { Clock } from '../runtime/clock.js';
import { cutLater } from '../runtime/cut.js';
import { errorText, type Logger } from '../runtime/log.js';
import { networkOf } from '../runtime/network.js';
import { sharedListener } from '../runtime/shared-listener.js';
import { inShares } from '../runtime/shares.js';
import { Connection } from './connection.js';
import { ConnectionList } from './connection-list.js';
import { clientDialogue, serverDialogue } from './dialogue.js';
import { feedFor } from './feed-for.js';
import { LetIn } from './let-in.js';
import { STREAMING_LIMITS, type StreamingLimits } from './limits.js';
import { OpenSocket } from './open-socket.js';
import { Places } from './places.js';
import {
  answerToRefused,
  closeRefused,
  logRefused,
  REVOKED,
  type Refused,
  refuseUpgrade,
  STOPPING,
} from './refused.js';
import { streamQueryOf } from './stream-address.js';
import { Upgrades } from './upgrades.js';
import { programOf } from './user-agent.js';

export interface HubParts {
  readonly callers: Pick<Callers, 'bySecret'>;
  readonly live: LiveEnvironments;
  readonly clientFlags: ClientFlags;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<StreamingLimits> | undefined;
  /** Hears of each push that was written, with the time of its commit. */
  readonly onPushed?: ((committedAt: number) => void) | undefined;
}

/** All streaming connections: accepts them, checks who they are, watches their health, closes them. */
export class StreamingHub {
  /** Every connection that was let in. */
  readonly list = new ConnectionList();
  readonly #places: Places;
  readonly #parts: HubParts;
  readonly #limits: StreamingLimits;
  readonly #upgrades: Upgrades;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #sockets = new Map<WebSocket, OpenSocket>();
  /** Every TCP connection that asked for an upgrade and is not closed: the HTTP server does not know it any more. */
  readonly #upgraded = new Set<Duplex>();
  /** The ids of secrets that were revoked while this runs: a connection may be on its way in with one. */
  readonly #revoked = new Set<string>();
  #isDraining = false;
  #closed: Promise<void> | undefined;
  #onEmpty: () => void = () => {};
  /** The ids of the secrets by which somebody is connected. */
  readonly secretIds = () => new Set([...this.#sockets.values()].flatMap(({ letIn }) => letIn?.secretId ?? []));
  // Shared by all sockets.
  readonly #onRawError = sharedListener((raw: Duplex) => raw.destroy());
  readonly #onRawClose = sharedListener((raw: Duplex) => {
    this.#upgraded.delete(raw);
    if (this.#upgraded.size === 0) this.#onEmpty();
  });
  readonly #onError = (error: Error) =>
    this.#parts.log.debug('a streaming connection failed', { error: errorText(error) });
  readonly #onClose = sharedListener((socket: WebSocket) => this.#forget(socket));
  readonly #onUnanswered = (error: unknown) =>
    this.#parts.log.error('a sync request could not be answered', { error: errorText(error) });

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#limits = { ...STREAMING_LIMITS, ...parts.limits };
    this.#places = new Places(this.#limits);
    this.#upgrades = new Upgrades(this.#limits);
    this.#heartbeat = setInterval(() => this.#beat(), this.#limits.heartbeat).unref();
  }

  /** Takes the upgrade request of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener a connection that breaks here would end the process.
    socket.on('error', this.#onRawError);
    this.#upgraded.add(socket);
    socket.on('close', this.#onRawClose);
    const query = streamQueryOf(request.url);
    if (query === undefined) refuseUpgrade(socket, 404);
    else if (this.#isDraining) this.#refuse(request, socket, 'stopping');
    else if (!this.#hasRoomFor(request, true)) this.#refuse(request, socket, 'too-many');
    else void this.#admit(request, socket, head, query);
    this.#cutIfAnswered(socket);
  }

  /** How many connections were let in by a secret and are open. */
  connectionsBy(secretId: string): number {
    return this.#places.countBy(secretId);
  }

  /** Closes every connection that was let in by a secret, and lets none in any more. */
  revoke(secretId: string): void {
    this.#revoked.add(secretId);
    for (const [socket, { letIn }] of this.#sockets) {
      if (letIn?.secretId === secretId) socket.close(codeOf(answerTo(REVOKED.because, 'unknown')), REVOKED.reason);
    }
  }

  /** Lets nobody in any more, and closes every connection in shares over a time, in milliseconds. */
  drain(time: number): Promise<void> {
    this.#isDraining = true;
    return inShares([...this.#sockets.keys()], time, (socket) => socket.close(STOPPING.code, STOPPING.reason));
  }

  /** Closes every connection, and cuts those that are still open after the close time-out. Idempotent. */
  close(): Promise<void> {
    this.#isDraining = true;
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearInterval(this.#heartbeat);
    if (this.#upgraded.size === 0) return;
    const isEmpty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const socket of this.#sockets.keys()) socket.close(STOPPING.code, STOPPING.reason);
    for (const socket of this.#upgraded) cutLater(socket, this.#limits.closeTimeout);
    await isEmpty;
  }

  /** A refusal waits behind what was asked for before it, and its sender may keep its own side open for ever. */
  #cutIfAnswered(socket: Duplex): void {
    if (socket.writableEnded) cutLater(socket, this.#limits.closeTimeout);
  }

  #forget(socket: WebSocket): void {
    const open = this.#sockets.get(socket);
    if (open === undefined) return;
    this.#sockets.delete(socket);
    this.#places.leave(open);
    if (open.letIn === undefined) return;
    this.#places.count(open.letIn.secretId, -1);
    this.list.remove(open.letIn);
  }

  #hasRoomFor({ socket }: IncomingMessage, isServerSdk: boolean): boolean {
    return this.#places.hasRoomFor(networkOf(socket.remoteAddress), isServerSdk);
  }

  /** Checks who asks before the upgrade is answered, because it is what SDKs react to best that cannot be let in now. */
  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams): Promise<void> {
    const admission = await this.#check(query);
    if (socket.destroyed) return;
    if (admission === 'storage-away') this.#refuse(request, socket, admission);
    else if (this.#isDraining) this.#refuse(request, socket, 'stopping');
    else if (!this.#hasRoomFor(request, admission.ok && admission.caller.secret === 'server')) {
      this.#refuse(request, socket, 'too-many');
    } else if (!admission.ok) this.#sendAway(request, socket, head, admission);
    else if (this.#revoked.has(admission.caller.secretId)) this.#sendAway(request, socket, head, REVOKED);
    else {
      const { caller } = admission;
      this.#accept(request, socket, head, caller, (webSocket, open) =>
        this.#letIn(webSocket, socket, open, request, caller),
      );
    }
    this.#cutIfAnswered(socket);
  }

  async #check(query: URLSearchParams): Promise<Admission | 'storage-away'> {
    const { callers, clock, log } = this.#parts;
    try {
      return await admit(query, callers, clock);
    } catch (error) {
      log.error('a connection could not be checked', { error: errorText(error) });
      return 'storage-away';
    }
  }

  #accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    caller: SdkCaller | undefined,
    then: (webSocket: WebSocket, open: OpenSocket) => void,
  ): void {
    this.#upgrades.accept(request, socket, head, caller?.secret ?? 'server', (webSocket) => {
      // From here on the WebSocket listens for them.
      socket.off('error', this.#onRawError);
      const open = new OpenSocket(socket, request.socket.remoteAddress, caller?.secret === 'server', this.#places);
      this.#places.add(open);
      this.#sockets.set(webSocket, open);
      webSocket.on('error', this.#onError);
      webSocket.on('close', this.#onClose);
      then(webSocket, open);
    });
  }

  #letIn(socket: WebSocket, raw: Duplex, open: OpenSocket, request: IncomingMessage, caller: SdkCaller): void {
    const { log, live, budget, clientFlags, clock, onPushed } = this.#parts;
    const { environment, secret } = caller;
    const current = live.of(environment.id);
    const feed = feedFor(sdkOf(request.headers), current.feed);
    const dialogue = secret === 'server' ? serverDialogue({ feed }) : clientDialogue(current, clientFlags);
    const room = budget.of(open.network);
    const connection = new Connection(socket, raw, dialogue, room, this.#limits, open, this.#onUnanswered, onPushed);
    const letIn = new LetIn(caller, programOf(request.headers), clock.now(), connection, current.feed);
    open.letIn = letIn;
    this.#places.count(letIn.secretId, 1);
    this.list.add(letIn);
    log.debug('a streaming connection was let in', { environment: environment.key });
  }

  #refuse(request: IncomingMessage, socket: Duplex, occasion: RefusalOccasion): void {
    refuseUpgrade(socket, codeOf(answerTo(occasion, sdkOf(request.headers))));
  }

  #sendAway(request: IncomingMessage, socket: Duplex, head: Buffer, refused: Refused): void {
    const answer = answerToRefused(refused, request.headers);
    logRefused(refused, this.#parts.log);
    if (answer === 'upgrade-503') {
      refuseUpgrade(socket, codeOf(answer));
      return;
    }
    this.#accept(request, socket, head, undefined, (webSocket) =>
      closeRefused(webSocket, refused, codeOf(answer), this.#limits.holdTime),
    );
  }

  #beat(): void {
    const now = performance.now();
    for (const open of this.#sockets.values()) {
      const verdict = open.letIn?.connection.beat(now);
      if (verdict === undefined) continue;
      this.#parts.log.debug('a streaming connection was ended', { reason: verdict });
      open.cut();
    }
  }
}
