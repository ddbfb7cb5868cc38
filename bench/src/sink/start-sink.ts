import { fork } from 'node:child_process';
import { Child } from '../process/child.js';
import type { FromSink, SinkCounts } from './sink.js';

/** The event server in its own process. */
export interface Sink extends AsyncDisposable {
  readonly url: string;
  /** Counts what has arrived since the last call. */
  counts(): Promise<SinkCounts>;
}

export async function startSink(): Promise<Sink> {
  const child = new Child<'counts', FromSink>('the event server', fork(new URL('./sink.js', import.meta.url)));
  const { port } = await child.next('listening');
  return {
    url: `http://127.0.0.1:${port}`,
    counts: () => {
      child.send('counts');
      return child.next('counts');
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
