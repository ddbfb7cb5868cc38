import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What the front does with bytes and with new connections. */
export type FrontMode =
  | { readonly kind: 'forward' }
  /** Nobody listens; connections that are there go on. */
  | { readonly kind: 'refuse' }
  /** New connections are accepted and never answered; those that are there go silent: the peer is half-open. */
  | { readonly kind: 'silent' }
  /** New connections are reset (RST). */
  | { readonly kind: 'reset' }
  /** So many bytes more reach each client, then its connection ends in the middle of whatever it was. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Bytes reach the client a few at a time. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly every: number }
  /** New connections wait before they are let through. */
  | { readonly kind: 'slow-accept'; readonly milliseconds: number };

const FORWARD: FrontMode = { kind: 'forward' };

/** How often a port that was given up is asked for again, and how long after each other in milliseconds. */
const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE = 20;

/**
 * A TCP proxy before a server, on a port of its own that it keeps: what can go wrong with a connection below HTTP and
 * WebSocket goes wrong here.
 */
export class FaultFront {
  readonly #target: number;
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #port = 0;
  #mode: FrontMode = FORWARD;
  #accepted = 0;
  #mostOpen = 0;

  /** @param target the port to forward to, on the loopback. */
  constructor(target: number) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that were accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that the client has not ended. */
  get open(): number {
    return this.#links.size;
  }

  /** The most connections that were open at once. */
  get mostOpen(): number {
    return this.#mostOpen;
  }

  get mode(): FrontMode {
    return this.#mode;
  }

  /** Changes what happens from now on, to the connections that are there as well. */
  async become(mode: FrontMode): Promise<void> {
    this.#mode = mode;
    for (const link of [...this.#links]) link.obey(mode);
    if (mode.kind === 'refuse') this.#stopListening();
    else await this.listen();
  }

  /** Back to forwarding. Connections that were silenced have lost bytes: they are reset. */
  heal(): Promise<void> {
    for (const link of [...this.#links]) if (link.damaged) link.reset();
    return this.become(FORWARD);
  }

  /** Ends the connections that are there: with a FIN, or with a reset. */
  drop(how: 'end' | 'reset' = 'end'): void {
    for (const link of [...this.#links]) {
      if (how === 'reset') link.reset();
      else link.destroy();
    }
  }

  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    for (let attempt = 1; ; attempt++) {
      const server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client));
      this.#server = server;
      server.listen(this.#port, '127.0.0.1');
      try {
        await once(server, 'listening');
        this.#port = (server.address() as AddressInfo).port;
        return;
      } catch (error) {
        this.#server = undefined;
        // Another process may hold the port for a moment, as the source of a connection of its own.
        if (attempt === LISTEN_ATTEMPTS) throw error;
        await delay(LISTEN_PAUSE);
      }
    }
  }

  close(): void {
    this.#stopListening();
    this.drop('reset');
  }

  #stopListening(): void {
    // The port is free at once; connections that are there go on.
    this.#server?.close();
    this.#server = undefined;
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const link = new Link(client, this.#target, () => this.#links.delete(link));
    this.#links.add(link);
    this.#mostOpen = Math.max(this.#mostOpen, this.#links.size);
    if (this.#mode.kind === 'reset') link.reset();
    else link.start(this.#mode);
  }
}

/** One connection through the front. */
class Link {
  readonly #client: Socket;
  readonly #target: number;
  readonly #gone: () => void;
  readonly #held: Buffer[] = [];
  readonly #drops: Buffer[] = [];
  #upstream: Socket | undefined;
  #mode: FrontMode = FORWARD;
  #left = Number.POSITIVE_INFINITY;
  #letThrough: NodeJS.Timeout | undefined;
  #dripping: NodeJS.Timeout | undefined;
  #damaged = false;

  constructor(client: Socket, target: number, gone: () => void) {
    this.#client = client;
    this.#target = target;
    this.#gone = gone;
    client.setNoDelay(true);
    client.on('error', () => this.destroy());
    client.on('end', () => this.destroy());
    client.on('close', () => this.destroy());
    client.on('data', (chunk) => this.#fromClient(chunk));
    client.on('drain', () => this.#upstream?.resume());
  }

  /** Whether bytes were lost, so that nothing good can come of the connection any more. */
  get damaged(): boolean {
    return this.#damaged;
  }

  start(mode: FrontMode): void {
    this.obey(mode);
    if (mode.kind === 'slow-accept') this.#letThrough = setTimeout(() => this.#connect(), mode.milliseconds);
    else if (mode.kind === 'silent') this.#damaged = true;
    else this.#connect();
  }

  obey(mode: FrontMode): void {
    this.#mode = mode;
    this.#left = mode.kind === 'cut' ? mode.after : Number.POSITIVE_INFINITY;
    if (mode.kind !== 'drip') this.#stopDripping();
  }

  destroy(): void {
    this.#leave();
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  reset(): void {
    this.#leave();
    this.#client.resetAndDestroy();
    this.#upstream?.destroy();
  }

  #leave(): void {
    clearTimeout(this.#letThrough);
    clearInterval(this.#dripping);
    this.#gone();
  }

  #connect(): void {
    const upstream = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    this.#upstream = upstream;
    upstream.on('data', (chunk) => this.#fromServer(chunk));
    upstream.on('error', () => this.#ended());
    upstream.on('close', () => this.#ended());
    for (const chunk of this.#held.splice(0)) upstream.write(chunk);
  }

  #fromClient(chunk: Buffer): void {
    if (this.#mode.kind === 'silent') this.#damaged = true;
    else if (this.#upstream === undefined) this.#held.push(chunk);
    else this.#upstream.write(chunk);
  }

  #fromServer(chunk: Buffer): void {
    switch (this.#mode.kind) {
      case 'silent':
        this.#damaged = true;
        break;
      case 'cut':
        this.#cut(chunk);
        break;
      case 'drip':
        this.#drip(chunk, this.#mode.bytes, this.#mode.every);
        break;
      default:
        if (!this.#client.write(chunk)) this.#upstream?.pause();
    }
  }

  #cut(chunk: Buffer): void {
    if (chunk.length < this.#left) {
      this.#left -= chunk.length;
      this.#client.write(chunk);
      return;
    }
    this.#client.end(chunk.subarray(0, this.#left));
    this.#upstream?.destroy();
  }

  #drip(chunk: Buffer, bytes: number, every: number): void {
    for (let start = 0; start < chunk.length; start += bytes) this.#drops.push(chunk.subarray(start, start + bytes));
    this.#dripping ??= setInterval(() => {
      const drop = this.#drops.shift();
      if (drop !== undefined) this.#client.write(drop);
    }, every);
  }

  #stopDripping(): void {
    clearInterval(this.#dripping);
    this.#dripping = undefined;
    for (const drop of this.#drops.splice(0)) this.#client.write(drop);
  }

  #ended(): void {
    // A peer that has gone silent does not say goodbye either.
    if (this.#mode.kind === 'silent') {
      this.#damaged = true;
      return;
    }
    this.#stopDripping();
    this.#client.end();
  }
}
