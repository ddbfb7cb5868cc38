import type { WebSocket } from 'ws';
import type { LiveEnvironments } from '../../live/environments.js';
import type { Changes } from '../../model/change-log.js';
import { isJsonObject } from '../../model/json.js';
import { receivedJson } from '../../model/received-json.js';
import type { RelayedEnvironment, RelayedEnvironments } from '../relayed-environments.js';
import { type AgentRequest, decodeAgentRequest, encodeItems } from './agent-message.js';

/** Bytes that may wait for an agent that does not take them; then it is sent nothing until it has. */
const MOST_BUFFERED = 1024 * 1024;

const PONG = '{"messageType":"pong","data":{}}';

export interface AgentSessionParts {
  readonly environments: RelayedEnvironments;
  readonly live: LiveEnvironments;
}

/** One agent's connection: what it asks for, then every change of every environment. */
export class AgentSession {
  readonly #socket: Pick<WebSocket, 'send' | 'bufferedAmount'>;
  readonly #parts: AgentSessionParts;
  /** The version up to which each environment was sent; absent before the first answer. */
  readonly #cursors = new Map<string, number>();
  readonly #leave: (() => void)[] = [];
  #isAnswered = false;
  /** Everything is to be sent once the agent has taken what waits for it. */
  #isBehind = false;
  /** Changes wait, of whichever environments. */
  #isHeldBack = false;

  constructor(socket: Pick<WebSocket, 'send' | 'bufferedAmount'>, parts: AgentSessionParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  receive(text: string): void {
    const message = receivedJson(text);
    if (!isJsonObject(message)) return;
    if (message.messageType === 'ping' && !this.#isFull) this.#socket.send(PONG, () => this.#resume());
    if (message.messageType !== 'data-sync') return;
    const request = decodeAgentRequest(message.data);
    if (request === undefined) return;
    // An agent that asks and does not read what it is sent would fill the memory.
    if (this.#isFull) this.#isBehind = true;
    else this.#answer(request);
  }

  /** Everything, with the secrets; to an agent that has asked. */
  sendEverything(): void {
    if (!this.#isAnswered) return;
    if (this.#isFull) this.#isBehind = true;
    else this.#answer({ cursors: new Map(), isForEverything: true });
  }

  /** There is data of an environment: an agent that was answered without it is given everything. */
  filled(environmentId: string): void {
    const isFilled = this.#parts.environments.byId(environmentId)?.replica.isFilled === true;
    if (isFilled && !this.#cursors.has(environmentId)) this.sendEverything();
  }

  end(): void {
    for (const leave of this.#leave.splice(0)) leave();
    this.#cursors.clear();
    this.#isAnswered = false;
    this.#isBehind = false;
    this.#isHeldBack = false;
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount > MOST_BUFFERED;
  }

  #answer({ cursors, isForEverything }: AgentRequest): void {
    const environments = this.#parts.environments.all.filter(({ replica }) => replica.isFilled);
    const newer = new Map<RelayedEnvironment, Changes>();
    for (const environment of environments) {
      const cursor = cursors.get(environment.id) ?? 0;
      const changes = isForEverything || cursor <= 0 ? undefined : environment.replica.since(cursor);
      if (changes !== undefined) newer.set(environment, changes);
    }
    // What is gone, and secrets, are only in everything.
    const isPatch = !isForEverything && newer.size === environments.length;
    const sent = (environment: RelayedEnvironment) =>
      (isPatch ? newer.get(environment) : undefined) ?? environment.replica.everything();
    const data = encodeItems(isPatch ? 'rp_patch' : 'rp_full', environments, (one) => sent(one).documents);
    this.end();
    this.#isAnswered = true;
    for (const environment of environments) {
      this.#cursors.set(environment.id, sent(environment).cursor);
      const { feed } = this.#parts.live.of(environment.id);
      this.#leave.push(feed.join({ wake: () => this.#proceed(environment.id) }));
    }
    this.#socket.send(`{"messageType":"data-sync","data":${data}}`, () => this.#resume());
  }

  /** Something has left for the agent: there may be room for what waits. */
  #resume(): void {
    if (this.#isFull) return;
    if (this.#isBehind) {
      this.#answer({ cursors: new Map(), isForEverything: true });
    } else if (this.#isHeldBack) {
      this.#isHeldBack = false;
      for (const id of [...this.#cursors.keys()]) this.#proceed(id);
    }
  }

  #proceed(environmentId: string): void {
    const { feed } = this.#parts.live.of(environmentId);
    for (;;) {
      const cursor = this.#cursors.get(environmentId);
      if (cursor === undefined) return;
      const next = feed.next(cursor);
      if (next === undefined) return;
      if (typeof next === 'string') {
        this.sendEverything();
        return;
      }
      if (this.#isFull) {
        this.#isHeldBack = true;
        return;
      }
      this.#cursors.set(environmentId, next.version);
      this.#socket.send(next.message, { binary: false }, () => this.#resume());
    }
  }
}
