import { once } from 'node:events';
import { FbClientBuilder } from '@featbit/node-server-sdk';
import WebSocket from 'ws';
import { BEFORE, loadBuild } from '../adapters/before.js';
import { SILENT } from '../adapters/silent.js';
import { passOver } from '../start-up/pass-over.js';

/** What receives a full sync over a connection. */
export const RECEIVERS = [
  'fbclient',
  BEFORE,
  '@featbit/node-server-sdk',
  'ws and JSON.parse',
  'ws and one pass',
  'ws',
] as const;

export type Receiver = (typeof RECEIVERS)[number];

const SECRET = 'qJQQTVfsJkuaD0AKS7k5lgPeM0aHvJ5Eq2mDG1bcWzZA';

/** Something that is about to receive a full sync. */
export interface Connecting {
  /** Evaluates a flag; `undefined` for what cannot. */
  readonly evaluate: ((flagKey: string) => unknown) | undefined;
  /** Resolves when the data is in use, with what has to stay in memory for it. */
  readonly ready: Promise<unknown>;
}

/**
 * @param url of a server that answers with a full sync.
 * @param before the folder of the earlier build.
 */
export async function connect(receiver: Receiver, url: string, before: string): Promise<Connecting> {
  switch (receiver) {
    case 'fbclient':
    case BEFORE: {
      const { FBClient } = receiver === BEFORE ? await loadBuild(before) : await import('fbclient');
      const client = new FBClient({ envSecret: SECRET, streamingUrl: url, disableEvents: true, proxy: false });
      return {
        evaluate: (key) => client.boolVariation(key, { key: 'u' }, false),
        ready: client.waitForInitialization(60_000),
      };
    }
    case '@featbit/node-server-sdk': {
      const client = new FbClientBuilder()
        .sdkKey(SECRET)
        .streamingUri(url)
        .eventsUri(url.replace('ws', 'http'))
        .disableEvents(true)
        .logger(SILENT)
        .startWaitTime(60_000)
        .build();
      const user = { key: 'u', name: 'u', customizedProperties: [] };
      return { evaluate: (key) => client.boolVariation(key, user, false), ready: client.waitForInitialization() };
    }
    case 'ws':
      return { evaluate: undefined, ready: message(url).then(() => undefined) };
    case 'ws and one pass':
      return { evaluate: undefined, ready: message(url).then(passOver) };
    case 'ws and JSON.parse':
      return { evaluate: undefined, ready: message(url).then((bytes) => JSON.parse(bytes.toString('utf8'))) };
  }
}

async function message(url: string): Promise<Buffer> {
  const socket = new WebSocket(`${url}/streaming`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send('{"messageType":"data-sync","data":{"timestamp":0}}');
  const [bytes] = (await once(socket, 'message')) as [Buffer];
  return bytes;
}
