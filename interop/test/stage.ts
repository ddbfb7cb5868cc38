import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Center, startCenter } from 'fbcenter';
import { type Browser, chromium, type Page } from 'playwright-core';
import { FLAGS_AT_FIRST, SEGMENTS_AT_FIRST } from '../src/flags.js';
import { CHROMIUM, FLAGS } from './chromium.js';

/** A center that can be stopped and started again on the same port and folder. */
export class Stage {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fbcenter-clients-'));
  #center: Center | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#center = await startCenter({
      port: this.#port,
      dataFolder: this.#folder,
      environments: [{ key: 'dev', flags: FLAGS_AT_FIRST, segments: SEGMENTS_AT_FIRST }],
    });
    this.#port = Number(new URL(this.#center.url).port);
  }

  async stop(): Promise<void> {
    await this.#center?.close();
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get where(): { readonly url: string; readonly secret: string; readonly serverSecret: string } {
    const [environment] = this.#center?.environments ?? [];
    if (this.#center === undefined || environment === undefined) throw new Error('not started');
    return { url: this.#center.url, secret: environment.clientSecret, serverSecret: environment.serverSecret };
  }

  /** Calls the management API of the environment. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  async api(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.where.url}/api/v1/environments/dev${path}`, {
      method,
      // A connection that is kept would be one to the center before its restart.
      headers: { authorization: `Bearer ${this.#center?.adminToken}`, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

const PAGE = fileURLToPath(new URL('../src/page.ts', import.meta.url));

/** A browser with a page of an origin that is not the center's. @param entry what runs in the page. */
export async function openBrowser(entry = PAGE): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }> {
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const site = createServer(({ url }, response) => {
    if (url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>shop</title><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { port } = site.address() as AddressInfo;
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return {
    async newPage() {
      // A context of its own: what SDKs keep in the browser is gone with it.
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      return page;
    },
    async close() {
      await browser.close();
      site.closeAllConnections();
      await new Promise((resolve) => site.close(resolve));
    },
  };
}
