import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { ConnectProxy } from '../support/fault-proxy.js';
import { type FaultServer, SECRET } from '../support/fault-server.js';
import { THROWING_USERS } from '../support/odd-users.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, segmentFlag, updatedAt, wireFlag, wireRule, wireSegment } from '../support/wire.js';
import { FAULTS, letHappen } from './faults.js';

const WRONG_SECRET = 'WrongButJustAsSecret0123456789abcdefghijklmn';
const PROXY_PASSWORD = 'proxy-password-marked';
const MARK = 'MARKED';
const USER = { key: `${MARK}-key`, name: `${MARK}-name`, email: `${MARK}@example.com`, [`${MARK}-attribute`]: 'x' };

/** Pieces of a secret that nothing else holds: the connection token cuts the secret in two, so the whole is not enough. */
function pieces(secret: string): string[] {
  const length = 8;
  return Array.from({ length: secret.length - length + 1 }, (_, start) => secret.slice(start, start + length));
}

/** Everything that an application can see of a client, as one text. */
class Witness extends RecordingLogger {
  readonly #seen: string[] = [];

  see(value: unknown): void {
    // As a crash reporter sees it: with stack, cause and fields.
    this.#seen.push(inspect(value, { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null }));
  }

  client(options: Options): FBClient {
    const client = faultClient({ ...options, logger: this });
    client.updateStatusProvider.addListener((state) => this.see(state));
    return client;
  }

  seeClient(client: FBClient): void {
    this.see(client.diagnostics());
    this.see(client.updateStatusProvider.currentState);
    this.see(client);
  }

