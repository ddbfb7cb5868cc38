import { FbClientBuilder, type IFbClient, ReasonKinds, UserBuilder } from '@featbit/node-server-sdk';
import { FBClient, type Options } from 'fbclient';
import type { OwnCounters, Profile, SdkName, SubjectInput } from './protocol.js';

/** An SDK as the soak uses it. */
export interface Sdk {
  /** Evaluates a flag for a user. @returns whether that makes an event. */
  evaluate(flagKey: string, userKey: string): Promise<boolean>;
  track(userKey: string, eventName: string, value: number): void;
  /** The value of every flag, by its key. */
  all(): Promise<ReadonlyMap<string, string>>;
  /** Sends what waits, for so long at most, in milliseconds. */
  flush(wait: number): Promise<unknown>;
  close(): Promise<void>;
  counters(): OwnCounters | undefined;
}

/** Between two pings and until a connection must be there, in milliseconds: five minutes are short for the defaults. */
const PING_INTERVAL = 500;
const CONNECT_TIMEOUT = 500;

/** What makes five minutes enough for the defaults, all in milliseconds. */
const SHORTENED: Readonly<Record<Profile, object>> = {
  faults: { streamingConnectTimeout: CONNECT_TIMEOUT, eventsRequestTimeout: 1_000 },
  featbit: { resyncInterval: 1_000, fullResyncInterval: 5_000 },
};

export function startSdk(input: SubjectInput): Sdk {
  const start: Record<SdkName, (input: SubjectInput) => Sdk> = { fbclient: startFbclient, featbit: startFeatbit };
  return start[input.sdk](input);
}

function startFbclient({ profile, envSecret, streamingUrl, eventUrl }: SubjectInput): Sdk {
  const options: Options = {
    envSecret,
    streamingUrl,
    eventUrl,
    proxy: false,
    streamingPingInterval: PING_INTERVAL,
    streamingFirstRetryDelay: 100,
    streamingMaxRetryDelay: 1_000,
    ...SHORTENED[profile],
  };
  const client = new FBClient(options);
  return {
    evaluate: async (flagKey, key) => client.variationDetail(flagKey, { key }, '').variationId !== '',
    track: (key, eventName, value) => client.trackMetric({ key }, eventName, value),
    all: async () => {
      const states = client.getAllLatestFlagVariations({ key: 'observer' });
      return new Map([...states].map(({ flagKey, value }) => [flagKey, value]));
    },
    flush: (wait) => client.flushAndWait(wait),
    close: () => client.close(),
    counters: () => {
      const events = client.diagnostics().events;
      if (events === undefined) return undefined;
      const dropped = Object.values(events.dropped).reduce((sum, count) => sum + count, 0);
      return { sent: events.sent, lost: events.failed + dropped };
    },
  };
}

function startFeatbit({ envSecret, streamingUrl, eventUrl }: SubjectInput): Sdk {
  const silent = (): void => undefined;
  const client: IFbClient = new FbClientBuilder({
    sdkKey: envSecret,
    streamingUri: streamingUrl,
    eventsUri: eventUrl,
    webSocketPingInterval: PING_INTERVAL,
    webSocketHandshakeTimeout: CONNECT_TIMEOUT,
    flushInterval: 1_000,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  }).build();
  const user = (key: string) => new UserBuilder(key).name(key).build();
  return {
    evaluate: async (flagKey, key) => {
      const { kind } = await client.stringVariationDetail(flagKey, user(key), '');
      return kind === ReasonKinds.FallThrough;
    },
    track: (key, eventName, value) => client.track(user(key), eventName, value),
    all: async () => {
      const details = await client.getAllVariations(user('observer'));
      return new Map(details.map(({ flagKey, value }) => [flagKey, value ?? '']));
    },
    flush: async (wait) => {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise((resolve) => {
        timer = setTimeout(resolve, wait);
      });
      await Promise.race([client.flush(), enough]);
      clearTimeout(timer);
    },
    close: () => client.close(),
    counters: () => undefined,
  };
}
