import { once } from 'node:events';
import { FbClientBuilder } from '@featbit/node-server-sdk';
import { encodeConnectionToken } from 'fbclient/core';
import WebSocket from 'ws';
import { BEFORE, loadBuild } from '../adapters/before.js';
import { SILENT } from '../adapters/silent.js';
import { PUSHED_FLAG } from '../center/pushed-flag.js';

/** What hears of a change: the SDKs that speak the center's protocol, and what no SDK on that library can be quicker than. */
export const LISTENERS = ['fbclient', BEFORE, '@featbit/node-server-sdk', 'ws'] as const;

export type Listener = (typeof LISTENERS)[number];

/** An environment of a center. */
export interface Environment {
  readonly url: string;
  readonly serverSecret: string;
}

/**
 * Listens to the flag that changes.
 *
 * @param changed called for each change.
 * @param before the folder of the earlier build.
 * @returns a function that ends it.
 */
export async function listen(
  listener: Listener,
  { url, serverSecret }: Environment,
  changed: () => void,
  before: string,
): Promise<() => unknown> {
  switch (listener) {
    case 'fbclient':
    case BEFORE: {
      const { FBClient } = listener === BEFORE ? await loadBuild(before) : await import('fbclient');
      const client = new FBClient({ envSecret: serverSecret, streamingUrl: url, disableEvents: true, proxy: false });
      if ((await client.waitForInitialization()) !== 'ready') throw new Error('fbclient did not start');
      client.flagTracker.addFlagChangedListener(({ flagKey }) => {
        if (flagKey === PUSHED_FLAG) changed();
      });
      return () => client.close();
    }
    case '@featbit/node-server-sdk': {
      const client = new FbClientBuilder()
        .sdkKey(serverSecret)
        .streamingUri(url.replace('http', 'ws'))
        .eventsUri(url)
        .disableEvents(true)
        .logger(SILENT)
        .build();
      await client.waitForInitialization();
      client.on(`update:${PUSHED_FLAG}`, changed);
      return () => client.close();
    }
    case 'ws': {
      const token = encodeConnectionToken(serverSecret, Date.now(), Math.random());
      const address = `${url.replace('http', 'ws')}/streaming?type=server&token=${encodeURIComponent(token)}`;
      const socket = new WebSocket(address, { perMessageDeflate: false });
      await once(socket, 'open');
      socket.send('{"messageType":"data-sync","data":{"timestamp":0}}');
      await once(socket, 'message');
      socket.on('message', changed);
      return () => socket.terminate();
    }
  }
}
