import { readFileSync } from 'node:fs';
import type { DrawnEvent } from '../events.js';
import { insightsRequest } from '../insights.js';
import { type Loaded, LoadedCenter } from '../processes.js';
import type { Asked } from '../requests.js';

/** A server that is measured beside another one, on the same work. */
export interface Side extends Loaded, AsyncDisposable {
  /** The request for everything. */
  readonly everything: Asked;
  /** The request that brings events. */
  eventsRequest(events: readonly DrawnEvent[]): Asked;
}

/** How a side is set up and named. */
export interface Contender {
  /** With its version. */
  readonly name: string;
  /** @param folder is there for it alone, and may not exist yet. */
  start(flags: number, folder: string): Promise<Side>;
}

const PACKAGE = new URL('../../../../packages/fbcenter/package.json', import.meta.url);

/** A center as it is used, in a folder. */
export function centerContender(): Contender {
  const { version }: { version: string } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return {
    name: `fbcenter ${version}`,
    async start(flags, folder) {
      const center = await LoadedCenter.start({ flags, folder });
      const { secret } = center;
      return {
        url: center.url,
        stream: center.stream,
        everything: { method: 'GET', path: '/api/public/sdk/server/latest-all', headers: { authorization: secret } },
        eventsRequest: (events) => insightsRequest(secret, events),
        usage: () => center.usage(),
        change: () => center.change(),
        [Symbol.asyncDispose]: () => center[Symbol.asyncDispose](),
      };
    },
  };
}
