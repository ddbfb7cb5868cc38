import { startCenter } from 'fbcenter';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIENT, startProvider } from '../../../test/support/oidc.js';
import { holds } from '../support/demands.js';
import { countWhen, eventually, textWhen, untilFocused, whenShown } from '../support/look.js';
import { addUser, manage, PASSWORD } from '../support/people.js';
import { useStage } from '../support/stage.js';

const NEXT = 'another horse, another battery';

/** Signs in by keys alone. */
async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await untilFocused(page.getByLabel('Name'));
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

const cookiesOf = (page: Page) => page.context().cookies();

describe('the first admin', () => {
  const stage = useStage();

  it('follows the printed link by keys alone, once; the address does not keep what it carries', async () => {
    const link = (await stage().center.firstAdminLink()) ?? '';
    const path = link.slice(stage().center.url.length);
    const page = await stage().open(path, { isSignedIn: false });
    await page.getByRole('heading', { name: 'Welcome to fbcenter' }).waitFor();
    await eventually(() => new URL(page.url()).hash).toBe('');
    await page.getByLabel('Name').focus();
    await page.keyboard.type('Ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Tab');
    await page.keyboard.type(`${PASSWORD}!`);
    await page.keyboard.press('Enter');
    await page.getByText('The two passwords differ.').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Flags' }).waitFor();
    await page.getByRole('link', { name: 'Signed in as Ada' }).waitFor();
    await eventually(() => cookiesOf(page)).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/' }]);
    await eventually(() => page.evaluate(() => [document.cookie, sessionStorage.length])).toEqual(['', 0]);

    const late = await stage().open(path, { isSignedIn: false, expectedErrors: /410/ });
    await late.getByText('This link has been used').waitFor();
  });
});

