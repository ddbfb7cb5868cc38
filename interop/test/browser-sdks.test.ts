import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBrowser, Stage } from './stage.js';

// FeatBit's published SDKs for browsers in a real Chromium, on a page of another origin than the center's.

const stage = new Stage();
let browser: Awaited<ReturnType<typeof openBrowser>>;

beforeAll(async () => {
  await stage.start();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stage.end();
});

const ADA = { key: 'ada' };
const KIWI = { key: 'kim', country: 'NZ' };

/** A page on which the SDK has started. */
async function started(polling: boolean): Promise<Page> {
  const page = await browser.newPage();
  await start(page, polling);
  return page;
}

async function start(page: Page, polling: boolean): Promise<void> {
  await page.evaluate(
    async ({ where, who, polling }) => {
      window.client = await window.page.startClient(where, who, polling);
    },
    { where: stage.where, who: ADA, polling },
  );
}

const values = (page: Page) =>
  page.evaluate(() => [
    window.client.bool('bool'),
    window.client.text('colour'),
    window.client.number('size'),
    window.client.json('shape'),
    window.client.bool('staff'),
    window.client.bool('team/one'),
  ]);
const bool = (page: Page) => page.evaluate(() => window.client.bool('bool'));
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });

describe.each([
  ['streaming', false],
  ['polling', true],
])("FeatBit's SDK for JavaScript, %s", (_, polling) => {
  it('starts, has every kind of value, and is told of changes', async () => {
    const page = await started(polling);
    expect(await values(page)).toEqual([true, 'red', 1.5, { a: [1] }, false, true]);
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(false));
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(true));
    await stage.api('PUT', '/segments/staff', { included: [] });
    await eventually(async () => expect(await page.evaluate(() => window.client.bool('staff'))).toBe(true));
    await stage.api('PUT', '/segments/staff', { included: ['ada'] });
    await eventually(async () => expect(await page.evaluate(() => window.client.bool('staff'))).toBe(false));
    await page.evaluate(() => window.client.close());
    await page.context().close();
  });

  it('identifies another user, and the former one again', async () => {
    const page = await started(polling);
    await page.evaluate((who) => window.client.identify(who), KIWI);
    expect(await values(page)).toEqual([false, 'blue', 0, {}, true, false]);
    await page.evaluate((who) => window.client.identify(who), ADA);
    expect(await values(page)).toEqual([true, 'red', 1.5, { a: [1] }, false, true]);
    await page.context().close();
  });

  it('gives the default for a flag that is archived, and its value when it is restored', async () => {
    const page = await started(polling);
    await stage.api('POST', '/flags/bool/archive');
    await eventually(async () => expect(await bool(page)).toBe(false));
    await stage.api('POST', '/flags/bool/restore');
    await eventually(async () => expect(await bool(page)).toBe(true));
    await page.context().close();
  });

  it('has its evaluations and metrics counted', async () => {
    await stage.api('DELETE', '/insights');
    const page = await started(polling);
    await page.evaluate(() => {
      window.client.text('colour');
      window.client.track('bought', 2.5);
      return window.client.flush();
    });
    await eventually(async () => {
      const { flags, metrics, rejected } = await stage.api('GET', '/insights');
      expect({ flags, metrics, rejected }).toMatchObject({
        flags: [{ key: 'colour', count: 1, variations: [{ id: 'on' }] }],
        metrics: [{ eventName: 'bought', count: 1, sum: 2.5 }],
        rejected: 0,
      });
    });
    await page.context().close();
  });
});

describe("FeatBit's SDK for JavaScript", () => {
  it('stays connected by its pings, and comes back after a restart of the center', async () => {
    const page = await browser.newPage();
    let sockets = 0;
    let pongs = 0;
    page.on('websocket', (socket) => {
      sockets += 1;
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('pong')) pongs += 1;
      });
    });
    await start(page, false);
    // It lets go of a socket from which nothing came for two of its ping intervals.
    await eventually(async () => expect(pongs).toBeGreaterThan(2));
    expect(sockets).toBe(1);
    await stage.stop();
    await stage.start();
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(false));
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(true));
    expect(sockets).toBeGreaterThan(1);
    await page.context().close();
  });
});

describe("FeatBit's SDK for React", () => {
  it('renders a value, renders it anew when it changes, and after a restart', async () => {
    const page = await browser.newPage();
    await page.evaluate(({ where, who }) => window.page.renderReact(where, who), { where: stage.where, who: ADA });
    const shown = () => page.textContent('#colour');
    await eventually(async () => expect(await shown()).toBe('red'));
    await stage.api('POST', '/flags/colour/toggle');
    await eventually(async () => expect(await shown()).toBe('blue'));
    await stage.stop();
    await stage.start();
    await stage.api('POST', '/flags/colour/toggle');
    await eventually(async () => expect(await shown()).toBe('red'));
    await page.context().close();
  });
});
