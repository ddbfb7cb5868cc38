import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CenterError } from '../errors.js';
import { errorText } from '../runtime/log.js';

interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  /** What it has to be asked with; absent = anybody may ask. */
  readonly token: string | undefined;
  text(): Promise<{ readonly type: string; readonly text: string }>;
}

/** A running server for nothing but `GET /metrics`. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9100/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** A request must have arrived after this many milliseconds. */
const REQUEST_TIMEOUT = 10_000;
/** More than a few Prometheus servers. */
const MAX_CONNECTIONS = 100;

/** @throws CenterError when the port or the address cannot be used. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = options;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  }).catch((error: unknown) => {
    throw cannotListen(options, error);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: MetricsServerOptions,
): Promise<void> {
  const { token, text } = options;
  const refuse = (status: number, sentence: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
    response.end(`${sentence}\n`);
  };
  const [path] = (request.url ?? '').split('?');
  if (path !== '/metrics') return refuse(404, 'There is nothing here but /metrics.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'This address takes GET, HEAD.', { allow: 'GET, HEAD' });
  }
  if (token !== undefined && !bears(request.headers.authorization, token)) {
    return refuse(401, 'Send the token of metrics as "Authorization: Bearer TOKEN".', { 'www-authenticate': 'Bearer' });
  }
  try {
    const { type, text: content } = await text();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : content);
  } catch {
    refuse(500, 'The metrics could not be collected.');
  }
}

/** Takes as long for a wrong token as for the right one. */
function bears(authorization: string | undefined, token: string): boolean {
  const [, shown = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digest(shown), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function cannotListen({ host, port }: MetricsServerOptions, error: unknown): CenterError {
  const isInUse = (error as { readonly code?: unknown }).code === 'EADDRINUSE';
  const why = isInUse
    ? 'is in use: stop the program that uses it, or choose another one'
    : `cannot be used (${errorText(error)})`;
  return new CenterError(isInUse ? 'port-in-use' : 'cannot-listen', `The metrics port ${port} on ${host} ${why}`, {
    cause: error,
  });
}
