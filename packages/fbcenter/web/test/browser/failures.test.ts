import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { holds } from '../support/demands.js';
import { comeBackUntil, countWhen, eventually, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage(20);
const LIST = '**/api/v1/environments/production/flag-summaries';

const refusing =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (route: Route) =>
    route.fulfill({
      status,
      headers,
      contentType: 'application/json',
      body: JSON.stringify({ code, message: `Said by the server: ${code}.` }),
    });

const FAILURES = [
  { what: '401', says: 'You are signed out', answer: refusing(401, 'unauthorized') },
  { what: '403', says: 'You may not see this', answer: refusing(403, 'forbidden') },
  { what: '429', says: 'The server asks for a pause', answer: refusing(429, 'too-many', { 'retry-after': '30' }) },
  { what: '503', says: 'The server is not ready', answer: refusing(503, 'storage-unavailable') },
  { what: 'offline', says: 'The server cannot be reached', answer: (route: Route) => route.abort('connectionrefused') },
  {
    what: 'an answer of a proxy',
    says: 'The server had a problem',
    answer: (route: Route) => route.fulfill({ status: 200, body: '<html>' }),
  },
] as const;

const rows = (page: Page) => page.locator('.grid-body [role=row]').count();

describe('a load that fails', () => {
  it.each(FAILURES)('keeps the last rows, says why and since when: $what', async ({ answer, says }) => {
    holds('failures');
    const page = await stage().open('/env/production/flags', { expectedErrors: /Failed to load|ERR_/ });
    await eventually(() => rows(page)).toBeGreaterThan(10);
    const before = await whenShown(page.getByRole('grid'), () => rows(page));
    await page.route(LIST, answer);
    const notice = page.getByRole('alert');
    await comeBackUntil(page, notice.getByText(says));
    await eventually(() => notice.textContent()).toMatch(
      /What you see is from \d\d:\d\d:\d\d; it could not be loaded again at \d\d:\d\d:\d\d/,
    );
    // The notice takes the place of a row or two.
    await eventually(() => rows(page)).toBeGreaterThan(before - 4);
    expect(await countWhen(notice, page.getByRole('heading', { level: 2 }))).toBe(0);
    await page.unroute(LIST);
    await page.getByRole('button', { name: 'Try again' }).click();
    await eventually(() => page.getByRole('alert').count()).toBe(0);
  });

  it('of a first visit says so, and is not an empty list', async () => {
    const page = await stage().open('/environments', { expectedErrors: /Failed to load|ERR_/ });
    await page.getByRole('heading', { level: 1, name: 'Environments' }).waitFor();
    await page.route('**/api/v1/environments/staging/flag**', refusing(503, 'storage-unavailable'));
    await page.goto(`${stage().center.url}/env/staging/flags`);
    const notice = page.getByText('The flags could not be loaded.');
    expect(await countWhen(notice, page.getByText('Make a flag'))).toBe(0);
    await page.unroute('**/api/v1/environments/staging/flag**');
    // What passes is tried again by itself.
    await page.getByRole('grid').waitFor();
  });

  it('of how flags are used does not look as if nobody used them', async () => {
    const usage = '**/api/v1/environments/production/usage';
    const page = await stage().open('/environments', { expectedErrors: /Failed to load|ERR_/ });
    await page.getByRole('heading', { level: 1, name: 'Environments' }).waitFor();
    await page.route(usage, refusing(429, 'too-many', { 'retry-after': '30' }));
    await page.goto(`${stage().center.url}/env/production/flags`);
    const notice = page.getByRole('alert').getByText('How the flags are used could not be loaded.');
    const uses = page.locator('.cell-use');
    expect(await whenShown(notice, () => uses.getByText('never').count())).toBe(0);
    await eventually(() => page.getByRole('button', { name: /^Stale/ }).textContent()).toBe('Stale …');
    await page.unroute(usage);
    await page.getByRole('button', { name: 'Try again' }).click();
    await uses.getByText('never').first().waitFor();
    await eventually(() => page.getByRole('alert').count()).toBe(0);
  });

  it('says that the connection is lost, and comes back by itself with what changed meanwhile', async () => {
    const page = await stage().open('/env/production/flags/gift-cards', { expectedErrors: /Failed to load|ERR_/ });
    await page.getByRole('switch', { name: 'gift-cards in Production' }).waitFor();
    await page.context().setOffline(true);
    await comeBackUntil(page, page.getByText(/^No connection since/));
    await stage().api('POST', 'production/flags/gift-cards/toggle', { isEnabled: false });
    await page.context().setOffline(false);
    await eventually(() => page.getByRole('switch').getAttribute('aria-checked')).toBe('false');
    await page.getByText('Connected', { exact: true }).waitFor();
    await stage().api('POST', 'production/flags/gift-cards/toggle', { isEnabled: true });
  });

  it('of a change leaves what was typed, and says what the server found at it', async () => {
    const page = await stage().open('/env/production/flags/search-v2', { expectedErrors: /Failed to load|ERR_/ });
    await page.getByLabel('Share of on').fill('7');
    await page.getByLabel('Share of on').press('Enter');
    await page.route('**/flags/search-v2', (route) =>
      route.request().method() === 'PUT' ? refusing(503, 'storage-unavailable')(route) : route.continue(),
    );
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').getByText('Said by the server: storage-unavailable.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const share = page.getByLabel('Share of on');
    expect(await whenShown(share, () => share.inputValue())).toBe('7');
  });

  it('of a sign-in that ended is answered in place', async () => {
    const page = await stage().open('/env/production/flags', { expectedErrors: /Failed to load|ERR_/ });
    await page.getByRole('grid').waitFor();
    await page.route('**/api/v1/**', refusing(401, 'unauthorized'));
    const signIn = page.getByRole('button', { name: 'Sign in' });
    await comeBackUntil(page, signIn);
    await signIn.first().click();
    await page.unroute('**/api/v1/**');
    await page.getByLabel('Access token').fill(stage().center.adminToken);
    await page.keyboard.press('Enter');
    await eventually(() => page.getByRole('alert').count()).toBe(0);
    await eventually(() => rows(page)).toBeGreaterThan(0);
  });
});
