import type { WebSocket } from 'ws';
import type { LiveEnvironments } from '../../live/environments.js';
import type { Changes } from '../../model/change-log.js';
import { isJsonObject } from '../../model/json.js';
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

  constructor(socket: Pick<WebSocket, 'send' | 'bufferedAmount'>, parts: AgentSessionParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  receive(text: string): void {
    const message = parse(text);
    if (!isJsonObject(message)) return;
    if (message.messageType === 'ping') this.#socket.send(PONG);
    if (message.messageType !== 'data-sync') return;
    const request = decodeAgentRequest(message.data);
    if (request !== undefined) this.#answer(request);
  }

  /** Everything, with the secrets. */
  sendEverything(): void {
    if (this.#cursors.size > 0) this.#answer({ cursors: new Map(), isForEverything: true });
  }

  end(): void {
    for (const leave of this.#leave.splice(0)) leave();
    this.#cursors.clear();
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
    for (const environment of environments) {
      this.#cursors.set(environment.id, sent(environment).cursor);
      const { feed } = this.#parts.live.of(environment.id);
      this.#leave.push(feed.join({ wake: () => this.#proceed(environment.id) }));
    }
    this.#socket.send(`{"messageType":"data-sync","data":${data}}`, () => this.#proceedAll());
  }

  #proceedAll(): void {
    for (const id of [...this.#cursors.keys()]) this.#proceed(id);
  }

  #proceed(environmentId: string): void {
    const { feed } = this.#parts.live.of(environmentId);
    for (;;) {
      const cursor = this.#cursors.get(environmentId);
      if (cursor === undefined || this.#socket.bufferedAmount > MOST_BUFFERED) return;
      const next = feed.next(cursor);
      if (next === undefined) return;
      if (typeof next === 'string') {
        this.sendEverything();
        return;
      }
      this.#cursors.set(environmentId, next.version);
      this.#socket.send(next.message, { binary: false }, () => this.#proceed(environmentId));
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
