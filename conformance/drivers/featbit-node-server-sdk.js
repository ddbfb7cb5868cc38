/** Driver for @featbit/node-server-sdk, as its README uses it. */
import { createRequire } from 'node:module';
import { format } from 'node:util';
import { NotOffered, serve } from './json-lines.js';

// The package's ES module entry is CommonJS inside; `require` gets what its authors test.
const require = createRequire(import.meta.url);
const { FbClientBuilder, UserBuilder, generateConnectionToken } = require('@featbit/node-server-sdk');
const { version } = require('@featbit/node-server-sdk/package.json');

/** name → { client, entries, changes } */
const clients = new Map();
const of = (name) => clients.get(name).client;

/** A user by the SDK's builder, whose attributes are strings. Anything that is no user stays as it is. */
function toUser(user) {
  if (typeof user !== 'object' || user === null || typeof user.key !== 'string') return user;
  const builder = new UserBuilder(user.key);
  if (user.name !== undefined) builder.name(user.name);
  for (const [name, value] of Object.entries(user.custom ?? {})) {
    if (value !== null) builder.custom(name, String(value));
  }
  return builder.build();
}

const REASONS = { FallThrough: 'Fallthrough', FlagNotFound: 'Error' };
const toReason = (kind) => REASONS[kind] ?? kind;

const METHODS = {
  string: 'stringVariationDetail',
  boolean: 'boolVariationDetail',
  number: 'numberVariationDetail',
  json: 'jsonVariationDetail',
};

/** JSON has no NaN and no infinities; the suite sends their names. */
const toNumber = (value) => (typeof value === 'string' ? Number(value) : value);

function mutate(value) {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    mutate(value[key]);
    value[key] = 'changed';
  }
}

/** The promise's outcome, or `late` after so many milliseconds. */
function within(promise, milliseconds, late) {
  let timer;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds, late);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

serve({
  hello: () => ({
    sdk: '@featbit/node-server-sdk',
    version,
    language: 'TypeScript',
    reconnectMs: 1_000,
    capabilities: [
      'streaming',
      'polling',
      'offline',
      'bootstrap',
      'disableEvents',
      'initialized',
      'rawInput',
      'allFlags',
      'track',
      'flush',
      'flushAndWait',
      'flagListeners',
      'logs',
      'mutateUser',
      'mutateValue',
      'makeToken',
      'eventQueueLimit',
    ],
  }),

  create({ client: name, settings, ...request }) {
    const entries = [];
    const log =
      (level) =>
      (...args) =>
        entries.push({ level, message: format(...args) });
    const builder = new FbClientBuilder({
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      startWaitTime: settings.startWaitMs,
      flushInterval: settings.flushIntervalMs,
      pollingInterval: settings.pollingIntervalMs,
      webSocketPingInterval: settings.pingIntervalMs,
      webSocketHandshakeTimeout: settings.connectTimeoutMs,
      ...(settings.maxEventsInQueue === undefined ? {} : { maxEventsInQueue: settings.maxEventsInQueue }),
    });
    if (request.bootstrap !== undefined) builder.useJsonBootstrapProvider(request.bootstrap);
    if (request.disableEvents) builder.disableEvents(true);
    if (request.offline) builder.offline(true);
    else {
      builder.sdkKey(request.secret).eventsUri(request.eventUrl);
      if (request.mode === 'polling') builder.dataSyncMode('polling').pollingUri(request.pollingUrl);
      else builder.streamingUri(request.streamingUrl);
    }
    const client = builder.build();
    client.on('failed', () => undefined);
    clients.set(name, { client, entries, changes: new Map() });
  },

  async waitForInitialization({ client, timeoutMs }) {
    const ready = of(client)
      .waitForInitialization()
      .then(
        () => 'ready',
        () => 'timeout',
      );
    return { outcome: await within(ready, timeoutMs, 'timeout') };
  },

  initialized: ({ client }) => ({ initialized: of(client).initialized() }),

  async evaluate({ client, flag, user, type, default: fallback, mutateValue }) {
    const { kind, value } = await of(client)[METHODS[type]](flag, toUser(user), fallback);
    const reply = { value: structuredClone(value), reason: toReason(kind) };
    if (mutateValue) mutate(value);
    return reply;
  },

  async allFlags({ client, user }) {
    const details = await of(client).getAllVariations(toUser(user));
    return { flags: details.map(({ flagKey, value, kind }) => ({ flagKey, value, reason: toReason(kind) })) };
  },

  track({ client, user, eventName, value, mutateUser }) {
    const object = toUser(user);
    of(client).track(object, eventName, toNumber(value));
    for (const property of object?.customizedProperties ?? []) {
      if (mutateUser !== undefined && Object.hasOwn(mutateUser, property.name)) {
        property.value = mutateUser[property.name];
      }
    }
  },

  flush({ client }) {
    of(client).flush();
  },

  async flushAndWait({ client, timeoutMs }) {
    return { done: await within(of(client).flush(), timeoutMs, false) };
  },

  listen({ client: name, name: listener, user, behaviour }) {
    const { client, changes } = clients.get(name);
    const told = [];
    changes.set(listener, told);
    client.on('update', (keys) => {
      if (behaviour === 'throw') throw new Error('a listener that fails');
      for (const flagKey of keys) {
        const change = { flagKey };
        told.push(change);
        // The value is read without an evaluation that counts as use.
        client.getAllVariations(toUser(user)).then((details) => {
          const detail = details.find((item) => item.flagKey === flagKey);
          if (detail !== undefined) change.value = detail.value;
        });
      }
    });
  },

  changes: ({ client, name }) => ({ changes: clients.get(client).changes.get(name) ?? [] }),
  logs: ({ client }) => ({ entries: clients.get(client).entries }),

  makeToken({ secret, timestamp, random }) {
    if (generateConnectionToken === undefined) throw new NotOffered('generateConnectionToken');
    const clock = Date.now;
    const dice = Math.random;
    Date.now = () => timestamp;
    Math.random = () => random;
    try {
      return { token: generateConnectionToken(secret) };
    } finally {
      Date.now = clock;
      Math.random = dice;
    }
  },

  close: ({ client }) => of(client).close(),
  exit: () => undefined,
});
