import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataSyncModeEnum, FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';
import { FBClient, type Options } from 'fbclient';
import { until } from './scene.js';

/** Where a client finds its server. */
export interface FieldServer {
  readonly secret: string;
  readonly httpUrl: string;
  readonly streamingUrl: string;
}

/** What a scene shortens or switches off; all durations in milliseconds. An SDK that has no such option keeps its own way. */
interface Tuning {
  readonly disableEvents?: boolean;
  readonly polling?: { readonly interval: number; readonly pollsPerFullSync: number };
  /** Between two requests for what is new, on the open stream. */
  readonly resyncInterval?: number;
  /** Between two requests for everything. */
  readonly fullResyncInterval?: number;
  /** From a refusal to the next attempt, at least and at first. */
  readonly refusedRetryDelay?: number;
  /** Between two attempts to connect, at most. */
  readonly streamingMaxRetryDelay?: number;
}

/** What the SDK itself says of its events; `undefined` where it counts nothing. */
interface EventCounts {
  readonly sent: number;
  /** Given up or dropped, whatever the reason. */
  readonly lost: number;
}

/** A user as scenes need one. */
interface FieldUser {
  readonly key: string;
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One client of the SDK under test. */
export interface FieldClient {
  /** Resolves when the SDK says that it is ready. @returns false when it did not in time. */
  ready(wait: number): Promise<boolean>;
  /** The value of every flag, by its key; makes no events. */
  flags(): Promise<ReadonlyMap<string, string>>;
  /** Evaluates a flag, which makes an event. @returns whether it was served. */
  evaluate(flagKey: string, user: FieldUser): Promise<boolean>;
  track(user: FieldUser, eventName: string, value: number): void;
  /** Calls with the key of each flag that the SDK says has changed. */
  listen(heard: (flagKey: string) => void): void;
  /** Sends what waits. @returns whether it was sent or given up in time. */
  flush(wait: number): Promise<boolean>;
  counts(): EventCounts | undefined;
  close(): Promise<void>;
}

/** An SDK under test. */
export interface FieldSdk {
  readonly name: string;
  readonly version: string;
  start(server: FieldServer, tuning?: Tuning): FieldClient;
}

const OBSERVER = { key: 'observer' };

/** This repository's SDK, from its sources or from a build of it somewhere else. */
function fbclientSdk(Client: typeof FBClient, name: string, version: string): FieldSdk {
  return {
    name,
    version,
    start(server, { polling, ...tuning } = {}) {
      const client = new Client({
        envSecret: server.secret,
        eventUrl: server.httpUrl,
        ...(polling === undefined
          ? { streamingUrl: server.streamingUrl }
          : {
              dataSyncMode: 'polling',
              pollingUrl: server.httpUrl,
              pollingInterval: polling.interval,
              pollsPerFullSync: polling.pollsPerFullSync,
            }),
        proxy: false,
        ...tuning,
        // A build may know fewer options than the sources, and the other way about.
      } as Options);
      const userOf = ({ attributes, ...user }: FieldUser) => ({ ...attributes, ...user });
      return {
        ready: async (wait) => (await client.waitForInitialization(wait)) === 'ready',
        flags: async () => {
          const states = client.getAllLatestFlagVariations(OBSERVER);
          return new Map([...states].map(({ flagKey, value }) => [flagKey, value]));
        },
        evaluate: async (flagKey, user) => client.variationDetail(flagKey, userOf(user), '').variationId !== '',
        track: (user, eventName, value) => client.trackMetric(userOf(user), eventName, value),
        listen: (heard) => {
          client.flagTracker.addFlagChangedListener(({ flagKey }) => heard(flagKey));
        },
        flush: (wait) => client.flushAndWait(wait),
        counts: () => {
          const { events } = client.diagnostics();
          if (events === undefined) return undefined;
          const dropped = Object.values(events.dropped).reduce((sum, count) => sum + count, 0);
          return { sent: events.sent, lost: events.failed + dropped };
        },
        close: () => client.close(),
      };
    },
  };
}

/** FeatBit's own SDK. */
function featbitSdk(): FieldSdk {
  const { version } = createRequire(import.meta.url)('@featbit/node-server-sdk/package.json') as { version: string };
  const silent = (): void => undefined;
  return {
    name: '@featbit/node-server-sdk',
    version,
    start(server, { polling, disableEvents } = {}) {
      const builder = new FbClientBuilder({
        sdkKey: server.secret,
        eventsUri: server.httpUrl,
        ...(polling === undefined ? {} : { pollingInterval: polling.interval }),
        logger: { debug: silent, info: silent, warn: silent, error: silent },
      });
      if (disableEvents === true) builder.disableEvents(true);
      if (polling === undefined) builder.streamingUri(server.streamingUrl);
      else builder.dataSyncMode(DataSyncModeEnum.POLLING).pollingUri(server.httpUrl);
      const client = builder.build();
      client.on('failed', silent);
      const userOf = ({ key, name = '', attributes = {} }: FieldUser) => {
        const user = new UserBuilder(key).name(name);
        for (const [attribute, value] of Object.entries(attributes)) user.custom(attribute, value);
        return user.build();
      };
      return {
        ready: async (wait) => {
          const begin = performance.now();
          const inTime = client.waitForInitialization().then(
            () => true,
            () => false,
          );
          if (await within(inTime, wait)) return true;
          // Its start wait ends after 5 s; it may become ready later all the same.
          const isReady = (): true | undefined => client.initialized() || undefined;
          return (await until(isReady, wait - (performance.now() - begin), 20)) ?? false;
        },
        flags: async () => {
          const details = await client.getAllVariations(userOf(OBSERVER));
          return new Map(details.map(({ flagKey, value }) => [flagKey, value ?? '']));
        },
        evaluate: async (flagKey, user) => {
          const { kind } = await client.stringVariationDetail(flagKey, userOf(user), '');
          return String(kind) === 'FallThrough';
        },
        track: (user, eventName, value) => client.track(userOf(user), eventName, value),
        listen: (heard) => {
          client.on('update', (keys: readonly string[]) => {
            for (const flagKey of keys) heard(flagKey);
          });
        },
        flush: (wait) =>
          within(
            client.flush().then(() => true),
            wait,
          ),
        counts: () => undefined,
        close: () => client.close(),
      };
    },
  };
}

/** @returns false when the promise takes longer. */
async function within(promise: Promise<boolean>, wait: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve_) => {
    timer = setTimeout(resolve_, wait, false);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * The SDK that a name stands for: `fbclient`, `featbit`, or the folder of an fbclient package that has been built.
 *
 * @throws Error where there is none.
 */
export async function sdkCalled(name: string): Promise<FieldSdk> {
  if (name === 'featbit') return featbitSdk();
  if (name === 'fbclient') {
    const { version } = createRequire(import.meta.url)('fbclient/package.json') as { version: string };
    return fbclientSdk(FBClient, 'fbclient', version);
  }
  const folder = resolve(name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const build = (await import(pathToFileURL(join(folder, 'dist/esm/index.js')).href)) as { FBClient: typeof FBClient };
  return fbclientSdk(build.FBClient, `fbclient of ${name}`, version);
}
