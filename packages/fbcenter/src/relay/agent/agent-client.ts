import { randomUUID } from 'node:crypto';
import type { Cancel, Clock, Delivered, Socket, UpstreamServer } from 'fbclient/upstream';
import { isJsonObject } from '../../model/json.js';
import { errorText, type Logger } from '../../runtime/log.js';
import type { RelayedEnvironment } from '../relayed-environments.js';
import { type AgentData, decodeAgentData, statusOf } from './agent-message.js';

/** Between two pings; a connection on which nothing comes for twice as long is given up. In milliseconds, as all here. */
const PING = 15_000;
/** A handshake, and the first answer, may take so long. */
const PATIENCE = 60_000;
const STATUS = 60_000;
/** Everything is asked for again this often: what was deleted is not pushed. */
const RESYNC = 3_600_000;
const REGISTER_TIMEOUT = 10_000;
/** Seconds before attempts in a row; then again from the start. Source: FeatBit's agent. */
const WAITS = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55];
/** After a refusal: the secret of a relay may be restored, or a clock set. */
const REFUSED = { first: 60_000, longest: 600_000 };

/** FeatBit's own closing of what it does not let in. */
const REFUSAL = 4003;

export interface AgentClientParts {
  readonly server: Pick<UpstreamServer, 'openStream' | 'post'>;
  readonly key: string;
  readonly clock: Pick<Clock, 'now' | 'background'>;
  random(): number;
  readonly log: Logger;
  /** What is served now, for the status. */
  environments(): readonly RelayedEnvironment[];
  /** Takes in what upstream sends. @returns whether it is to be asked for everything once more. */
  take(data: AgentData): Promise<boolean>;
  alive(): void;
  interrupted(problem: string): void;
  refused(problem: string): void;
}

const EVERYTHING = JSON.stringify({ messageType: 'data-sync', data: { timestamp: 0 } });
const PING_MESSAGE = JSON.stringify({ messageType: 'ping', data: {} });

/**
 * FeatBit's agent protocol, the agent's side: one connection for all environments of a key. Everything is asked for on each connection: it
 * alone says which secrets count and what is gone.
 */
export class AgentClient {
  readonly #parts: AgentClientParts;
  readonly #id = randomUUID();
  #isRegistered = false;
  #isClosed = false;
  #socket: Socket | undefined;
  #timers: Cancel[] = [];
  #failures = 0;
  #refusals = 0;
  #heard = false;
  #isAnswered = false;
  /** Messages are taken in one after the other. */
  #taking: Promise<void> = Promise.resolve();

  constructor(parts: AgentClientParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #connect(): Promise<void> {
    const { server, key } = this.#parts;
    if (!this.#isRegistered) {
      const delivered = await server.post(
        '/api/public/agent/register',
        key,
        JSON.stringify(this.#id),
        REGISTER_TIMEOUT,
      );
      if (this.#isClosed) return;
      if (delivered.kind !== 'done') {
        this.#notRegistered(delivered);
        return;
      }
      this.#isRegistered = true;
    }
    this.#heard = false;
    this.#isAnswered = false;
    this.#after(PATIENCE, () => this.#givenUpUnlessAnswered());
    this.#socket = server.openStream(`type=relay-proxy&token=${encodeURIComponent(key)}`, {
      opened: () => {
        this.#socket?.send(EVERYTHING);
        this.#every(PING, () => this.#ping());
        this.#every(STATUS, () => this.#sendStatus());
        this.#every(RESYNC, () => this.#socket?.send(EVERYTHING));
      },
      activity: () => {
        this.#heard = true;
      },
      message: (text) => this.#receive(text),
      closed: (code, problem) => this.#ended(code, problem),
    });
  }

  #notRegistered(delivered: Exclude<Delivered, { readonly kind: 'done' }>): void {
    const { kind, problem } = delivered;
    if (kind === 'unauthorized' || kind === 'rejected' || kind === 'redirected') this.#refused(problem);
    else this.#interrupted(problem);
  }

  #receive(text: string): void {
    const { log } = this.#parts;
    this.#heard = true;
    const message = parse(text);
    if (!isJsonObject(message)) {
      log.error('upstream has sent a message that is no JSON object');
      return;
    }
    if (message.messageType === 'pong' && this.#isAnswered) this.#parts.alive();
    if (message.messageType !== 'data-sync') return;
    const data = decodeAgentData(message.data, (kind, problem) =>
      log.error('a document of upstream was left out', { kind, problem }),
    );
    if (data === undefined) {
      log.error('upstream has sent a data-sync message that is none for agents');
      return;
    }
    const socket = this.#socket;
    this.#taking = this.#taking.then(async () => {
      let asksAgain: boolean;
      try {
        asksAgain = await this.#parts.take(data);
      } catch (error) {
        // What comes next is still taken in, and everything is asked for when there was no answer.
        log.error('what upstream has sent could not be taken in', { error: errorText(error) });
        return;
      }
      if (socket !== this.#socket || this.#isClosed) return;
      if (data.eventType !== 'patch') {
        this.#isAnswered = true;
        this.#failures = 0;
        this.#refusals = 0;
      }
      if (asksAgain) socket?.send(EVERYTHING);
    });
  }

  #ping(): void {
    if (!this.#heard) {
      this.#socket?.terminate();
      this.#ended(1006, 'nothing came for too long');
      return;
    }
    this.#heard = false;
    this.#socket?.send(PING_MESSAGE);
  }

  #sendStatus(): void {
    const status = JSON.stringify(statusOf(this.#parts.environments(), this.#parts.clock.now()));
    const message = { messageType: 'rp-agent-status', data: { agentId: this.#id, status } };
    this.#socket?.send(JSON.stringify(message));
  }

  #givenUpUnlessAnswered(): void {
    if (this.#isAnswered) return;
    this.#socket?.terminate();
    this.#ended(1006, 'upstream did not say what there is');
  }

  #ended(code: number, problem: string): void {
    this.#socket = undefined;
    if (this.#isClosed) return;
    if (code === REFUSAL) this.#refused('the key is refused');
    else this.#interrupted(problem === '' ? `closed with ${code}` : problem);
  }

  #interrupted(problem: string): void {
    this.#drop();
    const seconds = WAITS[this.#failures % WAITS.length] ?? 0;
    this.#failures += 1;
    this.#parts.log.debug('the connection to upstream ended', { problem });
    this.#parts.interrupted(problem);
    // Spread: agents that were dropped together do not come back together.
    this.#after((seconds + this.#parts.random()) * 1_000, () => void this.#connect());
  }

  #refused(problem: string): void {
    this.#drop();
    this.#isRegistered = false;
    const wait = Math.min(REFUSED.first * 2 ** this.#refusals, REFUSED.longest);
    this.#refusals += 1;
    this.#parts.refused(problem);
    this.#after(wait * (1 + this.#parts.random() / 4), () => void this.#connect());
  }

  #drop(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#timers.push(this.#parts.clock.background(milliseconds, callback));
  }

  #every(milliseconds: number, callback: () => void): void {
    const socket = this.#socket;
    this.#after(milliseconds, () => {
      if (this.#socket !== socket) return;
      callback();
      if (this.#socket === socket) this.#every(milliseconds, callback);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
