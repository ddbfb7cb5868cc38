import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeConnectionToken } from 'fbclient/core';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/** A flag or segment as FeatBit has it. */
export interface FeatBitDocument {
  readonly updatedAt: string;
  readonly isArchived: boolean;
  readonly [member: string]: unknown;
}

/** A flag of FeatBit's form: on or off for everybody. */
export function featBitFlag(key: string, version: number, overrides: object = {}): FeatBitDocument {
  return {
    id: `10000000-0000-4000-8000-${[...key]
      .map((letter) => letter.charCodeAt(0).toString(16))
      .join('')
      .padStart(12, '0')
      .slice(-12)}`,
    envId: '20000000-0000-4000-8000-000000000001',
    key,
    name: key,
    tags: [],
    variationType: 'boolean',
    variations: [
      { id: 'on', value: 'true' },
      { id: 'off', value: 'false' },
    ],
    targetUsers: [],
    rules: [],
    isEnabled: true,
    disabledVariationId: 'off',
    fallthrough: {
      dispatchKey: null,
      includedInExpt: false,
      variations: [{ id: 'on', rollout: [0, 1], exptRollout: 1 }],
    },
    exptIncludeAllTargets: false,
    isArchived: false,
    updatedAt: new Date(version).toISOString(),
    ...overrides,
  };
}

/** A server that keeps FeatBit's protocol, with what FeatBit does not promise in the hands of a test. */
export class ScriptedFeatBit {
  readonly url: string;
  readonly #http: Server;
  readonly #sockets = new Set<WebSocket>();
  flags: readonly FeatBitDocument[] = [];
  segments: readonly FeatBitDocument[] = [];
  /** Every message and request that came: `data-sync 0`, `insights [...]`. */
  readonly received: string[] = [];
  /** Secrets, or keys of agents, that connections came with. */
  readonly credentials: string[] = [];
  /** The status that insights are answered with; `cut` = they are taken, and the answer is lost. */
  insightStatus: number | 'cut' = 200;
  readonly insights: unknown[] = [];
  /** Whether connections are closed with 4003. */
  refuses = false;
  /** Answers a message that is none of the usual; `undefined` = nothing. */
  answerTo: (message: { readonly messageType: string; readonly data: unknown }) => unknown = () => undefined;
  /** Answers a request by path and credential; `undefined` = 404. */
  serve: (path: string, credential: string, body: string) => { status: number; body: string } | undefined = () =>
    undefined;

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket, request) => this.#connected(socket, request));
    http.on('request', (request, response) => {
      void bodyOf(request).then((body) => {
        const { url = '' } = request;
        if (url === '/api/public/insight/track') {
          this.insights.push(...(this.insightStatus === 200 || this.insightStatus === 'cut' ? JSON.parse(body) : []));
          if (this.insightStatus === 'cut') request.socket.destroy();
          else response.writeHead(this.insightStatus).end();
          return;
        }
        const answer = this.serve(url, request.headers.authorization ?? '', body) ?? { status: 404, body: '' };
        response.writeHead(answer.status).end(answer.body);
      });
    });
  }

  static async start(): Promise<ScriptedFeatBit> {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new ScriptedFeatBit(http);
    onTestFinished(() => server.stop());
    return server;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Sends a message over every connection. */
  send(message: unknown): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  /** Pushes documents, as FeatBit does after changes. */
  push(featureFlags: readonly FeatBitDocument[], segments: readonly FeatBitDocument[] = []): void {
    this.send({ messageType: 'data-sync', data: { eventType: 'patch', featureFlags, segments } });
  }

  /** Changes flags and pushes them. */
  change(...flags: readonly FeatBitDocument[]): void {
    const keys = new Set(flags.map(({ key }) => key));
    this.flags = [...this.flags.filter(({ key }) => !keys.has(key)), ...flags];
    this.push(flags);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  stop(): void {
    this.cut();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #connected(socket: WebSocket, { url = '' }: IncomingMessage): void {
    const token = new URL(url, 'http://x').searchParams.get('token') ?? '';
    this.credentials.push(decodeConnectionToken(token)?.secret ?? token);
    if (this.refuses) {
      socket.close(4003, 'invalid request, close by server');
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('message', (text) => {
      const message = JSON.parse(String(text));
      const own = this.answerTo(message);
      if (own !== undefined) socket.send(JSON.stringify(own));
      else if (message.messageType === 'ping') socket.send('{"messageType":"pong","data":{}}');
      else if (message.messageType === 'data-sync') socket.send(JSON.stringify(this.#answer(message.data.timestamp)));
    });
  }

  #answer(cursor: number): unknown {
    this.received.push(`data-sync ${cursor}`);
    const newer = (documents: readonly FeatBitDocument[]) =>
      documents.filter(({ updatedAt }) => cursor === 0 || Date.parse(updatedAt) > cursor);
    const eventType = cursor === 0 ? 'full' : 'patch';
    return {
      messageType: 'data-sync',
      data: { eventType, featureFlags: newer(this.flags), segments: newer(this.segments) },
    };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
