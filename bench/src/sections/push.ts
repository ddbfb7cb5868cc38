import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FbClientBuilder } from '@featbit/node-server-sdk';
import { FBClient } from 'fbclient';
import { BEFORE } from '../adapters/before.js';
import type { Build } from '../adapters/fbclient.js';
import { SILENT } from '../adapters/silent.js';
import { type CenterAddress, type CenterCommit, PUSHED_FLAG } from '../center/pushed-flag.js';
import { median } from '../measure/statistics.js';

export const PUSH_CLIENTS = [1, 500] as const;

/** From the center's commit to the listener, in milliseconds; medians over the changes. */
export interface PushResult {
  readonly sdk: string;
  readonly clients: number;
  /** The middle one of the clients. */
  readonly middle: number;
  /** The last of the clients. */
  readonly last: number;
}

interface Listening {
  close(): Promise<void>;
}

type Open = (address: CenterAddress, changed: () => void) => Promise<Listening>;

/**
 * Measures how long a change takes from the center's commit to a listener in this process; the center is another process
 * on the same machine. All clients share this process, so that the last of many waits for the others' work too. The SDKs that
 * speak the center's protocol are compared.
 *
 * @param before an earlier build of fbclient.
 */
export async function measurePush(changes: number, before: Build | undefined): Promise<PushResult[]> {
  const sdks: (readonly [name: string, open: Open])[] = [
    ['fbclient', opener({ FBClient })],
    ['@featbit/node-server-sdk', openFeatbit],
  ];
  if (before !== undefined) sdks.push([BEFORE, opener(before)]);
  const child = fork(fileURLToPath(new URL('../center/center.js', import.meta.url)));
  try {
    const [address] = (await once(child, 'message')) as [CenterAddress];
    const results: PushResult[] = [];
    for (const clients of PUSH_CLIENTS) {
      for (const [sdk, open] of sdks) {
        const arrivals: number[] = [];
        let arrived: (() => void) | undefined;
        const changed = (): void => {
          arrivals.push(now());
          if (arrivals.length === clients) arrived?.();
        };
        const listening = await Promise.all(Array.from({ length: clients }, () => open(address, changed)));
        const middles: number[] = [];
        const lasts: number[] = [];
        // The first change is for the compiler.
        for (let change = 0; change <= changes; change++) {
          arrivals.length = 0;
          const all = new Promise<void>((resolve) => {
            arrived = resolve;
          });
          child.send('toggle');
          const [{ committedAt }] = (await once(child, 'message')) as [CenterCommit];
          await all;
          if (change === 0) continue;
          middles.push(median(arrivals) - committedAt);
          lasts.push(Math.max(...arrivals) - committedAt);
        }
        results.push({ sdk, clients, middle: median(middles), last: median(lasts) });
        await Promise.all(listening.map((one) => one.close()));
      }
    }
    return results;
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

/** The wall clock with a fraction, in Unix milliseconds, as the center stamps its commits. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function opener(build: Build): Open {
  return async ({ url, serverSecret }, changed) => {
    const client = new build.FBClient({
      envSecret: serverSecret,
      streamingUrl: url,
      disableEvents: true,
      proxy: false,
    });
    if ((await client.waitForInitialization()) !== 'ready') throw new Error('fbclient did not start');
    client.flagTracker.addFlagChangedListener(({ flagKey }) => {
      if (flagKey === PUSHED_FLAG) changed();
    });
    return client;
  };
}

async function openFeatbit({ url, serverSecret }: CenterAddress, changed: () => void): Promise<Listening> {
  const client = new FbClientBuilder()
    .sdkKey(serverSecret)
    .streamingUri(url.replace('http', 'ws'))
    .eventsUri(url)
    .disableEvents(true)
    .logger(SILENT)
    .build();
  await client.waitForInitialization();
  client.on(`update:${PUSHED_FLAG}`, changed);
  return { close: async () => client.close() };
}
