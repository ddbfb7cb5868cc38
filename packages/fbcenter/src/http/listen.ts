import { Server as EncryptedServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { CenterError } from '../errors.js';
import { errorText } from '../runtime/log.js';
import type { TlsFiles } from './tls-files.js';

/** How long requests that run may take when the center closes, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/**
 * Starts listening.
 *
 * @returns the URL to give to clients.
 * @throws CenterError when the port or the address cannot be used.
 */
export async function listen(
  http: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  const address = http.server.address();
  const scheme = http.server instanceof EncryptedServer ? 'https' : 'http';
  return `${scheme}://${placeOf(host)}:${typeof address === 'object' && address !== null ? address.port : port}`;
}

/** A certificate that is followed. */
interface FollowedCertificate {
  /** Reads the files anew now. */
  reload(): void;
  stop(): void;
}

/** Has a server show what the files have, whenever they change; connections that are open keep what they were shown. */
export function followCertificate(http: FastifyInstance, files: TlsFiles | undefined): FollowedCertificate {
  const { server } = http;
  if (files === undefined || !(server instanceof EncryptedServer)) return { reload: () => {}, stop: () => {} };
  const show = () => server.setSecureContext(files.current);
  const stop = files.watch(show);
  return {
    stop,
    reload: () => {
      if (files.reload()) show();
    },
  };
}

/** Accepts no more requests, gives those that run a second to finish, then cuts them off. */
export async function closeHttp(http: FastifyInstance): Promise<void> {
  const force = setTimeout(() => http.server.closeAllConnections(), CLOSE_TIMEOUT);
  await http.close();
  clearTimeout(force);
}

function placeOf(host: string): string {
  // A client cannot connect to the address that stands for every interface.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return reachable.includes(':') ? `[${reachable}]` : reachable;
}

function cannotListen(host: string, port: number, error: unknown): CenterError {
  if ((error as { readonly code?: unknown }).code === 'EADDRINUSE') {
    return new CenterError(
      'port-in-use',
      `Port ${port} on ${host} is in use: stop the program that uses it, or choose another port (0 is any free one)`,
      { cause: error },
    );
  }
  return new CenterError(
    'cannot-listen',
    `Cannot listen on ${host} port ${port} (${errorText(error)}): choose another host or port`,
    { cause: error },
  );
}
