import { describe, expect, it } from 'vitest';
import { countWhen, eventually, tabTo, textWhen, untilFocused, whenShown } from '../support/look.js';
import { manage } from '../support/people.js';
import { useStage } from '../support/stage.js';

const stage = useStage();

const post = async (address: string) => (await fetch(address, { method: 'POST' })).status;

/** Makes a trigger as somebody else would. @returns its address. */
async function make(flag: string, name: string, action: string, environment = 'production'): Promise<string> {
  const made = (await stage().api('POST', `${environment}/flags/${flag}/triggers`, { name, action })) as {
    readonly path: string;
  };
  return stage().center.url + made.path;
}

describe('the triggers of a flag', () => {
  it('are made by keys alone; the address is shown once, switches the flag, and its uses are seen at once', async () => {
    await stage().api('POST', 'production/flags/gift-cards/toggle', { isEnabled: true });
    const page = await stage().open('/env/production/flags/gift-cards/triggers', { expectedErrors: /400/ });
    await page.getByRole('heading', { name: 'No trigger yet' }).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'New trigger' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await untilFocused(dialog.getByLabel('Name'));
    await page.keyboard.press('Enter');
    await dialog.getByText('Must not be blank.').waitFor();
    await page.keyboard.type('Error rate');
    await eventually(() => dialog.getByRole('radio', { name: 'Switch the flag off' }).isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    const address = await textWhen(dialog.locator('code').first(), /\/api\/public\/triggers\/fbt_/);
    await eventually(() => dialog.locator('code').last().textContent()).toBe(`curl -X POST '${address}'`);
    await dialog.getByRole('button', { name: 'Done' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('list', { name: 'Triggers' }).getByRole('listitem');
    await row.getByText('switches the flag off').waitFor();
    await row.getByText('never used').waitFor();
    expect(await whenShown(row, () => page.content())).not.toContain(address);

    await eventually(() => post(address)).toBe(200);
    await row.getByText('used once').waitFor();
    await eventually(() =>
      page.getByRole('switch', { name: 'gift-cards in Production' }).getAttribute('aria-checked'),
    ).toBe('false');
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByText('Error rate').first().waitFor();
  });

  it('are renamed, switched off and on, given a new address and removed, each after a question', async () => {
    const first = await make('banner', 'Dashboard', 'toggle');
    const page = await stage().open('/env/production/flags/banner/triggers');
    const row = page.getByRole('list', { name: 'Triggers' }).getByRole('listitem');
    const dialog = page.getByRole('dialog');
    const act = async (name: string, action: string) => {
      await page.getByRole('button', { name: `Actions for ${name}` }).click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    await act('Dashboard', 'Rename');
    await dialog.getByLabel('Name').fill('Wall');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: Wall.').waitFor();

    await row.getByRole('switch', { name: 'Trigger Wall' }).click();
    await dialog.getByText('answered as if there were none').waitFor();
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('The trigger Wall is off.').waitFor();
    await eventually(() => post(first)).toBe(404);
    await row.getByRole('switch').click();
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('The trigger Wall is on.').waitFor();
    await eventually(() => post(first)).toBe(200);

    await act('Wall', 'New address');
    await dialog.getByRole('button', { name: 'Make a new address' }).click();
    const second = await textWhen(dialog.locator('code').first(), /\/api\/public\/triggers\/fbt_/);
    await eventually(async () => [await post(first), await post(second)]).toEqual([404, 200]);
    await dialog.getByRole('button', { name: 'Done' }).click();

    await act('Wall', 'Remove');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The trigger Wall is removed.').waitFor();
    await page.getByRole('heading', { name: 'No trigger yet' }).waitFor();
    await eventually(() => post(second)).toBe(404);
  });

  it('that somebody else makes appear without a reload', async () => {
    const page = await stage().open('/env/production/flags/new-checkout/triggers');
    await page.getByRole('heading', { name: 'No trigger yet' }).waitFor();
    await make('new-checkout', 'Theirs', 'on');
    await page.getByRole('list', { name: 'Triggers' }).getByText('Theirs').waitFor();
  });

  it('are seen by editors and made by admins; others see neither, and are told why', async () => {
    await make('search-v2', 'Alert', 'off', 'dev');
    const tokenOf = async (role: string) => {
      const made = await manage(stage().center, 'POST', '/tokens', { name: role, environments: { dev: role } });
      return String(made.token);
    };
    const editors = await stage().open('/env/dev/flags/search-v2/triggers', { token: await tokenOf('editor') });
    const note = editors.getByText('Admins make, switch and remove triggers. Your role in Development is editor');
    await editors.getByRole('list', { name: 'Triggers' }).getByText('Alert').waitFor();
    expect(await countWhen(note, editors.getByRole('button', { name: 'New trigger' }))).toBe(0);
    expect(await countWhen(note, editors.getByRole('button', { name: 'Actions for Alert' }))).toBe(0);
    const viewers = await stage().open('/env/dev/flags/search-v2/triggers', { token: await tokenOf('viewer') });
    const why = viewers.getByText(
      'Only those who may change the flag see its triggers. Your role in Development is viewer',
    );
    expect(await countWhen(why, viewers.getByText('Alert'))).toBe(0);
  });
});
