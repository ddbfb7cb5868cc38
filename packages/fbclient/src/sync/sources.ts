import type { Log } from '../runtime/log.js';
import type { Network, Platform } from '../runtime/platform.js';
import type { DataSource } from './data-source.js';
import { PollingSource, type PollingTimes } from './polling.js';
import { StreamingSource } from './streaming.js';
import type { StreamingTimes } from './streaming-state.js';

/** Where data comes from, with what that needs. */
export type SourceSettings =
  | { readonly kind: 'offline' }
  | { readonly kind: 'streaming'; readonly url: string; readonly secret: string; readonly times: StreamingTimes }
  | {
      readonly kind: 'polling';
      readonly url: string;
      readonly secret: string;
      readonly times: PollingTimes;
      readonly maxMessageSize: number;
    }
  | { readonly kind: 'custom'; readonly source: DataSource };

/** @returns `undefined` offline. */
export function createSource(
  settings: SourceSettings,
  platform: Platform,
  network: Network,
  log: Log,
): DataSource | undefined {
  switch (settings.kind) {
    case 'offline':
      return undefined;
    case 'custom':
      return settings.source;
    case 'streaming':
      return new StreamingSource(settings, platform, network, log);
    case 'polling':
      return new PollingSource(settings, platform, network, log);
  }
}
