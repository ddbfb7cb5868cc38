import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { ChangeEventBody, ExperimentEventBody } from '../../../src/api/answers.js';
import type { ConnectionsEventBody } from '../../../src/api/connections.js';
import type { TriggersEventBody } from '../../../src/api/triggers.js';
import type { UsageEventBody } from '../../../src/api/usage.js';
import type { Environment } from './calls.js';
import { ApiError } from './http.js';
import { keys } from './keys.js';
import { openEvents } from './session.js';
import { type EnvironmentUsage, withUsage } from './usage.js';

/** Waits before a stream that ended is opened again, in milliseconds: the first at once, then longer. */
const RETRY = [500, 1_000, 2_000, 5_000];

let followed: string | undefined;

/**
 * Follows what is changed in an environment as long as the page is in sight: a change is read as soon as it is made, and what was
 * missed while the stream was down is read when it is back. A page out of sight gives its connection up, of which a browser has
 * only a few for all pages of a server.
 */
export function useLive(environment: string | undefined): void {
  const client = useQueryClient();
  const isVisible = useSyncExternalStore(onVisibility, () => document.visibilityState === 'visible');
  useEffect(() => {
    if (environment === undefined || !isVisible) return;
    const abort = new AbortController();
    void follow(environment, client, abort.signal);
    return () => abort.abort();
  }, [client, environment, isVisible]);
}

/** Whether changes of an environment are reported as they are made, so that nobody needs to ask. */
export function isFollowed(environment: string): boolean {
  return followed === environment;
}

async function follow(environment: string, client: QueryClient, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const events = await openEvents(environment, signal);
      failures = 0;
      followed = environment;
      // Whatever happened before the stream was open.
      void client.invalidateQueries({ queryKey: ['env', environment] });
      await readEvents(events, (name, data) => take(client, environment, name, data));
    } catch (error) {
      // The queries say what is wrong: they fail too, and are tried again while they do. Whoever may not look any more is told now.
      if (failures <= 1 && error instanceof ApiError) void client.invalidateQueries();
    }
    if (followed === environment) followed = undefined;
    await wait(RETRY[Math.min(failures, RETRY.length - 1)] ?? 0, signal);
  }
}

/** What happened, by the name of its event. */
function take(client: QueryClient, environment: string, name: string, data: unknown): void {
  if (name === 'change') refresh(client, environment, data as ChangeEventBody);
  else if (name === 'experiment') refreshExperiment(client, environment, data as ExperimentEventBody);
  else if (name === 'usage') takeUsage(client, environment, data as UsageEventBody);
  else if (name === 'connections') takeConnections(client, environment, data as ConnectionsEventBody);
  else if (name === 'webhooks') void client.invalidateQueries({ queryKey: keys.webhooks(environment) });
  else if (name === 'triggers')
    for (const flag of (data as TriggersEventBody).flags)
      void client.invalidateQueries({ queryKey: keys.triggers(environment, flag) });
}

function takeUsage(client: QueryClient, environment: string, { items, isPartial }: UsageEventBody): void {
  if (isPartial) {
    void client.invalidateQueries({ queryKey: keys.usage(environment) });
    void client.invalidateQueries({ queryKey: ['env', environment, 'evaluations'] });
    return;
  }
  client.setQueryData<EnvironmentUsage>(
    keys.usage(environment),
    (known) => known && { ...known, flags: withUsage(known.flags, items) },
  );
  for (const { key } of items) void client.invalidateQueries({ queryKey: keys.evaluations(environment, key) });
}

function takeConnections(client: QueryClient, environment: string, { count }: ConnectionsEventBody): void {
  client.setQueryData<readonly Environment[]>(keys.environments, (list) =>
    list?.map((one) => (one.key === environment ? { ...one, connections: count } : one)),
  );
  void client.invalidateQueries({ queryKey: keys.connections(environment) });
}

function refresh(client: QueryClient, environment: string, { kind, key }: ChangeEventBody): void {
  void client.invalidateQueries({ queryKey: keys.why(environment) });
  if (kind === 'flag') {
    void client.invalidateQueries({ queryKey: keys.summaries(environment) });
    // At once, not when the list of all has come and shows a newer version.
    void client.invalidateQueries({ queryKey: keys.flag(environment, key) });
    return;
  }
  void client.invalidateQueries({ queryKey: keys.segments(environment) });
  void client.invalidateQueries({ queryKey: keys.segment(environment, key) });
}

function refreshExperiment(client: QueryClient, environment: string, { key }: ExperimentEventBody): void {
  void client.invalidateQueries({ queryKey: keys.experiments(environment) });
  void client.invalidateQueries({ queryKey: keys.experiment(environment, key) });
}

/** Reads server-sent events until the stream ends. */
async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEvent: (name: string, data: unknown) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      const name = /^event: (.*)$/m.exec(event)?.[1] ?? 'message';
      if (data !== undefined) onEvent(name, JSON.parse(data));
    }
  }
}

function onVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

function wait(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