  expectNothingSecret(): void {
    const text = [this.text, ...this.#seen].join('\n');
    expect(text.length).toBeGreaterThan(100);
    const marked = [...pieces(SECRET), ...pieces(WRONG_SECRET), MARK, PROXY_PASSWORD, 'token='];
    expect(marked.filter((piece) => text.includes(piece))).toEqual([]);
  }
}

const condition = (property: string, op: string, value: string) => ({ property, op, value });
const FAILING_FLAGS = [
  wireFlag('bad-pattern', 'on', { rules: [wireRule([condition('email', 'MatchRegex', '(')])] }),
  wireFlag('bad-list', 'on', { rules: [wireRule([condition('email', 'IsOneOf', 'x')])] }),
  wireFlag('bad-rollout', 'on', { fallthrough: { dispatchKey: 'email', includedInExpt: true, variations: [] } }),
  wireFlag('not-a-number', 'on'),
  segmentFlag('absent-segment', ['gone']),
];

/** Makes a client use marked users in every way that can fail. */
function misuse(client: FBClient, witness: Witness): void {
  const throwing = THROWING_USERS.map(([, user]) => user as typeof USER);
  const users = [USER, { ...USER, key: ' ' }, { ...USER, key: undefined as unknown as string }, ...throwing];
  for (const user of users) {
    for (const { key } of [...FAILING_FLAGS, { key: 'absent' }]) {
      witness.see(client.variationDetail(key, user, 'default'));
      witness.see(client.numberVariationDetail(key, user, 1));
      witness.see(client.jsonVariationDetail(key, user, null));
    }
    witness.see(client.getAllLatestFlagVariations(user));
    client.trackMetric(user, ' ');
    client.trackMetric(user, 'too large', Number.NaN);
    client.trackMetric({ ...USER, note: 'x'.repeat(300_000) }, 'too large');
    client.identify(user);
  }
  client.flagTracker.addFlagChangedListener(() => {
    throw new Error(`${MARK}: the application's own error ${SECRET}`);
  });
  const rejects = (): Promise<never> => Promise.reject(new Error(`${MARK}: the application's own rejection`));
  client.flagTracker.addFlagValueMaybeChangedListener('bad-list', USER, rejects as () => void);
}

async function prepared(): Promise<FaultServer> {
  const server = await faultServer();
  server.data.put(...FAILING_FLAGS);
  return server;
}

describe('no secret and no user attribute is in any log, error, status or thrown value', () => {
  it('on every error path of streaming, polling and events', async () => {
    const server = await prepared();
    const witness = new Witness();
    const quick = {
      ...server.options,
      streamingFirstRetryDelay: 2,
      streamingMaxRetryDelay: 2,
      pollingInterval: 5,
      eventsMaxInQueue: 20,
    };
    const streaming = witness.client(quick);
    const polling = witness.client({ ...quick, dataSyncMode: 'polling', pollingUrl: server.httpUrl });
    await Promise.all([streaming.waitForInitialization(), polling.waitForInitialization()]);
    const use = setInterval(() => {
      for (const client of [streaming, polling]) client.trackMetric(USER, 'metric');
    }, 2);
    onTestFinished(() => clearInterval(use));
    for (const client of [streaming, polling]) misuse(client, witness);

    const echo = `${SECRET} ${MARK}`;
    const answers = {
      ...FAULTS,
      'an answer that quotes the request': {
        upgrade: { kind: 'answer', status: 418, body: echo },
        request: {
          kind: 'answer',
          status: 500,
          body: echo,
          headers: { Location: `http://h/${SECRET}`, 'Retry-After': SECRET },
        },
      },
      'a close that quotes the request': { upgrade: { kind: 'close', code: 4000, reason: echo } },
      'data that quotes the request': {
        data: { kind: 'text', text: `{"messageType":"${MARK}","data":{"x":"${SECRET}"` },
        request: { kind: 'answer', status: 200, body: `<${echo}>` },
      },
    } satisfies typeof FAULTS;
    for (const faults of Object.values(answers)) {
      await letHappen(server, faults);
      witness.seeClient(streaming);
      witness.seeClient(polling);
    }
    // Updates reach the listeners, which fail.
    server.data.put(...FAILING_FLAGS.map((flag) => ({ ...flag, updatedAt: updatedAt(9) })));
    server.streamingFront.drop();
    await eventually(() => expect(witness.codes()).toContain('listener-failed'));

    await server.down();
    await eventually(() => expect(streaming.diagnostics().error?.code).toBe('connect-failed'));
    await Promise.all([streaming.close(), polling.close()]);
    for (const client of [streaming, polling]) {
      witness.see(client.getAllLatestFlagVariations(USER).toJSON());
      misuse(client, witness);
      witness.seeClient(client);
    }
    expect(witness.codes()).toEqual(
      expect.arrayContaining(['connect-failed', 'bad-answer', 'evaluation-failed', 'event-dropped', 'events-lost']),
    );
    witness.expectNothingSecret();
  });

  it.each<[string, (server: FaultServer) => Options]>([
    ['4003', () => ({})],
    [
      '401',
      (server) => {
        server.requests.fault = { kind: 'answer', status: 401, body: WRONG_SECRET };
        return { dataSyncMode: 'polling', pollingUrl: server.httpUrl };
      },
    ],
  ])('when the secret is refused with %s', async (_name, prepare) => {
    const server = await prepared();
    const witness = new Witness();
    const client = witness.client({ ...server.options, envSecret: WRONG_SECRET, ...prepare(server) });
    misuse(client, witness);
    expect(await client.waitForInitialization()).toBe('failed');
    witness.seeClient(client);
    await client.close();
    witness.expectNothingSecret();
  });

  it('when a proxy refuses or is not there', async () => {
    const server = await prepared();
    const proxy = await ConnectProxy.start('user:other');
    onTestFinished(() => proxy.close());
    const witness = new Witness();
    for (const port of [proxy.port, 1]) {
      const client = witness.client({ ...server.options, proxy: `http://user:${PROXY_PASSWORD}@127.0.0.1:${port}` });
      client.trackMetric(USER, 'm');
      await eventually(() => {
        expect(client.diagnostics().interruptions).toBeGreaterThan(1);
        expect(client.diagnostics().events?.queued).toBe(0);
        expect(client.diagnostics().events?.unsettledRequests).toBe(0);
      });
      witness.seeClient(client);
      await client.close();
    }
    witness.expectNothingSecret();
  });

  it('when a persistence or a data source of the application fails', async () => {
    const witness = new Witness();
    const fails = (): never => {
      throw Object.assign(new Error(`${SECRET} ${MARK}`), { code: `${MARK} ${SECRET}`, name: SECRET });
    };
    const identities: string[] = [];
    const client = witness.client({
      envSecret: SECRET,
      disableEvents: true,
      dataSource: { start: fails, close: fails },
      persistence: {
        load: (environment) => {
          identities.push(environment);
          return fails();
        },
        save: fails,
      },
    });
    await eventually(() => expect(witness.codes()).toContain('persistence-failed'));
    witness.see(identities);
    witness.seeClient(client);
    await client.close();
    expect(witness.codes()).toContain('source-failed');
    witness.expectNothingSecret();
  });

  it('when the data holds what was never meant to be shown', async () => {
    const witness = new Witness();
    const client = witness.client({ offline: true });
    for (const json of [
      SECRET,
      `{"${SECRET}":`,
      full([{ key: 'f', updatedAt: SECRET, value: MARK }], [wireSegment('s', [], { rules: MARK as never })]),
    ]) {
      witness.see(client.initializeFromExternalJson(json));
    }
    witness.seeClient(client);
    witness.expectNothingSecret();
  });

  it('when the configuration is refused, wherever the secret was put', () => {
    const witness = new Witness();
    const names = [
      'envSecret',
      'streamingUrl',
      'eventUrl',
      'pollingUrl',
      'startWait',
      'offline',
      'bootstrap',
      'dataSyncMode',
      'proxy',
      'ca',
      'defaults',
      'logger',
      'dataSource',
      'persistence',
      'privateAttributes',
      'eventsMaxInQueue',
    ];
    const values: readonly unknown[] = [
      SECRET,
      `https://${SECRET}@h/?x=${SECRET}`,
      [SECRET],
      { [SECRET]: SECRET },
      `${SECRET}\n`,
      `${SECRET}é`,
    ];
    const good = { envSecret: SECRET, streamingUrl: 'ws://127.0.0.1:1', eventUrl: 'http://127.0.0.1:1', offline: true };
    let refused = 0;
    for (const name of names) {
      for (const value of values) {
        for (const offline of [true, false]) {
          // Never good enough to start: nothing would come of it but noise.
          const { error, client } = FBClient.create({ ...good, offline, closeTimeout: -1, [name]: value } as Options);
          expect(client).toBeUndefined();
          witness.see(error);
          refused += error?.problems.length ?? 0;
        }
      }
    }
    expect(refused).toBeGreaterThan(names.length * values.length * 2);
    witness.expectNothingSecret();
  });
});
