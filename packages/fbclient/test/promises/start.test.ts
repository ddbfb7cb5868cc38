import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { filePersistence } from '../../src/node/file-persistence.js';
import { nodePlatform } from '../../src/node/node-platform.js';
import type { Options } from '../../src/options.js';
import type { DataSink } from '../../src/sync/data-source.js';
import type { Persistence } from '../../src/sync/persistence.js';
import { FakeClock } from '../support/fake-clock.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { temporaryFolder } from '../support/fault-folder.js';
import { type FaultServer, SECRET } from '../support/fault-server.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, updatedAt, wireFlag } from '../support/wire.js';

const USER = { key: 'u' };

afterEach(() => {
  vi.useRealTimers();
});

describe('promise 13: bootstrapped or persisted flags serve before the first connection, as Stale, with their age', () => {
  it('a bootstrap serves from the first moment, and the server’s data follows', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f', 'from the server', { updatedAt: updatedAt(2) }));
    await server.down();
    const client = faultClient({ ...server.options, bootstrap: full([wireFlag('f', 'from the bootstrap')]) });

    expect([client.status, client.initialized]).toEqual(['Stale', true]);
    expect(client.variation('f', USER, '')).toBe('from the bootstrap');
    // Nobody knows how old a bootstrap is.
    expect(client.updateStatusProvider.currentState.dataAge).toBeUndefined();
    expect(await client.waitForInitialization(0)).toBe('ready');
    expect(await client.updateStatusProvider.waitForOKState(0)).toBe(false);

    await server.up();
    expect(await client.updateStatusProvider.waitForOKState(10_000)).toBe(true);
    expect(client.variation('f', USER, '')).toBe('from the server');
    // What it started with is not what a patch builds on.
    expect(server.streams.records.at(-1)?.cursors).toEqual([0]);
  });

  /** Lets a client see the server once and end. */
  const persisted = async (server: FaultServer, directory: string): Promise<void> => {
    const client = faultClient({ ...server.options, persistence: filePersistence({ directory }) });
    await client.waitForInitialization();
    await client.close();
  };

  it('persisted flags serve when the server is away, with their age', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f', 'kept'));
    const directory = temporaryFolder();
    await persisted(server, directory);
    await server.down();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const client = faultClient({ ...server.options, persistence: filePersistence({ directory }) });

    expect(await client.waitForInitialization()).toBe('ready');
    expect(client.status).toBe('Stale');
    expect(client.variation('f', USER, '')).toBe('kept');
    const age = must(client.updateStatusProvider.currentState.dataAge);
    expect(age).toBeGreaterThanOrEqual(3_600_000);
    expect(age).toBeLessThan(3_660_000);

    server.data.put(wireFlag('f', 'new', { updatedAt: updatedAt(2) }));
    await server.up();
    expect(await client.updateStatusProvider.waitForOKState(10_000)).toBe(true);
    expect(client.variation('f', USER, '')).toBe('new');
    expect(server.streams.records.at(-1)?.cursors).toEqual([0]);
    expect(client.updateStatusProvider.currentState.dataAge).toBeLessThan(10_000);
  });

  it('persisted flags stay in their environment, and the secret is in no file', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f', 'kept'));
    const directory = temporaryFolder();
    await persisted(server, directory);
    const files = readdirSync(directory);
    expect(files).toHaveLength(1);
    const all = files.map((name) => name + readFileSync(join(directory, name), 'utf8')).join();
    expect(all).toContain('kept');
    expect(all).not.toContain(SECRET.slice(0, 8));

    await server.down();
    const persistence = filePersistence({ directory });
    const other = faultClient({ ...server.options, envSecret: 'of another environment', persistence });
    expect(await other.waitForInitialization(50)).toBe('timeout');
  });

  it.each([
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['something else', () => '{"messageType":"pong"}'],
    ['nothing', () => ''],
  ])('a file that holds %s is ignored with a log', async (_name, damage) => {
    const server = await faultServer();
    server.data.put(wireFlag('f', 'kept'));
    const directory = temporaryFolder();
    await persisted(server, directory);
    const file = join(directory, must(readdirSync(directory)[0]));
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    const logger = new RecordingLogger();
    const client = faultClient({ ...server.options, persistence: filePersistence({ directory }), logger });
    expect(await client.updateStatusProvider.waitForOKState()).toBe(true);
    expect(client.variation('f', USER, '')).toBe('kept');
    await eventually(() => expect(logger.codes('error')).toEqual(['persistence-damaged']));
  });
});

