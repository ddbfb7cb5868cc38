import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Callers } from '../../access/callers.js';
import { answerTo, codeOf } from '../../access/sdk-reactions.js';
import type { LiveEnvironments } from '../../live/environments.js';
import { cut, cutLater } from '../../runtime/cut.js';
import { contain } from '../../runtime/listeners.js';
import { errorText, type Logger } from '../../runtime/log.js';
import type { RelayedEnvironments } from '../relayed-environments.js';
import { AgentSession } from './agent-session.js';

/** Agents are few; each has everything. */
const MOST_AGENTS = 100;
/** An agent names each of its environments when it asks. */
const LARGEST_MESSAGE = 256 * 1024;
/** An agent pings; one that has been silent for this long, in milliseconds, is gone. */
const SILENCE = 120_000;
const CLOSE_TIMEOUT = 1_000;

export interface AgentHubParts {
  readonly callers: Pick<Callers, 'isRelayKey'>;
  readonly environments: RelayedEnvironments;
  readonly live: LiveEnvironments;
  readonly log: Logger;
}

/** The connections of agents, which have all environments over one. */
export class AgentHub {
  readonly #parts: AgentHubParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
  });
  readonly #sessions = new Map<WebSocket, { readonly session: AgentSession; readonly raw: Duplex; heard: boolean }>();
  readonly #beat: NodeJS.Timeout;
  #isClosed = false;

  constructor(parts: AgentHubParts) {
    this.#parts = parts;
    this.#beat = setInterval(() => this.#cutSilent(), SILENCE).unref();
  }

  get agents(): number {
    return this.#sessions.size;
  }

  /** Whether a request is an agent's. */
  static isAgents(request: IncomingMessage): boolean {
    return queryOf(request)?.get('type') === 'relay-proxy';
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { callers, environments, log } = this.#parts;
    socket.on('error', () => socket.destroy());
    if (this.#isClosed || this.#sessions.size >= MOST_AGENTS) {
      refuse(socket, codeOf(answerTo(this.#isClosed ? 'stopping' : 'too-many', 'unknown')));
      return;
    }
    const isKnown = callers.isRelayKey(queryOf(request)?.get('token') ?? '');
    // An agent that is told of no environment would take back those that it serves.
    if (isKnown && !environments.all.some(({ replica }) => replica.isFilled)) {
      refuse(socket, codeOf(answerTo('storage-away', 'unknown')));
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {});
      if (isKnown) {
        this.#letIn(webSocket, socket);
        return;
      }
      cutLater(socket, CLOSE_TIMEOUT);
      log.warn('an agent was refused: its key is not the one of this relay');
      webSocket.close(codeOf(answerTo('not-let-in', 'unknown')), 'the key is unknown');
    });
  }

  /** An environment has come or gone, or has other secrets: agents are given everything anew. */
  environmentsChanged(): void {
    for (const { session } of this.#sessions.values()) session.sendEverything();
  }

  /** There is data of an environment: agents that came before there was are given it. */
  environmentFilled(environmentId: string): void {
    for (const { session } of this.#sessions.values()) session.filled(environmentId);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#beat);
    const code = codeOf(answerTo('stopping-connected', 'unknown'));
    const closing = [...this.#sessions].map(
      ([socket, { raw }]) =>
        new Promise<void>((resolve) => {
          // The connection may have ended already, and says so no second time.
          const force = setTimeout(() => {
            cut(raw);
            resolve();
          }, CLOSE_TIMEOUT);
          raw.once('close', () => {
            clearTimeout(force);
            resolve();
          });
          socket.close(code, 'the relay is stopping');
        }),
    );
    await Promise.all(closing);
  }

  #letIn(socket: WebSocket, raw: Duplex): void {
    const { environments, live, log } = this.#parts;
    const session = new AgentSession(socket, { environments, live });
    const entry = { session, raw, heard: true };
    this.#sessions.set(socket, entry);
    log.info('an agent is connected', { agents: this.#sessions.size });
    socket.on('message', (data) => {
      entry.heard = true;
      contain(
        () => session.receive(String(data)),
        (error) => {
          log.error('a message of an agent could not be taken', { error: errorText(error) });
          cut(raw);
        },
      );
    });
    socket.on('close', () => {
      session.end();
      this.#sessions.delete(socket);
    });
  }

  #cutSilent(): void {
    for (const entry of this.#sessions.values()) {
      if (!entry.heard) cut(entry.raw);
      entry.heard = false;
    }
  }
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams | undefined {
  try {
    return new URL(url, 'http://relay').searchParams;
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: number): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
  // Its sender may keep its own side open, or not read what comes before the refusal.
  cutLater(socket, CLOSE_TIMEOUT);
}
