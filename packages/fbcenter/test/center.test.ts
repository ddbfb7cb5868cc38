import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import * as entry from '../src/index.js';
import {
  type Center,
  CenterError,
  type CenterOptions,
  InvalidConfigError,
  startCenter,
  VERSION,
} from '../src/index.js';
import { silentLogger } from '../src/runtime/log.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import { aFlag, aSegment } from './support/documents.js';
import { replacing } from './support/replacing.js';
import { StreamClient } from './support/stream-client.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { put, startTestCenter } from './support/test-center.js';

async function start(options: CenterOptions = {}): Promise<Center> {
  const center = await startCenter({ port: 0, ...options });
  onTestFinished(() => center.close());
  return center;
}

const flagsOf = async ({ url, adminToken }: Center, environment = 'dev') => {
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${url}/api/v1/environments/${environment}/flags`, { headers });
  return ((await response.json()) as { items: { key: string; isEnabled: boolean }[] }).items;
};

const SECRET = newSecret('11111111-1111-4111-8111-111111111111');
const OTHER = newSecret('22222222-2222-4222-8222-222222222222');

describe('startCenter', () => {
  it('needs no options but a port that is free', async () => {
    const center = await start();
    expect(center.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(center.adminToken).toMatch(/^[\w-]{43}$/);
    expect(center.environments).toMatchObject([{ key: 'dev', name: 'dev' }]);
    for (const { serverSecret, clientSecret } of center.environments) {
      expect(serverSecret).toMatch(/^[\w-]{44}$/);
      expect(clientSecret.slice(22)).toBe(serverSecret.slice(22));
      expect(clientSecret).not.toBe(serverSecret);
    }
  });

  it('makes the environments it is given, with their secrets, flags and segments', async () => {
    const center = await start({
      adminToken: 'open-sesame-open-sesame',
      environments: [
        { key: 'prod', name: 'Production', serverSecret: SECRET },
        { key: 'dev', clientSecret: OTHER, flags: [{ key: 'f', ...aFlag() }], segments: [{ id: 's', ...aSegment() }] },
      ],
    });
    expect(center.adminToken).toBe('open-sesame-open-sesame');
    expect(center.environments).toMatchObject([
      { key: 'prod', name: 'Production', serverSecret: SECRET },
      { key: 'dev', clientSecret: OTHER },
    ]);
    expect(await flagsOf(center)).toMatchObject([{ key: 'f' }]);
    expect(await flagsOf(center, 'prod')).toEqual([]);
  });

  it('keeps token, secrets and changed flags in its folder; a seed is for new environments only', async () => {
    const dataFolder = temporaryFolder();
    const options = { port: 0, dataFolder, environments: [{ key: 'dev', flags: [{ key: 'f', ...aFlag() }] }] };
    const first = await startCenter(options);
    const headers = { authorization: `Bearer ${first.adminToken}` };
    await fetch(`${first.url}/api/v1/environments/dev/flags/f/toggle`, { method: 'POST', headers });
    await first.close();

    const second = await startCenter(options);
    onTestFinished(() => second.close());
    expect(second.adminToken).toBe(first.adminToken);
    expect(second.environments).toEqual(first.environments);
    expect(await flagsOf(second)).toMatchObject([{ key: 'f', isEnabled: false }]);
    await second.close();

    const third = await start({
      ...options,
      adminToken: 'another-one-another-one',
      environments: [{ key: 'dev', serverSecret: SECRET }],
    });
    expect(third.adminToken).toBe('another-one-another-one');
    expect(third.environments).toEqual([{ ...first.environments[0], serverSecret: SECRET }]);
    expect(await flagsOf(third)).toMatchObject([{ key: 'f', isEnabled: false }]);
  });

  it('reports commits with the time by its own clock, and nothing after unsubscribing', async () => {
    const center = await start({ environments: [{ key: 'dev', flags: [{ key: 'f', ...aFlag() }] }] });
    const events: { version: number; committedAt: number }[] = [];
    center.onCommit(() => {
      throw new Error('a bad listener');
    });
    const unsubscribe = center.onCommit((event) => events.push(event));
    const headers = { authorization: `Bearer ${center.adminToken}` };
    const toggle = () => fetch(`${center.url}/api/v1/environments/dev/flags/f/toggle`, { method: 'POST', headers });
    const before = Date.now();
    await toggle();
    const after = Date.now() + 1;
    unsubscribe();
    await toggle();
    expect(events).toEqual([
      { environment: 'dev', kind: 'flag', key: 'f', version: expect.any(Number), committedAt: expect.any(Number) },
    ]);
    expect(events[0]?.committedAt).toBeGreaterThanOrEqual(before);
    expect(events[0]?.committedAt).toBeLessThanOrEqual(after);
  });

  it('logs what a listener throws or rejects with, and goes on', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const log: unknown[] = [];
    const logger = { ...silentLogger, error: (message: string, fields?: object) => log.push([message, fields]) };
    const center = await start({ logger, environments: [{ key: 'dev', flags: [{ key: 'f', ...aFlag() }] }] });
    const bad: () => unknown = () => Promise.reject(new Error('a bad listener'));
    center.onCommit(bad as () => void);
    const headers = { authorization: `Bearer ${center.adminToken}` };
    const toggled = await fetch(`${center.url}/api/v1/environments/dev/flags/f/toggle`, { method: 'POST', headers });
    expect(toggled.status).toBe(200);
    expect(log).toEqual([['a listener failed', { error: 'a bad listener' }]]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each(['localhost', '::1', '0.0.0.0', '::'])('listens on %s and says where it is reached', async (host) => {
    const center = await start({ host });
    expect((await fetch(`${center.url}/health/readiness`)).status).toBe(200);
    const [environment] = center.environments;
    if (environment === undefined) throw new Error('no environment');
    const client = new StreamClient({ center, environment });
    await client.opened();
    client.requestSync(0);
    expect(await client.next()).toMatchObject({ data: { eventType: 'full' } });
  });

  it('answers what it has begun with when it is closed, and cuts off what does not end', async () => {
    const storage = openSqliteStorage();
    let reached = () => {};
    let proceed = () => {};
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const mayProceed = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const { documents } = storage;
    const slowed = replacing(storage, {
      documents: {
        ...documents,
        list: async (...args) => {
          reached();
          await mayProceed;
          return documents.list(...args);
        },
      },
    });
    const { center, api } = await startTestCenter({}, { storage: slowed });
    const endless = connect(Number(new URL(center.url).port), '127.0.0.1');
    endless.on('error', () => {});
    const isCutOff = once(endless, 'close');
    endless.write('PUT /api/v1/environments/dev/flags/f HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n');
    endless.write(`Authorization: Bearer ${center.adminToken}\r\n\r\n{`);
    const begun = api('GET', '/flags');
    await isReached;
    const closing = center.close();
    proceed();
    expect(await begun).toMatchObject({ status: 200, body: { items: [] } });
    await closing;
    await isCutOff;
  });

  it('can be disposed of', async () => {
    const center = await startCenter({ port: 0 });
    await center[Symbol.asyncDispose]();
    await expect(fetch(center.url)).rejects.toThrow();
  });
});

describe('options that cannot be used are refused, each by its name', () => {
  it.each<[unknown, ...string[]]>([
    [{ port: -1 }, 'port'],
    [{ port: 65_536 }, 'port'],
    [{ port: 1.5 }, 'port'],
    [{ port: Number.NaN }, 'port'],
    [{ port: '5100' }, 'port'],
    [{ port: null }, 'port'],
    [{ host: '' }, 'host'],
    [{ host: 5 }, 'host'],
    [{ dataFolder: ' ' }, 'dataFolder'],
    [{ folder: '/x' }, 'folder'],
    [{ adminToken: 'short' }, 'adminToken'],
    [{ adminToken: '12345678' }, 'adminToken'],
    [{ adminToken: 'x'.repeat(19) }, 'adminToken'],
    [{ adminToken: 'with a space in the middle' }, 'adminToken'],
    [{ adminToken: 'ä'.repeat(30) }, 'adminToken'],
    [{ logger: {} }, 'logger'],
    [{ logger: console.log }, 'logger'],
    [{ environments: 'dev' }, 'environments'],
    [{ environments: [null] }, 'environments[0]'],
    [{ environments: [{}] }, 'environments[0].key'],
    [{ environments: [{ key: ' a' }] }, 'environments[0].key'],
    [{ environments: [{ key: 'a' }, { key: 'a' }] }, 'environments[1].key'],
    [{ environments: [{ key: 'a', serverSecret: 'short' }] }, 'environments[0].serverSecret'],
    [{ environments: [{ key: 'a', serverSecret: SECRET, clientSecret: SECRET }] }, 'environments[0].clientSecret'],
    [
      {
        environments: [
          { key: 'a', serverSecret: SECRET },
          { key: 'b', clientSecret: SECRET },
        ],
      },
      'environments[1].clientSecret',
    ],
    [{ environments: [{ key: 'a', flags: {} }] }, 'environments[0].flags'],
    [{ environments: [{ key: 'a', colour: 'red' }] }, 'environments[0].colour'],
    [
      { environments: [{ key: 'a', flags: [aFlag({ key: 'f', variations: 5 })] }] },
      'environments[0].flags[0].variations',
      'environments[0].flags[0].disabledVariationId',
      'environments[0].flags[0].fallthrough.variations[0].id',
    ],
    [{ port: 'x', host: '', adminToken: '', nonsense: 1 }, 'port', 'host', 'adminToken', 'nonsense'],
  ])('%j', async (options, ...names) => {
    const error = await startCenter(options as CenterOptions).catch((reason: unknown) => reason);
    if (!(error instanceof InvalidConfigError)) throw new Error(`not refused: ${error}`);
    expect(error.code).toBe('invalid-config');
    expect(error.problems.map(({ option }) => option)).toEqual(names);
    for (const name of names) expect(error.message).toContain(name);
    expect(error.message).not.toContain(SECRET);
  });

  it('a secret that something else has already is one of them, and nothing is left behind', async () => {
    const dataFolder = temporaryFolder();
    await (await startCenter({ port: 0, dataFolder, environments: [{ key: 'a', serverSecret: SECRET }] })).close();
    for (const environments of [[{ key: 'b', serverSecret: SECRET }], [{ key: 'a', clientSecret: SECRET }]]) {
      await expect(startCenter({ port: 0, dataFolder, environments })).rejects.toMatchObject({
        code: 'invalid-config',
      });
    }
    const again = await start({ dataFolder, environments: [{ key: 'a' }] });
    expect(again.environments.map(({ key }) => key)).toEqual(['a']);
  });
});

describe('a center that cannot start', () => {
  it('because the port is in use says so and lets go of its folder', async () => {
    const dataFolder = temporaryFolder();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    onTestFinished(() => void blocker.close());
    const { port } = blocker.address() as { port: number };
    const starting = startCenter({ port, dataFolder });
    await expect(starting).rejects.toBeInstanceOf(CenterError);
    await expect(starting).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
    });
    await start({ dataFolder });
  });

  it('because the address is not of this machine says so', async () => {
    await expect(startCenter({ port: 0, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'cannot-listen' });
  });

  it('because another center has the folder says so, and the other goes on', async () => {
    const dataFolder = temporaryFolder();
    const first = await start({ dataFolder });
    await expect(startCenter({ port: 0, dataFolder })).rejects.toMatchObject({ code: 'folder-in-use' });
    expect((await fetch(`${first.url}/health/readiness`)).status).toBe(200);
  });
});

describe('the package', () => {
  it('exports what it promises and nothing else', () => {
    expect(Object.keys(entry).sort()).toEqual([
      'CenterError',
      'InvalidConfigError',
      'LOG_LEVELS',
      'VERSION',
      'lineLogger',
      'startCenter',
      'startRelay',
    ]);
  });

  it('has the version of its package.json', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
  });

  it('keeps a folder with a database, a lock and a mark, and nothing else when it is closed', async () => {
    const dataFolder = join(temporaryFolder(), 'data');
    await (await startCenter({ port: 0, dataFolder })).close();
    expect(
      readdirSync(dataFolder)
        .filter((file) => !/-(wal|shm)$/.test(file))
        .sort(),
    ).toEqual(['fbcenter.db', 'fbcenter.lock', 'fbcenter.mark']);
  });

  it('refuses changes and is not ready while its data folder is away, and serves what it has', async () => {
    const dataFolder = join(temporaryFolder(), 'data');
    const { center, api, call, environment } = await startTestCenter({ dataFolder });
    await put(api, '/flags/a', aFlag());
    renameSync(dataFolder, `${dataFolder}-away`);
    const refusal = { code: 'storage-unavailable', message: expect.stringMatching(/removed.*Nothing was changed/) };
    expect(await api('PUT', '/flags/b', aFlag())).toMatchObject({ status: 503, body: refusal });
    expect(await call('GET', '/health/readiness')).toMatchObject({ status: 503, body: refusal });
    expect((await call('GET', '/health/liveness')).status).toBe(200);
    const headers = { authorization: environment.serverSecret };
    expect((await call('GET', '/api/public/sdk/server/latest-all', { headers })).status).toBe(200);
    renameSync(`${dataFolder}-away`, dataFolder);
    expect((await call('GET', '/health/readiness')).status).toBe(200);
    await put(api, '/flags/b', aFlag());
    await center.close();
  });

  it('with a damaged flag serves the others, says which it is, and takes it anew', async () => {
    const dataFolder = temporaryFolder();
    const first = await startTestCenter({ dataFolder });
    for (const key of ['good', 'bad']) await put(first.api, `/flags/${key}`, { ...aFlag(), name: `the ${key} one` });
    await first.center.close();
    const path = join(dataFolder, 'fbcenter.db');
    const bytes = readFileSync(path);
    // In the documents and in the audit log.
    for (let at = bytes.indexOf('the bad one'); at !== -1; at = bytes.indexOf('the bad one')) bytes[at] = 0xff;
    writeFileSync(path, bytes);

    const { api, call, environment } = await startTestCenter({ dataFolder });
    const served = async () => {
      const headers = { authorization: environment.serverSecret };
      const { body } = await call('GET', '/api/public/sdk/server/latest-all', { headers });
      return body.data.featureFlags.map(({ key }: { key: string }) => key);
    };
    expect(await served()).toEqual(['good']);
    const damaged = { code: 'damaged-data', message: expect.stringMatching(/flag bad is damaged.*put it anew/) };
    expect(await api('GET', '/flags/bad')).toMatchObject({ status: 500, body: damaged });
    expect(await api('POST', '/flags/bad/toggle')).toMatchObject({ status: 500, body: damaged });
    await put(api, '/flags/bad', aFlag());
    expect(await served()).toEqual(['good', 'bad']);
  });
});
