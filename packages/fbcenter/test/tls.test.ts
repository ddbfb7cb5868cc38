import { copyFileSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Center, startCenterWith } from '../src/center.js';
import { resolveOptions } from '../src/options.js';
import { resolveRelayOptions } from '../src/relay/relay-options.js';
import { startRelayWith } from '../src/relay.js';
import { aStorage } from './support/a-storage.js';
import { aFlag } from './support/documents.js';
import { temporaryFolder } from './support/temporary-folder.js';

const fixture = (name: string) => fileURLToPath(new URL(`./support/tls/${name}`, import.meta.url));
const CA = readFileSync(fixture('ca.pem'), 'utf8');

function someFiles() {
  const folder = temporaryFolder();
  const [tlsCert, tlsKey] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const put = (name: string) => {
    copyFileSync(fixture(`${name}.pem`), tlsCert);
    copyFileSync(fixture(`${name}.key.pem`), tlsKey);
  };
  put('first');
  return { tlsCert, tlsKey, put };
}

async function aCenter(files: { tlsCert: string; tlsKey: string }): Promise<Center> {
  const { tlsCert, tlsKey } = files;
  const environments = [{ key: 'dev', flags: [{ key: 'f', ...aFlag() }] }];
  const options = resolveOptions({ port: 0, tlsCert, tlsKey, environments });
  const center = await startCenterWith(options, { storage: await aStorage() });
  onTestFinished(() => center.close());
  return center;
}

/** Asks over TLS, with nothing but the tests' authority to trust. */
function ask(url: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const sent = request(
        url,
        { ca: CA, headers, method: body === undefined ? 'GET' : 'POST', agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part) => {
            text += part;
          });
          response.once('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
        },
      );
      sent.once('error', reject);
      sent.end(body);
    },
  );
}

/** The name in the certificate that is shown. */
async function nameShown(url: string): Promise<unknown> {
  const socket: TLSSocket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca: CA });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

describe('a center with a certificate', () => {
  it('speaks HTTPS, and nothing else', async () => {
    const center = await aCenter(someFiles());
    expect(center.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect((await ask(`${center.url}/health/readiness`)).status).toBe(200);
    const headers = { authorization: `Bearer ${center.adminToken}` };
    expect(JSON.parse((await ask(`${center.url}/api/v1/environments/dev/flags/f`, headers)).text)).toMatchObject({
      key: 'f',
    });
    await expect(fetch(center.url.replace('https', 'http'))).rejects.toThrow();
    // Nobody trusts the tests' authority by themselves.
    await expect(fetch(center.url)).rejects.toThrow();
  });

  it('is what browsers see: cookies are for HTTPS alone, and changes come from its own pages', async () => {
    const center = await aCenter(someFiles());
    const link = (await center.firstAdminLink())?.split('#')[1];
    const origin = center.url;
    const body = JSON.stringify({ link, name: 'Ada', password: 'a-long-password-of-ada' });
    const { status, headers } = await ask(`${center.url}/api/v1/links/follow`, { origin }, body);
    expect(status).toBe(200);
    expect(String(headers['set-cookie'])).toMatch(/^__Host-fbcenter=.*Secure/);
    const plain = origin.replace('https', 'http');
    expect((await ask(`${center.url}/api/v1/links/follow`, { origin: plain }, body)).status).toBe(403);
  });

  it('serves the SDK, which is given the authority: flags stream, changes are pushed, events arrive', async () => {
    const center = await aCenter(someFiles());
    const reported: number[] = [];
    center.onInsights(({ evaluations }) => reported.push(evaluations));
    const client = new FBClient({
      envSecret: center.environments[0]?.serverSecret ?? '',
      streamingUrl: center.url,
      eventUrl: center.url,
      ca: CA,
    });
    onTestFinished(() => client.close());
    await client.waitForInitialization({ timeout: 60_000 });
    expect(client.variation('f', { key: 'ada' }, false)).toBe(true);
    const headers = { authorization: `Bearer ${center.adminToken}` };
    await ask(`${center.url}/api/v1/environments/dev/flags/f/toggle`, headers, '{"isEnabled":false}');
    await expect.poll(() => client.variation('f', { key: 'ada' }, true), { timeout: 30_000 }).toBe(false);
    await client.flush();
    await expect.poll(() => reported.length, { timeout: 30_000 }).toBeGreaterThan(0);
  }, 90_000);

  it('shows another one when the files are others, without losing a connection; wrong files change nothing', async () => {
    const files = someFiles();
    const center = await aCenter(files);
    const token = encodeConnectionToken(center.environments[0]?.serverSecret ?? '', Date.now(), 0.5);
    const socket = new WebSocket(`${center.url.replace('https', 'wss')}/streaming?type=server&token=${token}`, {
      ca: CA,
    });
    onTestFinished(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    expect(await nameShown(center.url)).toBe('first');
    files.put('second');
    center.reloadCertificate();
    expect(await nameShown(center.url)).toBe('second');
    copyFileSync(fixture('ca.pem'), files.tlsKey);
    center.reloadCertificate();
    expect(await nameShown(center.url)).toBe('second');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect((await ask(`${center.url}/health/liveness`)).status).toBe(200);
  }, 60_000);

  it('ends, whatever is open', async () => {
    const center = await aCenter(someFiles());
    const socket = connect({ port: Number(new URL(center.url).port), host: '127.0.0.1', ca: CA });
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    // It has begun a request, and goes on with it never.
    socket.on('error', () => {});
    socket.write('POST /api/public/insight/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n');
    await center.close();
  });

  it('does not start with files that cannot be used', async () => {
    const files = someFiles();
    copyFileSync(fixture('second.key.pem'), files.tlsKey);
    await expect(aCenter(files)).rejects.toMatchObject({ code: 'bad-certificate' });
  });

  it.each([
    [{ tlsCert: 'a' }, 'tlsKey: goes with tlsCert'],
    [{ tlsKey: 'a' }, 'tlsCert: goes with tlsKey'],
    [{ tlsCert: '', tlsKey: 'a' }, 'tlsCert: must be the path of a PEM file'],
  ])('is not started by %j', (options, problem) => {
    expect(() => resolveOptions(options)).toThrow(problem);
  });
});

describe('a relay with a certificate', () => {
  it('speaks HTTPS to SDKs, and reads it anew', async () => {
    const { tlsCert, tlsKey, put } = someFiles();
    const center = await aCenter(someFiles());
    const environments = [{ key: 'dev', serverSecret: center.environments[0]?.serverSecret ?? '' }];
    const options = { upstream: center.url, ca: CA, port: 0, environments, startWait: 60_000, tlsCert, tlsKey };
    const relay = await startRelayWith(resolveRelayOptions(options), {});
    onTestFinished(() => relay.close());
    expect(relay.url).toMatch(/^https:/);
    expect((await ask(`${relay.url}/health/readiness`)).status).toBe(200);
    put('second');
    relay.reloadCertificate();
    expect(await nameShown(relay.url)).toBe('second');
  }, 90_000);
});