describe('promise 14: a secret that is refused for good is an error that the application sees', () => {
  const refused: readonly (readonly [string, string, (server: FaultServer) => Options])[] = [
    ['4003 over the socket', '4003', () => ({ envSecret: 'not the secret of this environment' })],
    [
      '401 to a poll',
      '401',
      (server) => {
        server.requests.fault = { kind: 'answer', status: 401 };
        return { dataSyncMode: 'polling', pollingUrl: server.httpUrl };
      },
    ],
    [
      '403 to a poll',
      '403',
      (server) => {
        server.requests.fault = { kind: 'answer', status: 403 };
        return { dataSyncMode: 'polling', pollingUrl: server.httpUrl };
      },
    ],
  ];

  it.each(refused)(
    '%s: in the status, in its error and in the log, and no more attempts where a refusal is final',
    async (_name, sign, prepare) => {
      const server = await faultServer();
      const logger = new RecordingLogger();
      const clock = new FakeClock(Date.now());
      const options = { ...server.options, ...prepare(server), logger, refusedRetryDelay: false } as const;
      const client = faultClient(options, { ...nodePlatform, clock });
      const seen: unknown[] = [];
      client.updateStatusProvider.addListener(({ status, error }) => seen.push([status, error?.code]));
      const waiting = client.waitForInitialization(60_000);

      expect(await waiting).toBe('failed');
      expect(await client.waitForInitialization()).toBe('failed');
      expect(await client.updateStatusProvider.waitForOKState()).toBe(false);
      expect(client.status).toBe('Closed');
      expect(client.diagnostics().error).toMatchObject({ code: 'rejected', message: expect.stringContaining(sign) });
      expect(client.diagnostics().error?.message).toContain('envSecret');
      expect(logger.codes('error')).toContain('rejected');
      await clock.settle();
      expect(seen).toEqual([['Closed', 'rejected']]);

      const before = server.streamingFront.accepted + server.httpFront.accepted;
      await clock.advance(3_600_000);
      expect(server.streamingFront.accepted + server.httpFront.accepted).toBe(before);
      await client.close();
    },
  );

  it.each<[string, (server: FaultServer) => Options, (server: FaultServer) => void]>([
    [
      '4003 over the socket',
      (server) => {
        server.streams.upgradeFault = { kind: 'close', code: 4003 };
        return {};
      },
      (server) => {
        server.streams.upgradeFault = undefined;
      },
    ],
    [
      '401 to a poll',
      (server) => {
        server.requests.fault = { kind: 'answer', status: 401 };
        return { dataSyncMode: 'polling', pollingUrl: server.httpUrl };
      },
      (server) => {
        server.requests.fault = undefined;
      },
    ],
  ])('%s that passes is not the end: the client is Ready once it is let in', async (_name, refuse, letIn) => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    const logger = new RecordingLogger();
    const client = faultClient({ ...server.options, ...refuse(server), logger, refusedRetryDelay: 40 });
    expect(await client.waitForInitialization(10_000)).toBe('failed');
    expect(client.status).toBe('Closed');
    const seen: unknown[] = [];
    client.updateStatusProvider.addListener(({ status, error }) => seen.push([status, error?.code]));
    letIn(server);
    await eventually(() => expect(client.status).toBe('Ready'));
    expect(await client.waitForInitialization()).toBe('ready');
    expect(client.variation('f', USER, '')).toBe('on');
    await eventually(() => expect(seen).toEqual([['Ready', undefined]]));
    expect(logger.codes('error')).toEqual(['rejected']);
  });

  it('a secret that is revoked while it is in use: what is held is still served', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    const client = faultClient(server.options);
    await client.waitForInitialization();
    server.streams.close(4003, 'revoked');
    await eventually(() => expect(client.status).toBe('Closed'));
    expect(client.variation('f', USER, '')).toBe('on');
  });
});

describe('promise 15: a store that fails never blocks evaluation, and is written again when it recovers', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const broken: readonly (readonly [string, () => Promise<never>])[] = [
    ['rejects', () => Promise.reject(new Error('no space left on device'))],
    [
      'throws',
      () => {
        throw new Error('no space left on device');
      },
    ],
    ['hangs', never],
  ];

  it.each(broken)('when it %s', async (_name, fault) => {
    const saved: string[] = [];
    let healthy = false;
    const persistence: Persistence = {
      load: fault,
      save: (_environment, snapshot) => {
        if (!healthy) return fault();
        saved.push(snapshot);
        return Promise.resolve();
      },
    };
    const sinks: DataSink[] = [];
    const dataSource = { start: (sink: DataSink) => void sinks.push(sink), close: () => undefined };
    const clock = new FakeClock(Date.now());
    const logger = new RecordingLogger();
    const options = { envSecret: SECRET, disableEvents: true, persistence, dataSource, logger };
    const client = faultClient(options, { ...nodePlatform, clock });
    await sinks[0]?.accept(full([wireFlag('f', 'first')]));
    // The hash that names the environment takes real time.
    const inTime = (expectation: () => void): Promise<void> =>
      eventually(async () => {
        await clock.advance(10_000);
        expectation();
      });
    await inTime(() => expect(logger.codes('error')).toContain('persistence-failed'));
    expect([client.status, client.variation('f', USER, '')]).toEqual(['Ready', 'first']);

    await sinks[0]?.accept(patch([wireFlag('f', 'second', { updatedAt: updatedAt(2) })]));
    expect([client.status, client.variation('f', USER, '')]).toEqual(['Ready', 'second']);
    healthy = true;
    await inTime(() => expect(saved).toHaveLength(1));
    expect(saved[0]).toContain('second');
  });
});
