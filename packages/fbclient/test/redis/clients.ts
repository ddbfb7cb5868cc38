import type { RedisClient } from 'fbclient/redis';
import { Redis as IORedis6 } from 'ioredis';
import { Redis as IORedis5 } from 'ioredis5';
import { Redis as IOValkey } from 'iovalkey';
import { createClient } from 'redis';

/** A client as an application has it, with the defaults of its library. */
export interface Connected {
  readonly client: RedisClient;
  disconnect(): void;
}

/** A lost connection is what is looked at here; each library reports it in its own way. */
const ignored = (): void => undefined;

/** What each library's README shows, and a listener for errors, without which node-redis ends the process. */
export const CLIENTS: Readonly<Record<string, (port: number) => Connected>> = {
  'node-redis 6': (port) => {
    const client = createClient({ socket: { host: '127.0.0.1', port } });
    client.on('error', ignored);
    // Settles when there is a connection; until then commands wait.
    client.connect().catch(ignored);
    return { client, disconnect: () => client.destroy() };
  },
  'ioredis 6': (port) => {
    const client = new IORedis6(port, '127.0.0.1').on('error', ignored);
    return { client, disconnect: () => client.disconnect() };
  },
  // As job queues ask for it: commands wait for ever.
  'ioredis 6, maxRetriesPerRequest: null': (port) => {
    const client = new IORedis6(port, '127.0.0.1', { maxRetriesPerRequest: null }).on('error', ignored);
    return { client, disconnect: () => client.disconnect() };
  },
  'ioredis 5': (port) => {
    const client = new IORedis5(port, '127.0.0.1').on('error', ignored);
    return { client, disconnect: () => client.disconnect() };
  },
  iovalkey: (port) => {
    const client = new IOValkey(port, '127.0.0.1').on('error', ignored);
    return { client, disconnect: () => client.disconnect() };
  },
};
