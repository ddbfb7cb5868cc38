import { describe, expect, it } from 'vitest';
import { eventually, tabTo, untilFocused } from '../support/look.js';
import { useStage } from '../support/stage.js';

// What else is done on the pages than in the other files, with no press of a mouse and no help with the focus.

const stage = useStage();

describe('by the Tab key, letters, Space and Enter alone', () => {
  it('somebody is put into a segment', async () => {
    const page = await stage().open('/env/production/segments/press');
    await tabTo(page, page.getByLabel('Add to Users who are always in it'));
    await page.keyboard.type('reporter-3');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await untilFocused(page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText(/^Saved: /).waitFor();
    await eventually(() => stage().api('GET', 'production/segments/press')).toMatchObject({
      included: ['reporter-1', 'reporter-2', 'reporter-3'],
    });
  });

  it('a variation is renamed, and given another value', async () => {
    const page = await stage().open('/env/production/flags/shop-theme/variations');
    await tabTo(page, page.getByLabel('Name of festive'));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('winter');
    await tabTo(page, page.getByLabel('Value of winter'));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('snow');
    await page.keyboard.press('Control+s');
    await untilFocused(page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText(/^Saved: /).waitFor();
    await eventually(() => stage().api('GET', 'production/flags/shop-theme')).toMatchObject({
      variations: [{ id: 'light' }, { id: 'dark' }, { id: 'festive', name: 'winter', value: 'snow' }],
    });
  });

  it('a flag is promoted to another environment', async () => {
    const page = await stage().open('/environments/compare?from=production&to=empty');
    await tabTo(page, page.getByRole('checkbox', { name: 'Choose banner' }));
    await page.keyboard.press('Space');
    await tabTo(page, page.getByRole('button', { name: 'Review and promote to Playground' }));
    await page.keyboard.press('Enter');
    await page.getByText('1 new, 0 changed, 0 the same.').waitFor();
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Promote', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText(/^Promoted: 1 item/).waitFor();
    await eventually(() => stage().api('GET', 'empty/flags/banner')).toMatchObject({ isEnabled: false });
  });

  it('somebody is invited', async () => {
    const page = await stage().open('/settings');
    await tabTo(page, page.getByRole('button', { name: 'Invite a user' }));
    await page.keyboard.press('Enter');
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Bob');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('/welcome#').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('list', { name: 'Users' }).getByText('Bob').waitFor();
  });

  it('the audit log is filtered, and an entry opened', async () => {
    const page = await stage().open('/settings/audit');
    await tabTo(page, page.getByLabel('Kind'));
    await page.keyboard.type('environment');
    await eventually(() => new URL(page.url()).searchParams.get('kind')).toBe('environment');
    const more = page.getByRole('button', { name: /^More: / }).first();
    await tabTo(page, more);
    await page.keyboard.press('Enter');
    await page.locator('.entry-detail .changes').waitFor();
  });

  it('figures of another time are chosen', async () => {
    const secret = stage().center.environments[0]?.serverSecret ?? '';
    const variation = { id: 'on', value: 'true', reason: '' };
    const variations = [{ featureFlagKey: 'gift-cards', variation, sendToExperiment: false, timestamp: Date.now() }];
    const response = await fetch(`${stage().center.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: secret },
      body: JSON.stringify([{ user: { keyId: 'u' }, variations, metrics: [] }]),
    });
    expect(response.status).toBe(200);
    const page = await stage().open('/env/production/flags/gift-cards/insights');
    const days = page.getByRole('button', { name: '90 days' });
    await tabTo(page, days);
    await page.keyboard.press('Enter');
    await eventually(() => days.getAttribute('aria-pressed')).toBe('true');
  });

  it('a secret is shown beside the code that needs it', async () => {
    const page = await stage().open('/env/production/flags/gift-cards/code');
    await tabTo(page, page.getByRole('button', { name: 'Show the server secret' }));
    await page.keyboard.press('Enter');
    await page
      .getByText(stage().center.environments[0]?.serverSecret ?? 'none')
      .first()
      .waitFor();
  });
});
