import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBrowser, Stage } from './stage.js';

// OpenFeature's published providers for the remote evaluation protocol: in a real Chromium, and in Node.js.

const stage = new Stage();
let browser: Awaited<ReturnType<typeof openBrowser>>;

beforeAll(async () => {
  await stage.start();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await OpenFeature.close();
  await stage.end();
});

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });

describe("OpenFeature's provider for the web", () => {
  async function started(prepare: (page: Page) => Promise<unknown> = async () => {}): Promise<Page> {
    const page = await browser.newPage();
    await prepare(page);
    await page.evaluate(
      async ({ where, who }) => {
        window.provider = await window.page.startProvider(where, who);
      },
      { where: stage.where, who: { key: 'ada' } },
    );
    return page;
  }
  const bool = (page: Page) => page.evaluate(() => window.provider.bool('bool').value);

  it('has every kind of value with its variant and reason', async () => {
    const page = await started();
    expect(
      await page.evaluate(() => [
        window.provider.bool('bool'),
        window.provider.text('colour'),
        window.provider.number('size'),
        window.provider.json('shape'),
        window.provider.bool('team/one'),
        window.provider.bool('nope'),
      ]),
    ).toMatchObject([
      { value: true, variant: 'on', reason: 'UNKNOWN' },
      { value: 'red', variant: 'on' },
      { value: 1.5 },
      { value: { a: [1] } },
      { value: true },
      { value: false, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' },
    ]);
    await page.context().close();
  });

  it('is told of changes by the event stream, without polling, also after a restart', async () => {
    const page = await started();
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(false));
    await eventually(async () => expect(await page.evaluate(() => window.provider.changed())).toContain('bool'));
    await stage.stop();
    await stage.start();
    await stage.api('POST', '/flags/bool/toggle');
    await eventually(async () => expect(await bool(page)).toBe(true));
    await page.context().close();
  });

  it('hears of a change that came between its flags and the opening of its stream', async () => {
    let open = () => {};
    const isChanged = new Promise<void>((resolve) => {
      open = resolve;
    });
    const page = await started((own) =>
      own.route(/\/event-stream/, async (route) => {
        await isChanged;
        await route.continue();
      }),
    );
    const before = await bool(page);
    await stage.api('POST', '/flags/bool/toggle');
    open();
    await eventually(async () => expect(await bool(page)).toBe(!before));
    await page.context().close();
    await stage.api('POST', '/flags/bool/toggle');
  });

  it('has the values of another context', async () => {
    const page = await started();
    await page.evaluate(() => window.provider.identify({ key: 'kim', country: 'NZ' }));
    expect(await page.evaluate(() => [window.provider.bool('bool'), window.provider.text('colour')])).toMatchObject([
      { value: false, reason: 'TARGETING_MATCH', variant: 'off' },
      { value: 'blue' },
    ]);
    await page.context().close();
  });
});

describe("OpenFeature's provider for servers", () => {
  const clientWith = async (secret: string) => {
    const headers: [string, string][] = [['Authorization', `Bearer ${secret}`]];
    const { url } = stage.where;
    await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: url, headers }));
    return OpenFeature.getClient();
  };

  it.each(['secret', 'serverSecret'] as const)('has every kind of value, with the %s', async (kind) => {
    const client = await clientWith(stage.where[kind]);
    const kiwi = { targetingKey: 'kim', country: 'NZ' };
    const ada = { targetingKey: 'ada' };
    expect(await client.getBooleanDetails('bool', false, ada)).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'UNKNOWN',
    });
    expect(await client.getBooleanDetails('bool', true, kiwi)).toMatchObject({
      value: false,
      reason: 'TARGETING_MATCH',
    });
    expect(await client.getStringValue('colour', '', kiwi)).toBe('blue');
    expect(await client.getNumberValue('size', 0, ada)).toBe(1.5);
    expect(await client.getObjectValue('shape', {}, ada)).toEqual({ a: [1] });
    // It writes slashes as they are.
    expect(await client.getBooleanValue('team/one', false, ada)).toBe(true);
  });

  it('is told what is wrong in its own words', async () => {
    const client = await clientWith(stage.where.secret);
    expect(await client.getBooleanDetails('nope', true, { targetingKey: 'ada' })).toMatchObject({
      value: true,
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(await client.getBooleanDetails('bool', true, {})).toMatchObject({
      value: true,
      errorCode: 'TARGETING_KEY_MISSING',
    });
    await stage.api('POST', '/flags/bool/archive');
    expect(await client.getBooleanDetails('bool', true, { targetingKey: 'ada' })).toMatchObject({
      errorCode: 'FLAG_NOT_FOUND',
    });
    await stage.api('POST', '/flags/bool/restore');
  });
});
