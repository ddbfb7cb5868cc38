/** Driver for fbclient. */
import { createRequire } from 'node:module';
import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { serve } from './json-lines.js';

const { version } = createRequire(import.meta.url)('fbclient/package.json');

/** name → { client, entries, changes } */
const clients = new Map();
const of = (name) => clients.get(name);

/** A user as fbclient takes it: attributes beside key and name. Anything that is no user stays as it is. */
function toUser(user) {
  if (typeof user !== 'object' || user === null || Array.isArray(user)) return user;
  const { custom, ...builtIn } = user;
  // Object.fromEntries defines properties, so that an attribute called __proto__ is an ordinary one.
  return Object.fromEntries([...Object.entries(custom ?? {}), ...Object.entries(builtIn)]);
}

/** JSON has no NaN and no infinities; the suite sends their names. */
const toNumber = (value) => (typeof value === 'string' ? Number(value) : value);

function mutate(value) {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    mutate(value[key]);
    try {
      value[key] = 'changed';
    } catch {
      // Frozen: as good as a copy.
    }
  }
}

const METHODS = {
  string: 'stringVariationDetail',
  boolean: 'boolVariationDetail',
  number: 'numberVariationDetail',
  json: 'jsonVariationDetail',
};

serve({
  hello: () => ({
    sdk: 'fbclient',
    version,
    language: 'TypeScript',
    reconnectMs: 200,
    capabilities: [
      'streaming',
      'polling',
      'offline',
      'bootstrap',
      'disableEvents',
      'initialized',
      'status',
      'rawInput',
      'allFlags',
      'track',
      'identify',
      'flush',
      'flushAndWait',
      'flagListeners',
      'valueListeners',
      'logs',
      'counters',
      'mutateUser',
      'mutateValue',
      'makeToken',
      'eventQueueLimit',
      'resync',
    ],
  }),

  create({ client: name, settings, ...request }) {
    const entries = [];
    const log = (level) => (message, fields) =>
      entries.push({ level, message: `${message} ${JSON.stringify(fields)}` });
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    const client = new FBClient({
      envSecret: request.secret,
      dataSyncMode: request.mode,
      streamingUrl: request.mode === 'polling' ? undefined : request.streamingUrl,
      pollingUrl: request.mode === 'polling' ? request.pollingUrl : undefined,
      eventUrl: request.eventUrl,
      offline: request.offline,
      bootstrap: request.bootstrap,
      disableEvents: request.disableEvents,
      startWait: settings.startWaitMs,
      streamingConnectTimeout: settings.connectTimeoutMs,
      streamingFirstRetryDelay: settings.firstRetryDelayMs,
      streamingMaxRetryDelay: settings.maxRetryDelayMs,
      streamingPingInterval: settings.pingIntervalMs,
      pollingInterval: settings.pollingIntervalMs,
      eventsFlushInterval: settings.flushIntervalMs,
      eventsMaxInQueue: settings.maxEventsInQueue,
      eventsRetryInterval: settings.eventRetryIntervalMs,
      eventsMaxRetries: settings.eventMaxRetries,
      eventsRequestTimeout: settings.eventRequestTimeoutMs,
      closeTimeout: settings.closeTimeoutMs,
      resyncInterval: settings.resyncIntervalMs,
      fullResyncInterval: settings.fullResyncIntervalMs,
      pollsPerFullSync: settings.pollsPerFullSync,
      proxy: false,
      logger,
    });
    clients.set(name, { client, entries, changes: new Map() });
  },

  waitForInitialization: async ({ client, timeoutMs }) => ({
    outcome: await of(client).client.waitForInitialization(timeoutMs),
  }),
  initialized: ({ client }) => ({ initialized: of(client).client.initialized }),
  status: ({ client }) => ({ status: of(client).client.status }),

  evaluate({ client, flag, user, type, default: fallback, mutateValue }) {
    const { value, variationId, reason } = of(client).client[METHODS[type]](flag, toUser(user), fallback);
    const reply = { value: structuredClone(value), variationId, reason };
    if (mutateValue) mutate(value);
    return reply;
  },

  allFlags({ client, user }) {
    const states = of(client).client.getAllLatestFlagVariations(toUser(user));
    const flags = [...states].map(({ flagKey, value, variationId, reason }) => ({
      flagKey,
      value,
      variationId,
      reason,
    }));
    return { success: states.success, flags };
  },

  track({ client, user, eventName, value, mutateUser }) {
    const object = toUser(user);
    if (value === undefined) of(client).client.trackMetric(object, eventName);
    else of(client).client.trackMetric(object, eventName, toNumber(value));
    if (mutateUser) Object.assign(object, mutateUser);
  },

  identify: ({ client, user }) => of(client).client.identify(toUser(user)),
  flush: ({ client }) => of(client).client.flush(),
  flushAndWait: async ({ client, timeoutMs }) => ({ done: await of(client).client.flushAndWait(timeoutMs) }),

  listen({ client: name, name: listener, user, behaviour, ofFlag }) {
    const { client, changes } = of(name);
    const told = [];
    changes.set(listener, told);
    if (ofFlag !== undefined) {
      client.flagTracker.addFlagValueChangedListener(ofFlag, toUser(user), (flagKey, _previous, value) =>
        told.push({ flagKey, value }),
      );
      return;
    }
    client.flagTracker.addFlagChangedListener(({ flagKey }) => {
      if (behaviour === 'throw') throw new Error('a listener that fails');
      // The value is read without an evaluation that counts as use.
      const states = [...client.getAllLatestFlagVariations(toUser(user))];
      told.push({ flagKey, value: states.find((state) => state.flagKey === flagKey)?.value });
    });
  },

  changes: ({ client, name }) => ({ changes: of(client).changes.get(name) ?? [] }),
  logs: ({ client }) => ({ entries: of(client).entries }),

  counters({ client }) {
    const dropped = of(client).client.diagnostics().events?.dropped ?? {};
    return { dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0) };
  },

  makeToken: ({ secret, timestamp, random }) => ({ token: encodeConnectionToken(secret, timestamp, random) }),
  close: ({ client }) => of(client).client.close(),
  exit: () => undefined,
});