describe('signing in', () => {
  const stage = useStage();

  it('says that it was wrong, not what, and then opens the page that was asked for', async () => {
    await addUser(stage().center, 'ada', { role: 'editor' });
    const page = await stage().open('/environments', { isSignedIn: false, expectedErrors: /401/ });
    await signIn(page, 'ada', 'wrong wrong wrong');
    await page.getByText('The name or the password is wrong.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Environments' }).waitFor();
    // The cookie is enough in another tab, and after loading anew.
    const tab = await page.context().newPage();
    await tab.goto(`${stage().center.url}/settings`);
    await tab.getByText('as ada: Editor everywhere.').waitFor();
  });

  it('ends everywhere when one signs out, and asks again in place when the session has ended by itself', async () => {
    holds('ended');
    const page = await stage().open('/env/production/flags', { isSignedIn: false, expectedErrors: /401/ });
    await signIn(page, 'ada');
    await page.getByRole('link', { name: 'banner' }).waitFor();
    const { items } = (await manage(stage().center, 'GET', '/users')) as { items: { id: string; name: string }[] };
    const id = items.find(({ name }) => name === 'ada')?.id ?? '';
    await manage(stage().center, 'DELETE', `/users/${id}/sessions`);
    await page.getByText('You are signed out').first().waitFor();
    await page.getByRole('button', { name: 'Sign in' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('ada');
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('You are signed out').first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await eventually(() => cookiesOf(page)).toEqual([]);
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });

  it('works with an access token as well', async () => {
    const page = await stage().open('/', { isSignedIn: false });
    await page.getByRole('button', { name: 'Use an access token' }).click();
    await page.getByLabel('Access token').fill(stage().center.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Signed in as Access token of the settings' }).waitFor();
  });
});

describe('an identity provider', () => {
  const stage = useStage();

  it('signs in with one press, brings back the page that was asked for, and says why not', async () => {
    const provider = await startProvider();
    const center = await startCenter({
      port: 0,
      environments: [{ key: 'dev', name: 'Development' }],
      oidc: {
        issuer: provider.issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        label: 'Example ID',
        scope: 'openid profile groups',
        roles: [{ group: 'shop', role: 'editor' }],
      },
    });
    onTestFinished(() => center.close());
    provider.register(`${center.url}/api/v1/oidc/callback`, { returnTo: `${center.url}/` });
    const context = await stage().browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const press = () => page.getByRole('link', { name: 'Sign in with Example ID' }).press('Enter');

    provider.who = { sub: '1', preferred_username: 'eve', groups: ['others'] };
    await page.goto(`${center.url}/settings`);
    await press();
    await page.getByText('no group of yours has a role').waitFor();

    await context.clearCookies();
    provider.who = { sub: '2', preferred_username: 'ada', groups: ['shop'] };
    await page.goto(`${center.url}/settings`);
    await press();
    await page.getByText('as ada: Editor everywhere.').waitFor();
    await eventually(() => new URL(page.url()).pathname).toBe('/settings');
    const provided = page.getByText('as ada: Editor everywhere.');
    expect(await countWhen(provided, page.getByRole('button', { name: 'Change password' }))).toBe(0);
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${provider.issuer}/session/end**`);
  });
});

describe('a viewer', () => {
  const stage = useStage();

  it('looks at everything, is offered no change, and is told why', async () => {
    await addUser(stage().center, 'val', { role: 'viewer', environments: { dev: 'editor' } });
    const page = await stage().open('/env/production/flags', { isSignedIn: false });
    await signIn(page, 'val');
    const note = page.getByText('Your role in Production is viewer');
    await page.getByRole('link', { name: 'new-checkout' }).waitFor();
    expect(await countWhen(note, page.getByRole('button', { name: 'New flag' }))).toBe(0);
    await eventually(() => page.getByRole('switch').first().isDisabled()).toBe(true);
    await eventually(() => page.getByRole('checkbox').first().isDisabled()).toBe(true);
    await page.keyboard.press('n');
    await page.getByRole('link', { name: 'new-checkout' }).focus();
    await page.keyboard.press('e');
    // The keys that are pressed later have been taken: so have those before them.
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog');
    await palette.getByRole('combobox').waitFor();
    expect(await countWhen(palette, palette)).toBe(1);

    await page.goto(`${stage().center.url}/env/production/flags/new-checkout`);
    await page.getByText('Staff first').waitFor();
    await eventually(() => page.getByRole('switch').first().isDisabled()).toBe(true);
    expect(await countWhen(note, page.getByRole('button', { name: 'More actions' }))).toBe(0);
    await page.getByRole('slider').first().press('ArrowRight');
    expect(await countWhen(note, page.getByRole('button', { name: 'Review and save' }))).toBe(0);

    await page.goto(`${stage().center.url}/env/production/flags/new-checkout/code`);
    await eventually(() => page.getByRole('button', { name: 'Show the server secret' }).isDisabled()).toBe(true);
    await page.goto(`${stage().center.url}/env/production/segments/staff`);
    await note.waitFor();
    await page.goto(`${stage().center.url}/environments`);
    const cards = page.getByRole('link', { name: 'Production' });
    expect(await countWhen(cards, page.getByRole('button', { name: 'New environment' }))).toBe(0);
    expect(await countWhen(cards, page.getByRole('button', { name: /^Secrets of/ }))).toBe(0);
    await page.goto(`${stage().center.url}/settings`);
    const account = page.getByText('as val: Viewer everywhere, Editor in');
    expect(await countWhen(account, page.getByRole('heading', { name: 'Users' }))).toBe(0);

    // Where the role is greater, more is offered.
    await page.goto(`${stage().center.url}/env/dev/flags`);
    await page.getByRole('button', { name: 'New flag' }).waitFor();
    await eventually(() => page.getByRole('switch').first().isDisabled()).toBe(false);
  });

  it('of one environment sees no other', async () => {
    await addUser(stage().center, 'uma', { environments: { staging: 'viewer' } });
    const page = await stage().open('/', { isSignedIn: false });
    await signIn(page, 'uma');
    await page.getByText('Your role in Staging is viewer').first().waitFor();
    await eventually(() => new URL(page.url()).pathname).toBe('/env/staging/flags');
    await eventually(() => page.getByLabel('Environment').getByRole('option').allTextContents()).toEqual(['Staging']);
  });
});

describe('an editor of one environment', () => {
  const stage = useStage();

  it('does every job there: flags, segments, history, files; and none elsewhere', async () => {
    holds('one-environment');
    await addUser(stage().center, 'eve', { environments: { dev: 'editor' } });
    const page = await stage().open('/', { isSignedIn: false });
    await signIn(page, 'eve');
    await eventually(() => new URL(page.url()).pathname).toBe('/env/dev/flags');
    await page.getByRole('button', { name: 'New flag' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Eves flag');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'eves-flag' }).waitFor();
    await page.getByRole('switch').click();
    await page.getByRole('button', { name: 'Switch on in Development' }).click();
    await page.getByText('eves-flag is on in Development.').waitFor();
    await page.getByLabel('Everybody else: serve').selectOption('off');
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/^Saved: /).waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await page
      .getByRole('button', { name: /^Put back/ })
      .last()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
    await page.getByText(/^eves-flag is what it was/).waitFor();
    await page.getByRole('link', { name: 'Segments' }).click();
    await page.getByRole('button', { name: 'New segment' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Eves users');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Eves users' }).waitFor();
    await page.getByRole('link', { name: 'Why?' }).click();
    await page.getByLabel('User key').fill('zoe');
    await page.getByRole('link', { name: 'eves-flag' }).waitFor();
    await page.getByRole('link', { name: 'Environments' }).click();
    await page.getByRole('button', { name: 'Import into Development' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export Development' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('dev.flags.json');
    const card = page.getByRole('link', { name: 'Development' });
    expect(await countWhen(card, page.getByRole('link', { name: 'Production' }))).toBe(0);
  });
});

describe('settings', () => {
  const stage = useStage();

  it('invite somebody, whose link is shown once, and change, disable and remove them', async () => {
    await addUser(stage().center, 'ada', { role: 'admin' });
    const page = await stage().open('/settings', { isSignedIn: false });
    await signIn(page, 'ada');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Bob');
    await page.getByRole('dialog').getByRole('combobox', { name: 'Production' }).selectOption('editor');
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await textWhen(page.getByRole('dialog').locator('code'), /\/welcome#[\w-]{43}$/);
    await page.getByRole('button', { name: 'Done' }).click();
    const row = page.getByRole('list', { name: 'Users' }).getByRole('listitem').filter({ hasText: 'Bob' });
    await row.getByText('invited').waitFor();
    await eventually(() => row.textContent()).toContain('Viewer everywhere, Editor in Production');

    const other = await stage().open(link.slice(stage().center.url.length), {
      isSignedIn: false,
      expectedErrors: /401/,
    });
    await other.getByRole('heading', { name: 'Welcome, Bob' }).waitFor();
    await other.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await other.getByLabel('Password again').fill(PASSWORD);
    await other.keyboard.press('Enter');
    await other.getByRole('link', { name: 'Signed in as Bob' }).waitFor();

    const act = async (name: string) => {
      await row.getByRole('button', { name: 'Actions for Bob' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await act('Change role');
    await page.getByRole('dialog').getByRole('combobox', { name: 'Everywhere' }).selectOption('editor');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Bob is now: Editor everywhere').waitFor();
    await act('Disable');
    await page.getByText('Bob is disabled, and signed out everywhere.').waitFor();
    await other.reload();
    await other.getByLabel('Password').waitFor();
    await act('Remove');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Bob is removed').waitFor();
    await row.waitFor({ state: 'detached' });
  });

  it('make an access token that is shown once, works, and is revoked', async () => {
    holds('ended');
    const page = await stage().open('/settings');
    await page.getByRole('button', { name: 'Make an access token' }).click();
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Pipeline');
    await page.keyboard.press('Enter');
    const token = await textWhen(page.getByRole('dialog').locator('code'), /^fbc_/);
    const list = async () =>
      (await fetch(`${stage().center.url}/api/v1/environments`, { headers: { authorization: `Bearer ${token}` } }))
        .status;
    await eventually(() => list()).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const revoke = page.getByRole('button', { name: 'Revoke Pipeline' });
    expect(await whenShown(revoke, () => page.content())).not.toContain(token);
    await revoke.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Pipeline is revoked.').waitFor();
    await eventually(() => list()).toBe(401);
    await eventually(() => page.getByText('given by the settings').count()).toBe(1);
  });

  it('change the password, which ends the other sessions', async () => {
    await addUser(stage().center, 'cyd', { role: 'viewer' });
    const phone = await stage().open('/settings', { isSignedIn: false, expectedErrors: /401/ });
    await signIn(phone, 'cyd');
    await phone.getByRole('heading', { name: 'Settings' }).waitFor();
    const page = await stage().open('/settings', { isSignedIn: false, expectedErrors: /400/ });
    await signIn(page, 'cyd');
    await page.getByRole('list', { name: 'Your sessions' }).getByText('this one').waitFor();
    await eventually(() =>
      page.getByRole('list', { name: 'Your sessions' }).getByRole('listitem').count(),
    ).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Change password' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Current password').fill('wrong wrong wrong');
    await dialog.getByLabel('New password', { exact: true }).fill(NEXT);
    await dialog.getByLabel('New password again').fill(NEXT);
    await dialog.getByRole('button', { name: 'Change' }).click();
    await dialog.getByText('This is not your password.').waitFor();
    await dialog.getByLabel('Current password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Change' }).click();
    await page.getByText('Your password is changed').waitFor();
    await phone.reload();
    await phone.getByLabel('Password').waitFor();
  });
});
