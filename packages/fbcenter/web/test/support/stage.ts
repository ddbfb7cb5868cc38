import type { Center, CenterOptions } from 'fbcenter';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { type CenterInternals, startCenterWith } from '../../../src/center.js';
import { resolveOptions } from '../../../src/options.js';
import { CHEAP } from '../../../test/support/people.js';
import { launchChromium } from './chromium.js';
import { PATIENCE } from './look.js';
import { seededEnvironments } from './seed.js';

/** A center with the shop's flags and a browser to look at it. */
export interface Stage {
  readonly center: Center;
  readonly browser: Browser;
  /** Opens the page in a window of its own, signed in unless it is said otherwise; errors in its console fail the test. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** Calls the management API as somebody else would; the path begins at an environment. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
}

interface OpenOptions extends BrowserContextOptions {
  readonly isSignedIn?: boolean;
  /** The access token that it is signed in with. @default that of the settings */
  readonly token?: string;
  /** Texts of console errors that the test provokes. */
  readonly expectedErrors?: RegExp;
}

const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** One browser for all stages of a file. */
let launched: Promise<Browser> | undefined;
afterAll(async () => (await launched)?.close());

/** Starts a stage for the tests of a file; each test opens windows of its own, and the center is shared. */
export function useStage(extraFlags = 0, options: CenterOptions = {}, internals: CenterInternals = {}): () => Stage {
  let center: Center | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    launched ??= launchChromium();
    [center, browser] = await Promise.all([
      startCenterWith(resolveOptions({ port: 0, environments: seededEnvironments(extraFlags), ...options }), {
        passwordCost: CHEAP,
        ...internals,
      }),
      launched,
    ]);
  });
  afterAll(() => center?.close());
  return () => {
    if (center === undefined || browser === undefined) throw new Error('called outside of a test');
    return stageOf(center, browser);
  };
}

function stageOf(center: Center, browser: Browser): Stage {
  return {
    center,
    browser,
    open: async (path, { isSignedIn = true, token = center.adminToken, expectedErrors, ...options } = {}) => {
      const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && expectedErrors?.test(message.text()) !== true) errors.push(message.text());
      });
      onTestFinished(async () => {
        await context.close();
        expect(errors).toEqual([]);
      });
      // Of every write of a document the server is told which version was seen, so that nobody overwrites what he does not know.
      page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        const isDocument = /\/environments\/[^/]+\/(flags|segments)\/(?![^/]+\/triggers)/.test(pathname);
        const isWrite = request.method() !== 'GET' && isDocument;
        const { 'if-match': seen, 'if-none-match': none } = request.headers();
        if (isWrite && seen === undefined && none === undefined)
          errors.push(`${request.method()} ${pathname} without a version`);
      });
      if (isSignedIn) await page.addInitScript(`sessionStorage.setItem('fbcenter.token', '${token}')`);
      page.setDefaultTimeout(PATIENCE);
      await page.goto(center.url + path);
      return page;
    },
    api: async (method, path, body) => {
      const response = await fetch(`${center.url}/api/v1/environments/${path}`, {
        method,
        headers: { authorization: `Bearer ${center.adminToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      expect(response.status, text).toBeLessThan(300);
      return JSON.parse(text);
    },
  };
}
