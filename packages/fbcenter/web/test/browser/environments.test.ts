import { FBClient } from 'fbclient';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, textWhen, untilFocused, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage();

describe('environments', () => {
  it('are made by keys alone, and opened', async () => {
    const page = await stage().open('/environments');
    await page.getByRole('button', { name: 'New environment' }).click();
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Load test');
    await page.keyboard.press('Enter');
    await page.getByText('Load test was made.').waitFor();
    await page.getByRole('link', { name: 'Load test', exact: true }).click();
    await page.getByRole('heading', { name: 'Make a flag' }).waitFor();
    await eventually(() => new URL(page.url()).pathname).toBe('/env/load-test/flags');
  });

  it('hide their secrets until they are asked for, one at a time', async () => {
    const { serverSecret, clientSecret } = stage().center.environments[0] ?? {};
    const page = await stage().open('/environments');
    const card = page.locator('.card', { hasText: 'Production' });
    await card.getByRole('button', { name: 'Show the server secret' }).click();
    await card.getByText(serverSecret ?? '').waitFor();
    await card.getByRole('button', { name: 'Show the client secret' }).click();
    // One at a time: the second that is shown takes the place of the first.
    expect(await whenShown(card.getByText(clientSecret ?? ''), () => page.content())).not.toContain(serverSecret);
  });

  it('change a secret without a gap, by keys alone: a second one is made, used, and the first revoked', async () => {
    const { url, environments } = stage().center;
    const before = environments.find(({ key }) => key === 'staging')?.serverSecret ?? '';
    const statusWith = async (secret: string) =>
      (await fetch(`${url}/api/public/sdk/server/latest-all`, { headers: { authorization: secret } })).status;
    const page = await stage().open('/environments');
    await page.getByRole('button', { name: 'Secrets of Staging' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await untilFocused(dialog.getByLabel('Name of the new secret'));
    await page.keyboard.type('billing');
    await page.keyboard.press('Enter');
    const secret = await textWhen(dialog.locator('code'), /^\S{20,}$/);
    const client = new FBClient({ envSecret: secret, streamingUrl: url, eventUrl: url });
    onTestFinished(() => client.close());
    await client.waitForInitialization();
    await dialog.getByRole('listitem').filter({ hasText: 'billing' }).getByText('1 SDK connected').waitFor();
    // Both count until the first is revoked.
    await eventually(() => statusWith(before)).toBe(200);
    await dialog.getByRole('button', { name: /^Revoke the server secret (?!billing)/ }).press('Enter');
    await dialog.getByText('Whoever comes with it to Staging is refused from then on.').waitFor();
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).press('Enter');
    await page.getByText(/^The server secret .* of Staging is revoked/).waitFor();
    await eventually(() => statusWith(before)).toBe(401);
    await eventually(() => statusWith(secret)).toBe(200);
    const last = dialog.getByRole('button', { name: 'Revoke the server secret billing' });
    await eventually(() => last.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    const opener = page.getByRole('button', { name: 'Secrets of Staging' });
    expect(await whenShown(opener, () => page.content())).not.toContain(secret);
  });

  it('say of each difference what would become of it, and where the switch would go', async () => {
    await stage().api('POST', 'production/flags/search-v2/toggle', { isEnabled: false });
    const page = await stage().open('/environments/compare?from=dev&to=production');
    const row = page.getByRole('row').filter({ hasText: 'search-v2' });
    await row.getByText('switch: off → on').waitFor();
    await page.getByRole('checkbox', { name: 'Choose search-v2' }).check();
    await page.getByRole('button', { name: 'Review and promote to Production' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('only the switch differs: it stays off, nothing changes').waitFor();
    await dialog.getByRole('checkbox', { name: /^their switch too/ }).check();
    await eventually(() => dialog.locator('.changes').textContent()).toBe('switchoff→on');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await stage().api('POST', 'production/flags/search-v2/toggle', { isEnabled: true });
  });

  it('are compared, and chosen flags promoted with their segments; the switch stays as it is', async () => {
    const base = (await stage().api('GET', 'dev/flags/new-checkout')) as object;
    await stage().api('PUT', 'dev/segments/testers', { name: 'Testers', included: ['ada'] });
    await stage().api('PUT', 'dev/flags/only-here', {
      ...base,
      id: undefined,
      key: 'only-here',
      isEnabled: true,
      rules: [
        {
          conditions: [{ property: 'User is in segment', op: null, value: '["testers"]' }],
          variations: [{ id: 'on', rollout: [0, 1] }],
        },
      ],
    });
    await stage().api('PUT', 'dev/flags/new-checkout', { ...base, name: 'The checkout', isEnabled: true });
    await stage().api('POST', 'production/flags/new-checkout/toggle', { isEnabled: false });
    const page = await stage().open('/environments/compare?from=dev&to=production');
    await page.getByRole('checkbox', { name: 'Choose only-here' }).check();
    await page.getByRole('checkbox', { name: 'Choose new-checkout' }).check();
    await page.getByRole('button', { name: 'Review and promote to Production' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('the segments that they ask about: Testers').waitFor();
    await dialog.getByText('2 new, 1 changed, 1 the same.').waitFor();
    await dialog.getByLabel('Why (optional)').fill('Tested');
    await dialog.getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByText(/^Promoted: 3 items/).waitFor();
    const groups = async () => {
      const { items } = (await stage().api('GET', 'production/audit')) as {
        items: { group: string; comment: string }[];
      };
      return new Set(items.slice(0, 4).map(({ group, comment }) => `${comment} ${group}`)).size;
    };
    await eventually(groups).toBe(1);
    await eventually(() => stage().api('GET', 'production/segments/testers')).toMatchObject({ included: ['ada'] });
    await eventually(() => stage().api('GET', 'production/flags/only-here')).toMatchObject({ isEnabled: false });
    await eventually(() => stage().api('GET', 'production/flags/new-checkout')).toMatchObject({
      name: 'The checkout',
      isEnabled: false,
    });
    await eventually(() => page.getByRole('checkbox', { name: 'Choose only-here' }).count()).toBe(1);
  });
});

describe('segments', () => {
  it('that do not match are said to be none, with a way back to all', async () => {
    const page = await stage().open('/env/production/segments?q=nowhere');
    await page.getByRole('heading', { name: 'No segment matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('link', { name: 'Staff' }).waitFor();
  });

  it('are made, filled from a pasted list, and say who uses them', async () => {
    const page = await stage().open('/env/production/segments');
    await page.getByRole('table').waitFor();
    await page.keyboard.press('n');
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Big customers');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Big customers' }).waitFor();
    await page.getByText('No flag asks about it.').waitFor();
    await page.getByRole('button', { name: 'Edit Users who are always in it as a list' }).click();
    await page
      .getByRole('dialog')
      .getByRole('textbox')
      .fill(Array.from({ length: 200 }, (_, index) => `customer-${index % 150}`).join('\n'));
    await page.getByText('50 are repeated and count once.').waitFor();
    await page.getByRole('button', { name: 'Use 150 users' }).click();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await eventually(() => page.locator('.changes li').textContent()).toContain('150 users: added customer-0');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/^Saved: /).waitFor();
    await eventually(() => stage().api('GET', 'production/segments/big-customers')).toMatchObject({
      included: expect.objectContaining({ length: 150 }),
    });
  });

  it('lead to the flags that use them, and cannot be archived while one does', async () => {
    const page = await stage().open('/env/production/segments/staff');
    await eventually(() => page.getByRole('button', { name: 'Archive' }).isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'new-checkout' }).click();
    await page.getByRole('heading', { level: 1, name: 'new-checkout' }).waitFor();
  });
});
