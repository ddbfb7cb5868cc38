import { describe, expect, it } from 'vitest';
import { isSignedBy, startReceiver } from '../../../test/support/receiver.js';
import { countWhen, eventually, tabTo, textWhen, untilFocused, whenShown } from '../support/look.js';
import { manage } from '../support/people.js';
import { useStage } from '../support/stage.js';

const stage = useStage(0, { webhooksToPrivate: true });

interface Made {
  readonly id: string;
  readonly secret: string;
}

const make = async (name: string, url: string, environment = 'production') =>
  (await stage().api('POST', `${environment}/webhooks`, { name, url })) as Made;

const switchFlag = (environment = 'production', isEnabled = true) =>
  stage().api('POST', `${environment}/flags/search-v2/toggle`, { isEnabled });

describe('webhooks', () => {
  it('are made by keys alone, with a secret that is shown once, and deliver what is signed by it', async () => {
    const receiver = await startReceiver();
    const page = await stage().open('/env/empty/webhooks', { expectedErrors: /400/ });
    await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await untilFocused(dialog.getByLabel('Name'));
    await page.keyboard.type('Chat');
    await tabTo(page, dialog.getByLabel('Address'));
    await page.keyboard.type('ftp://example.org');
    await page.keyboard.press('Enter');
    // What is wrong stands at the field that it is about.
    await dialog.getByText('Must begin with https:// or http://.').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(receiver.url);
    await page.keyboard.press('Enter');
    const secret = await textWhen(page.getByRole('dialog').locator('code'), /^whsec_/);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const card = page.getByRole('listitem').filter({ hasText: 'Chat' }).first();
    await card.getByText('everything about flags and segments').waitFor();
    expect(await whenShown(card, () => page.content())).not.toContain(secret);
    // The address may hold a credential: of it only the host is in the page.
    expect(await whenShown(card, () => page.content())).not.toContain('/hook?x=y');

    await page.getByRole('button', { name: 'Send a test to Chat' }).press('Enter');
    await page.getByText('Chat has taken the test message.').waitFor();
    await card.getByText('delivered, 204').waitFor();
    await eventually(() => receiver.received.map((sent) => isSignedBy(secret, sent))).toEqual([true]);
  });

  it('show what comes of messages while somebody looks, with the reason, and send again what was given up', async () => {
    const receiver = await startReceiver(410);
    await make('Pager', receiver.url);
    const page = await stage().open('/env/production/webhooks');
    const card = page.locator('.card', { hasText: 'Pager' });
    await card.getByText('Nothing was sent yet').waitFor();
    await card.getByText('Recent messages').click();
    await card.getByText('There is none yet').waitFor();
    await switchFlag('production', false);
    const list = card.getByRole('list', { name: 'Recent messages to Pager' });
    await list.getByText('given up').waitFor();
    await list.getByText('The receiver answered 410: it wants no message any more.').waitFor();
    await card.getByText('1 given up').waitFor();
    receiver.answer = 200;
    await list.getByRole('button', { name: 'Send again: flag.switch-off' }).click();
    await page.getByText('flag.switch-off is sent to Pager again.').waitFor();
    await list.getByText('delivered, 200').waitFor();
    await eventually(() => receiver.received.map(({ body }) => body.type)).toEqual([
      'flag.switch-off',
      'flag.switch-off',
    ]);
    await switchFlag();
  });

  it('say why a test was not taken', async () => {
    const receiver = await startReceiver(500);
    await make('Broken', receiver.url);
    const page = await stage().open('/env/production/webhooks');
    await page.getByRole('button', { name: 'Send a test to Broken' }).click();
    await page
      .getByText('Broken has not taken the test message: The receiver answered 500: only 2xx counts.')
      .waitFor();
  });

  it('are switched off and on, edited, given a new secret and removed, each after a question', async () => {
    const receiver = await startReceiver();
    const { secret: before } = await make('Audit', receiver.url, 'staging');
    const page = await stage().open('/env/staging/webhooks');
    const card = page.locator('.card', { hasText: 'Audit' });
    const dialog = page.getByRole('dialog');
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'More actions for Audit' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await card.getByRole('switch', { name: 'Send to Audit' }).click();
    await dialog.getByText('It is sent nothing while it is off').waitFor();
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Audit is off.').waitFor();
    await card.getByText('off', { exact: true }).waitFor();
    await card.getByRole('switch').click();
    await untilFocused(dialog.getByRole('button', { name: 'Switch on' }));
    await page.keyboard.press('Enter');
    await page.getByText('Audit is on.').waitFor();

    await card.getByRole('button', { name: 'Edit Audit' }).click();
    await eventually(() => dialog.getByLabel('Address').inputValue()).toBe(receiver.url);
    await dialog.getByRole('button', { name: 'Remove segment.*' }).click();
    await dialog.getByLabel('Add to Events').fill('flag');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('flag is no event: write flag.*').waitFor();
    await dialog.getByRole('button', { name: 'Remove flag', exact: true }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: Audit.').waitFor();
    await card.getByText('everything about flags', { exact: true }).waitFor();

    await act('New secret');
    await dialog.getByRole('button', { name: 'Make a new secret' }).click();
    const after = await textWhen(dialog.locator('code'), /^whsec_/);
    expect(after).not.toBe(before);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await whenShown(card, () => page.content())).not.toContain(after);
    await card.getByRole('button', { name: 'Send a test to Audit' }).click();
    await page.getByText('Audit has taken the test message.').waitFor();
    // For a day by both, so that the receiver can take over.
    await eventually(() =>
      receiver.received.map((sent) => [before, after].map((secret) => isSignedBy(secret, sent))),
    ).toEqual([[true, true]]);

    await act('Remove');
    await dialog.getByText('Nothing is sent to its address any more').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Audit is removed.').waitFor();
    await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
  });

  it('of a protected environment are changed by those who type its name', async () => {
    const receiver = await startReceiver();
    await stage().api('PUT', 'dev', { isProtected: true });
    await make('Guarded', receiver.url, 'dev');
    const page = await stage().open('/env/dev/webhooks');
    await page.getByRole('button', { name: 'More actions for Guarded' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await eventually(() => dialog.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await untilFocused(dialog.getByLabel('Development is protected: type its name'));
    await page.keyboard.type('development');
    await page.keyboard.press('Enter');
    await page.getByText('Guarded is removed.').waitFor();
    await stage().api('PUT', 'dev', { isProtected: false });
  });

  it('are found from the settings, the environments and everywhere else', async () => {
    const page = await stage().open('/settings');
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await page.getByRole('link', { name: 'Webhooks of Staging' }).click();
    await page.getByRole('heading', { level: 1, name: 'Webhooks of Staging' }).waitFor();
    await page.getByLabel('Environment').selectOption('empty');
    await page.getByRole('heading', { level: 1, name: 'Webhooks of Playground' }).waitFor();
    await pages.getByRole('link', { name: 'Environments' }).click();
    await page.getByRole('link', { name: 'Webhooks of Staging' }).click();
    await eventually(() => new URL(page.url()).pathname).toBe('/env/staging/webhooks');
    await pages.getByRole('link', { name: 'Settings' }).click();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('webhooks');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Webhooks of Staging' }).waitFor();
  });

  it('are not offered to those who may not see them, who are told why', async () => {
    const { token } = await manage(stage().center, 'POST', '/tokens', {
      name: 'Eve',
      role: 'viewer',
      environments: { dev: 'editor' },
    });
    const page = await stage().open('/env/dev/webhooks', { token: String(token) });
    const why = page.getByText('Only admins of an environment see its webhooks. Your role in Development is editor');
    expect(await countWhen(why, page.getByRole('button', { name: 'New webhook' }))).toBe(0);
    await page.goto(`${stage().center.url}/settings`);
    const none = page.getByText('you are admin of none');
    expect(await countWhen(none, page.getByRole('link', { name: /^Webhooks of/ }))).toBe(0);
  });
});
