/**
 * The event server of the benchmark, in a process of its own so that its work is nobody's cost: takes every POST, answers
 * at once, and counts when it is asked.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What has arrived since it was asked last. */
export interface SinkCounts {
  readonly kind: 'counts';
  readonly requests: number;
  readonly connections: number;
  /** Request lines, headers and bodies. */
  readonly bytes: number;
  /** Evaluations that the bodies tell of, one by one or in summaries. */
  readonly evaluations: number;
  /** One of the bodies; empty when there was none. */
  readonly sample: string;
}

/** First it says where it is, then, whenever it is asked, what has arrived. */
export type FromSink = { readonly kind: 'listening'; readonly port: number } | SinkCounts;

const report = (message: FromSink): unknown => process.send?.(message);

let bodies: Buffer[] = [];
let headerBytes = 0;
let connections = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    bodies.push(Buffer.concat(chunks));
    headerBytes += `${request.method} ${request.url} HTTP/1.1\r\n\r\n`.length;
    for (const part of request.rawHeaders) headerBytes += part.length + 2;
    response.writeHead(200).end();
  });
});
server.on('connection', () => {
  connections += 1;
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => report({ kind: 'listening', port: (server.address() as AddressInfo).port }));

process.on('message', () => {
  const counts: SinkCounts = {
    kind: 'counts',
    requests: bodies.length,
    connections,
    bytes: bodies.reduce((sum, body) => sum + body.length, headerBytes),
    evaluations: bodies.reduce((sum, body) => sum + evaluationsIn(JSON.parse(body.toString('utf8'))), 0),
    sample: bodies[0]?.toString('utf8') ?? '',
  };
  bodies = [];
  headerBytes = 0;
  connections = 0;
  report(counts);
});
process.on('disconnect', () => process.exit());

interface Payload {
  /** FeatBit: one for each evaluation. */
  readonly variations?: readonly unknown[];
  /** LaunchDarkly: `feature` for an evaluation, `summary` for many. */
  readonly kind?: string;
  readonly features?: Readonly<Record<string, { readonly counters: readonly { readonly count: number }[] }>>;
}

function evaluationsIn(payloads: readonly Payload[]): number {
  let count = 0;
  for (const { variations, features } of payloads) {
    count += variations?.length ?? 0;
    for (const { counters } of Object.values(features ?? {})) for (const counter of counters) count += counter.count;
  }
  return count;
}
