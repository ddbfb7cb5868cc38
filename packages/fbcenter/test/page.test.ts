import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BuiltPage } from '../src/page/built-page.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { startTestCenter } from './support/test-center.js';

const DOCUMENT = '<!doctype html><title>page</title>';
const SCRIPT = `console.log(${JSON.stringify('a'.repeat(900))});`;

/** A center whose page is three files. */
async function startWithPage() {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), DOCUMENT);
  writeFileSync(join(folder, 'assets/index-1.js'), SCRIPT);
  writeFileSync(join(folder, 'assets/index-1.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets/index-1.js.gz'), gzipSync(SCRIPT));
  writeFileSync(join(folder, 'secret.txt'), 'not of the page');
  const file = (type: string, tag: string, isImmutable: boolean, encodings: readonly string[]) => ({
    type,
    tag,
    isImmutable,
    encodings,
  });
  const files = {
    'index.html': file('text/html; charset=utf-8', '"d1"', false, []),
    'assets/index-1.js': file('text/javascript; charset=utf-8', '"s1"', true, ['br', 'gzip']),
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ files }));
  const { center } = await startTestCenter({}, { page: new BuiltPage([pathToFileURL(`${folder}/`)]) });
  return center.url;
}

interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Without the tidying of paths and the decoding of bodies that `fetch` does. */
function get(url: string, path: string, headers: Record<string, string> = {}): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
    onTestFinished(() => void sent.destroy());
  });
}

describe('the page', () => {
  it.each([
    '/',
    '/env/production/flags',
    '/env/a%2Fb/flags/c%20d/code?q=x',
    '/environments',
    '/settings',
    '/settings/audit',
  ])('is one document at %s, without credentials', async (path) => {
    const { status, headers, body } = await get(await startWithPage(), path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      etag: '"d1"',
    });
    expect(body.toString()).toBe(DOCUMENT);
  });

  it('allows scripts, styles and calls of its own, and nothing else; it cannot be framed', async () => {
    const { headers } = await get(await startWithPage(), '/');
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('script-src')).toEqual(["'self'"]);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy.get('base-uri')).toEqual(["'none'"]);
    expect([...policy.values()].flat().filter((source) => !["'self'", "'none'"].includes(source))).toEqual([]);
  });

  it.each(['/', '/assets/index-1.js', '/assets/none.js', '/api/v1/environments', '/health/liveness', '/nothing'])(
    'has the guards of every answer: %s',
    async (path) => {
      const { headers } = await get(await startWithPage(), path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    },
  );

  it.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['identity', undefined, (body: Buffer) => body],
    [undefined, undefined, (body: Buffer) => body],
  ] as const)('sends a file as the browser takes it: %s', async (accepted, encoding, decode) => {
    const sent = await get(
      await startWithPage(),
      '/assets/index-1.js',
      accepted === undefined ? {} : { 'accept-encoding': accepted },
    );
    expect(sent.headers['content-encoding']).toBe(encoding);
    expect(sent.headers.vary).toBe('accept-encoding');
    expect(sent.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(decode(sent.body).toString()).toBe(SCRIPT);
  });

  it('is not sent again to who has it', async () => {
    const url = await startWithPage();
    const { status, body, headers } = await get(url, '/', { 'if-none-match': '"old", "d1"' });
    expect([status, body.length, headers.etag]).toEqual([304, 0, '"d1"']);
    expect((await get(url, '/', { 'if-none-match': '"old"' })).status).toBe(200);
  });

  it.each([
    '/assets/../secret.txt',
    '/assets/..%2Fsecret.txt',
    '/assets/%2e%2e%2fmanifest.json',
    '/assets/index-1.js.br',
    '/secret.txt',
    '/manifest.json',
    '/assets/constructor',
    '/favicon.svg',
  ])('has no other file: %s', async (path) => {
    const { status, body } = await get(await startWithPage(), path);
    expect(status).toBe(404);
    expect(JSON.parse(body.toString()).code).toBe('not-found');
  });

  it('says what to do when it is not built', async () => {
    const page = new BuiltPage([pathToFileURL(`${temporaryFolder()}/`)]);
    const { call } = await startTestCenter({}, { page });
    expect(await call('GET', '/')).toMatchObject({
      status: 404,
      body: { message: 'The page is not built: run npm run build.' },
    });
  });
});
