import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { holds } from '../support/demands.js';
import { countWhen, eventually, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage();

/** Changes a flag as somebody else would. */
async function rename(key: string, name: string): Promise<void> {
  const flag = (await stage().api('GET', `production/flags/${key}`)) as object;
  await stage().api('PUT', `production/flags/${key}`, { ...flag, name });
}

/** The newest entry of an audit log. */
const newestOf = async (log: string) => ((await stage().api('GET', log)) as { items: readonly object[] }).items[0];

const choose = (page: Page, content: unknown) =>
  page
    .getByLabel('File')
    .setInputFiles({ name: 'flags.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) });

const FILE = { format: 'fbcenter-environment', formatVersion: 1 };

describe('the history of a flag', () => {
  it('shows who changed what, and puts a version back by keys alone', async () => {
    await rename('gift-cards', 'Vouchers');
    await rename('gift-cards', 'Coupons');
    const page = await stage().open('/env/production/flags/gift-cards/history');
    const entries = page.locator('.history > ol > li');
    await eventually(() => entries.count()).toBe(3);
    await eventually(() => entries.first().textContent()).toContain('changed it · name');
    await entries
      .first()
      .getByRole('button', { name: /^Show what changed/ })
      .press('Enter');
    const change = entries.first().locator('.changes li');
    await eventually(() => change.textContent()).toMatch(/Vouchers.*Coupons/);
    await entries
      .last()
      .getByRole('button', { name: /^Put back/ })
      .press('Enter');
    const dialog = page.getByRole('dialog');
    await eventually(() => dialog.locator('.changes li').textContent()).toMatch(/Coupons.*Gift cards/);
    await dialog.getByLabel('Why (optional)').fill('Nobody found them – für alle');
    await page.keyboard.press('Enter');
    await page.getByText(/^gift-cards is what it was/).waitFor();
    await eventually(() => stage().api('GET', 'production/flags/gift-cards')).toMatchObject({ name: 'Gift cards' });
    await eventually(() => entries.count()).toBe(4);
    await eventually(() => entries.first().textContent()).toContain('Nobody found them – für alle');
  });

  it('of a segment is on its page', async () => {
    const segment = (await stage().api('GET', 'production/segments/press')) as object;
    await stage().api('PUT', 'production/segments/press', { ...segment, included: ['reporter-9'] });
    const page = await stage().open('/env/production/segments/press');
    const newest = page.locator('.history > ol > li').first();
    await newest.getByRole('button', { name: /^Show what changed/ }).click();
    await eventually(() => newest.locator('.changes').textContent()).toContain('reporter-9');
  });

  it('is refused when somebody else was quicker, and says who', async () => {
    await rename('price-tests', 'One');
    const page = await stage().open('/env/production/flags/price-tests/history', { expectedErrors: /412/ });
    await page
      .getByRole('button', { name: /^Put back/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('.changes li').first().waitFor();
    await page.route('**/put-back', async (route) => {
      await rename('price-tests', 'Two');
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Put back' }).click();
    await dialog.getByText('Access token of the settings has changed it in this moment').waitFor();
  });
});

describe('a change', () => {
  it('is saved with the reason for it', async () => {
    const page = await stage().open('/env/production/flags/new-checkout');
    await page.getByRole('slider').first().press('ArrowRight');
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByLabel('Why (optional)').fill('The sale begins');
    await page.keyboard.press('Enter');
    await page.getByText(/^Saved: /).waitFor();
    await eventually(() => newestOf('production/flags/new-checkout/history')).toMatchObject({
      comment: 'The sale begins',
    });
  });

  it('in a protected environment asks for its name, and cannot be made without', async () => {
    holds('confirm');
    const page = await stage().open('/environments');
    await page.getByRole('button', { name: 'Edit Staging' }).click();
    await page.getByRole('checkbox', { name: /^protected/ }).check();
    await page.keyboard.press('Enter');
    await page.getByText('Saved: Staging.').waitFor();
    await page.locator('.card', { hasText: 'Staging' }).getByText('protected').waitFor();
    await page.goto(`${stage().center.url}/env/staging/flags/new-checkout`);
    await page.getByRole('switch').click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: /^Switch / });
    await dialog.getByLabel('Staging is protected: type its name').fill('Stag');
    await eventually(() => button.isDisabled()).toBe(true);
    await dialog.getByLabel('Staging is protected: type its name').fill('staging');
    await page.keyboard.press('Enter');
    await page.getByText(/^new-checkout is o.* in Staging/).waitFor();
    await stage().api('PUT', 'staging', { isProtected: false });
  });
});

describe('the audit log', () => {
  it('shows who did what, filters by the address, and opens an entry by keys', async () => {
    holds('audit');
    await stage().api('POST', 'production/flags/gift-cards/toggle');
    const page = await stage().open('/settings/audit?kind=flag&key=gift-cards');
    const rows = page.locator('table.audit tbody tr');
    await eventually(() => rows.first().textContent()).toMatch(/Access token of the settings.*switched/);
    await rows
      .first()
      .getByRole('button', { name: /^More: / })
      .press('Enter');
    await eventually(() => page.locator('.entry-detail .changes').textContent()).toMatch(/on|off/i);
    const heights = () =>
      rows.evaluateAll((all) =>
        all.filter((row) => row.className === '').map((row) => row.getBoundingClientRect().height),
      );
    await eventually(async () => Math.max(...(await heights()))).toBeLessThanOrEqual(48);
    await page.getByLabel('Key').fill('nothing-of-this-name');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No entry matches' }).waitFor();
    await eventually(() => new URL(page.url()).searchParams.get('key')).toBe('nothing-of-this-name');
    await page.getByRole('button', { name: 'Show all entries' }).click();
    await eventually(() => rows.count()).toBeGreaterThan(10);
  });

  it('is read page by page', async () => {
    for (let count = 0; count < 30; count++) await stage().api('POST', 'production/flags/payments-kill-switch/toggle');
    const page = await stage().open('/settings/audit');
    const rows = page.locator('table.audit tbody tr');
    await eventually(() => rows.count()).toBe(50);
    await page.getByRole('button', { name: 'Older entries' }).click();
    await eventually(() => rows.count()).toBeGreaterThan(50);
  });

  it('is exported as it is filtered', async () => {
    const page = await stage().open('/settings/audit?kind=environment&environment=empty');
    await page.getByText('made').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as NDJSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('audit.ndjson');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).subject)).toEqual([
      { kind: 'environment', key: 'empty', environment: 'empty' },
    ]);
  });

  it('that cannot be loaded does not look empty', async () => {
    const page = await stage().open('/settings/audit?kind=flag', { expectedErrors: /503/ });
    await page.locator('table.audit').waitFor();
    await page.route('**/api/v1/audit?*', (route) =>
      route.fulfill({ status: 503, contentType: 'application/json', body: '{"code":"busy","message":"Later."}' }),
    );
    await page.getByLabel('Kind').selectOption('segment');
    const notice = page.getByText('The server is not ready.');
    expect(await countWhen(notice, page.getByText('No entry matches'))).toBe(0);
  });
});

describe('an environment as a file', () => {
  it('is exported, and comes back the same', async () => {
    const page = await stage().open('/environments');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export Development' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('dev.flags.json');
    await page.getByRole('button', { name: 'Import into Development' }).click();
    await page.getByLabel('File').setInputFiles(await download.path());
    await page.getByText('Everything is there already: there is nothing to do.').waitFor();
    await eventually(() => page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  });

  it('with faults shows each where it belongs, and nothing is taken', async () => {
    const flag = (await stage().api('GET', 'production/flags/gift-cards')) as object;
    const before = await stage().api('GET', 'empty/flags');
    const page = await stage().open('/environments');
    await page.getByRole('button', { name: 'Import into Playground' }).click();
    await choose(page, {
      ...FILE,
      flags: [
        { ...flag, key: 'good' },
        { ...flag, key: 'bad', disabledVariationId: 'nope' },
      ],
    });
    const bad = page.locator('.transfer li.faulty');
    await eventually(() => bad.textContent()).toContain('flags[1].disabledVariationId');
    await eventually(() => page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
    expect(await whenShown(bad, () => stage().api('GET', 'empty/flags'))).toEqual(before);
  });

  it('that is none is refused with a sentence', async () => {
    const page = await stage().open('/environments', { expectedErrors: /400/ });
    await page.getByRole('button', { name: 'Import into Playground' }).click();
    await choose(page, { some: 'thing' });
    await page.getByText(/"format" must be/).waitFor();
  });

  it('is imported after a look at what that does', async () => {
    const flag = (await stage().api('GET', 'production/flags/gift-cards')) as object;
    const page = await stage().open('/environments');
    await page.getByRole('button', { name: 'Import into Playground' }).press('Enter');
    await choose(page, { ...FILE, flags: [{ ...flag, key: 'brought-along', isEnabled: true }] });
    await page.getByText('1 new, 0 changed, 0 the same.').waitFor();
    await page.getByLabel('Why (optional)').fill('From the old center');
    await page.keyboard.press('Enter');
    await page.getByText('1 item was imported into Playground.').waitFor();
    await eventually(() => stage().api('GET', 'empty/flags/brought-along')).toMatchObject({ isEnabled: true });
    await eventually(() => newestOf('empty/audit')).toMatchObject({ action: 'import', comment: 'From the old center' });
  });
});
