import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SinkCounts } from './sink.js';

/** The event server in its own process. */
export interface Sink {
  readonly url: string;
  /** Counts what has arrived since the last call. */
  counts(): Promise<SinkCounts>;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const child = fork(fileURLToPath(new URL('./sink.js', import.meta.url)));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    counts: async () => {
      child.send('counts');
      const [counts] = (await once(child, 'message')) as [SinkCounts];
      return counts;
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
