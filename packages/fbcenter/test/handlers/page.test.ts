import { describe, expect, it } from 'vitest';
import { pageHandlers } from '../../src/handlers/page.js';
import type { Answer } from '../../src/http/answer.js';
import type { Encoding, PageFile } from '../../src/page/built-page.js';
import { exchangeOf } from '../support/exchange.js';

const FILES: Readonly<Record<string, readonly [isImmutable: boolean, encodings: readonly Encoding[]]>> = {
  'index.html': [false, ['br', 'gzip']],
  'assets/app-1.js': [true, ['br', 'gzip']],
  'assets/old.js': [true, ['gzip']],
  'favicon.svg': [false, []],
};

/** A page of which each file says its name and the encoding that it is sent in. */
const page = {
  file(name: string): PageFile | undefined {
    const [isImmutable, encodings] = (Object.hasOwn(FILES, name) ? FILES[name] : undefined) ?? [];
    if (isImmutable === undefined || encodings === undefined) return undefined;
    const read = (encoding?: Encoding) => Buffer.from(`${name} ${encoding ?? 'plain'}`);
    return { type: 'text/x', tag: '"t"', isImmutable, encodings, read };
  },
};
const handlers = pageHandlers(page);

const exchange = (path: string, headers: Record<string, string> = {}) => exchangeOf({ path, headers });
const textOf = ({ body }: Answer) => (body.kind === 'bytes' ? String(body.bytes) : body.kind);

describe('a file of the page', () => {
  it.each<[accepted: string | undefined, sent: string]>([
    [undefined, 'plain'],
    ['', 'plain'],
    ['identity', 'plain'],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, br', 'br'],
    ['br;q=0.1, gzip;q=1', 'br'],
    ['GZIP', 'gzip'],
    [' br ; q=1 ', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0, gzip;q=0.000', 'plain'],
    ['br;q=0.001', 'br'],
    ['brotli, x-gzip', 'plain'],
    ['deflate', 'plain'],
    [',,,', 'plain'],
  ])('to a browser that takes %j is sent as %s', async (accepted, sent) => {
    const headers: Record<string, string> = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const answer = await handlers.file(exchange('/assets/app-1.js', headers));
    expect(textOf(answer)).toBe(`assets/app-1.js ${sent}`);
    expect(answer.headers?.['content-encoding']).toBe(sent === 'plain' ? undefined : sent);
    expect(answer.headers?.vary).toBe('accept-encoding');
  });

  it('is sent in the form that there is', async () => {
    const headers = { 'accept-encoding': 'br, gzip' };
    expect(textOf(await handlers.file(exchange('/assets/old.js', headers)))).toBe('assets/old.js gzip');
    expect(textOf(await handlers.file(exchange('/favicon.svg', headers)))).toBe('favicon.svg plain');
  });

  it.each([
    ['/assets/app-1.js', 'public, max-age=31536000, immutable'],
    ['/favicon.svg', 'no-cache'],
  ])('%s is kept: %s', async (path, control) => {
    const answer = await handlers.file(exchange(path));
    expect(answer.headers).toMatchObject({ 'cache-control': control, etag: '"t"' });
    expect(answer.headers?.['content-security-policy']).toBeUndefined();
  });

  it.each(['"t"', 'W/"t"', '"old", "t"', '*'])('is 304 to who has it by %s, with what a cache needs', async (tag) => {
    const answer = await handlers.file(exchange('/assets/app-1.js', { 'if-none-match': tag, 'accept-encoding': 'br' }));
    expect(answer).toMatchObject({ status: 304, body: { kind: 'empty' } });
    expect(answer.headers).toEqual({
      'cache-control': 'public, max-age=31536000, immutable',
      etag: '"t"',
      vary: 'accept-encoding',
    });
  });

  it.each(['/assets/none.js', '/assets/__proto__', '/', '', '/index', '/assets/app-1.js.br', '//favicon.svg'])(
    'that is not there is 404: %j',
    async (path) => {
      const answer = await handlers.file(exchange(path));
      expect(answer).toMatchObject({ status: 404, body: { kind: 'json', value: { code: 'not-found' } } });
    },
  );
});

describe('the document of the page', () => {
  it('is the same at every address, is asked for again each time, and may do nothing but its own', async () => {
    const answers = await Promise.all(
      ['/', '/env/dev/flags', '/settings'].map((path) => handlers.document(exchange(path))),
    );
    for (const answer of answers) {
      expect(textOf(answer)).toBe('index.html plain');
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-cache', etag: '"t"' });
      expect(answer.headers?.['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(answer.headers?.['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
    }
  });

  it('is 304 to who has it, with its policy', async () => {
    const answer = await handlers.document(exchange('/', { 'if-none-match': '"t"' }));
    expect(answer.status).toBe(304);
    expect(answer.headers?.['content-security-policy']).toBeDefined();
  });

  it('is 404 with what to do when the page is not built', async () => {
    const none = pageHandlers({ file: () => undefined });
    expect(await none.document(exchange('/'))).toMatchObject({
      status: 404,
      body: { value: { message: 'The page is not built: run npm run build.' } },
    });
  });
});
