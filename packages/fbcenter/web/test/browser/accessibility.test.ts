import { FBClient } from 'fbclient';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { holds } from '../support/demands.js';
import { eventually } from '../support/look.js';
import { addUser, manage } from '../support/people.js';
import { useStage } from '../support/stage.js';
import { lookAround, type View } from '../support/views.js';

/** The center's clock: the machine's, but for when the past is made up. */
let back = 0;
const clock = { now: () => Date.now() - back, precise: () => Date.now() - back };
const stage = useStage(40, { webhooksToPrivate: true }, { clock });
const press = (name: string) => async (page: Page) => page.getByRole('button', { name }).first().click();

/** A user to ask about, as the address has it. */
const ZOE = encodeURIComponent('{"key":"zoe","country":"NZ","app version":"3.9","agent":"phone"}');

const VIEWS: readonly View[] = [
  { name: 'sign-in', path: '/', ready: 'Password' },
  { name: 'sign-in-token', path: '/', ready: 'Password', act: press('Use an access token') },
  { name: 'flags', path: '/env/production/flags', ready: 'banner' },
  {
    name: 'flags-chosen',
    path: '/env/production/flags?q=cart',
    ready: 'cart-cache',
    act: async (page) => page.getByRole('checkbox').first().check(),
  },
  { name: 'flags-viewer', path: '/env/production/flags', ready: 'banner', isViewer: true },
  { name: 'flag-viewer', path: '/env/production/flags/new-checkout', ready: 'Staff first', isViewer: true },
  { name: 'segment-viewer', path: '/env/production/segments/staff', ready: 'Always in it', isViewer: true },
  { name: 'flags-none', path: '/env/production/flags?q=nowhere', ready: 'No flag matches' },
  { name: 'flags-empty', path: '/env/empty/flags', ready: 'Connect an application' },
  { name: 'new-flag', path: '/env/production/flags', ready: 'banner', act: press('New flag') },
  {
    name: 'switch',
    path: '/env/production/flags',
    ready: 'banner',
    act: async (page) => page.getByRole('switch').first().click(),
  },
  {
    name: 'find',
    path: '/env/production/flags',
    ready: 'banner',
    act: async (page) => page.keyboard.press('Control+k'),
  },
  { name: 'keys', path: '/env/production/flags', ready: 'banner', act: async (page) => page.keyboard.press('?') },
  { name: 'flag', path: '/env/production/flags/new-checkout', ready: 'Staff first' },
  {
    name: 'flag-rule',
    path: '/env/production/flags/new-checkout',
    ready: 'Staff first',
    act: async (page) => page.locator('[data-rule=oceania] .sentence').click(),
  },
  {
    name: 'flag-review',
    path: '/env/production/flags/new-checkout',
    ready: 'Staff first',
    act: async (page) => {
      await page.getByRole('slider').first().press('ArrowRight');
      await page.keyboard.press('Control+s');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'flag-guide',
    path: '/env/production/flags/banner',
    ready: 'No application has asked',
    act: async (page) => page.getByText('No application has asked').click(),
  },
  { name: 'flag-variations', path: '/env/production/flags/shop-theme/variations', ready: 'Used by' },
  {
    name: 'flag-json',
    path: '/env/production/flags/banner/variations',
    ready: 'Used by',
    act: async (page) => {
      await page.getByRole('button', { name: 'Edit the JSON of sale' }).click();
      await page.locator('.json-editor .cm-content').waitFor();
    },
  },
  { name: 'flag-insights', path: '/env/production/flags/new-checkout/insights', ready: 'evaluations in all' },
  { name: 'flag-insights-none', path: '/env/production/flags/banner/insights', ready: 'Nobody has asked' },
  { name: 'flag-why', path: `/env/production/flags/new-checkout/why?user=${ZOE}`, ready: 'bucket 0.' },
  { name: 'flag-why-nobody', path: '/env/production/flags/new-checkout/why', ready: 'Who asks?' },
  {
    name: 'flag-why-json',
    path: `/env/production/flags/new-checkout/why?user=${ZOE}`,
    ready: 'bucket 0.',
    act: press('As JSON'),
  },
  { name: 'why', path: `/env/production/why?user=${ZOE}`, ready: 'no rule matches' },
  { name: 'why-nobody', path: '/env/production/why', ready: 'Who asks?' },
  { name: 'flag-code', path: '/env/production/flags/new-checkout/code', ready: 'Server secret' },
  {
    name: 'flag-history',
    path: '/env/production/flags/shop-theme/history',
    ready: 'fbcenter',
  },
  { name: 'flag-missing', path: '/env/production/flags/nothing-here', ready: 'This flag is not in Production' },
  { name: 'segments', path: '/env/production/segments', ready: 'Early adopters' },
  { name: 'segment', path: '/env/production/segments/early-adopters', ready: 'Always in it' },
  { name: 'environments', path: '/environments', ready: 'Server secret' },
  { name: 'edit-environment', path: '/environments', ready: 'Server secret', act: press('Edit Staging') },
  { name: 'secrets', path: '/environments', ready: 'Server secret', act: press('Secrets of Staging') },
  {
    name: 'secret-revoke',
    path: '/environments',
    ready: 'Server secret',
    act: async (page) => {
      await press('Secrets of Production')(page);
      await page.getByLabel('Name of the new secret').fill('billing');
      await page.keyboard.press('Enter');
      await press('Revoke the server secret billing')(page);
    },
  },
  { name: 'import', path: '/environments', ready: 'Server secret', act: press('Import into Staging') },
  {
    name: 'import-faults',
    path: '/environments',
    ready: 'Server secret',
    act: async (page) => {
      await press('Import into Staging')(page);
      const file = { format: 'fbcenter-environment', formatVersion: 1, flags: [{ key: 'a' }], segments: [{ id: 'b' }] };
      const buffer = Buffer.from(JSON.stringify(file));
      await page.getByLabel('File').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer });
      await page.locator('.transfer .problem').first().waitFor();
    },
  },
  {
    name: 'environments-sdks',
    path: '/environments',
    ready: 'Which SDKs are connected',
    act: async (page) => {
      await page.getByText('Which SDKs are connected').click();
      await page.getByText('up to date').first().waitFor();
    },
  },
  { name: 'compare', path: '/environments/compare?from=staging&to=production', ready: 'What would change' },
  {
    name: 'promote',
    path: '/environments/compare?from=dev&to=production',
    ready: 'What would change',
    act: async (page) => {
      await page.getByRole('checkbox', { name: 'Choose all' }).check();
      await page.getByRole('button', { name: /^Review and promote/ }).click();
    },
  },
  { name: 'settings', path: '/settings', ready: 'Make an access token' },
  { name: 'invite', path: '/settings', ready: 'Make an access token', act: press('Invite a user') },
  { name: 'new-token', path: '/settings', ready: 'given by the settings', act: press('Make an access token') },
  { name: 'audit', path: '/settings/audit', ready: 'segment staff' },
  {
    name: 'audit-entry',
    path: '/settings/audit?kind=environment',
    ready: 'environment empty',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^More: / })
        .first()
        .click();
      await page.locator('.entry-detail .changes').waitFor();
    },
  },
  {
    name: 'webhooks',
    path: '/env/production/webhooks',
    ready: 'Chat of the team',
    act: async (page) => {
      await page.getByText('Recent messages').first().click();
      await page.getByText('nothing listens there').nth(1).waitFor();
    },
  },
  { name: 'webhooks-empty', path: '/env/empty/webhooks', ready: 'No webhook yet' },
  { name: 'webhooks-viewer', path: '/env/production/webhooks', ready: 'Only admins of an', isViewer: true },
  { name: 'new-webhook', path: '/env/production/webhooks', ready: 'Chat of the team', act: press('New webhook') },
  { name: 'flag-triggers', path: '/env/production/flags/new-checkout/triggers', ready: 'Error rate' },
  {
    name: 'new-trigger',
    path: '/env/production/flags/banner/triggers',
    ready: 'No trigger',
    act: press('New trigger'),
  },
  {
    name: 'trigger-address',
    path: '/env/production/flags/new-checkout/triggers',
    ready: 'Error rate',
    act: async (page) => {
      await press('Actions for Error rate')(page);
      await page.getByRole('menuitem', { name: 'New address' }).click();
      await press('Make a new address')(page);
      await page.getByText('/api/public/triggers/').first().waitFor();
    },
  },
  { name: 'welcome', path: '/welcome#nonsense', ready: 'This link has been used' },
  { name: 'nowhere', path: '/env/production/nowhere', ready: 'There is no page at this address' },
];

const PRODUCTION = '/environments/production';
let viewerToken = '';
beforeAll(async () => {
  const { center } = stage();
  await addUser(center, 'Ada Lovelace', { role: 'admin' });
  await manage(center, 'POST', '/users', { name: 'Grace', role: 'viewer', environments: { production: 'editor' } });
  const { token } = await manage(center, 'POST', '/tokens', { name: 'Dashboard on the wall', role: 'viewer' });
  viewerToken = String(token);
  // A trigger takes whatever is posted to it, and this one changes nothing: the flag is off.
  const stop = { name: 'Pipeline', action: 'off' };
  const { path } = await manage(center, 'POST', `${PRODUCTION}/flags/payments-kill-switch/triggers`, stop);
  for (const webhook of [
    { name: 'Chat of the team', url: 'http://127.0.0.1:9/hook' },
    { name: 'Deploy pipeline', url: center.url + path, events: ['flag.switch-on', 'flag.switch-off'] },
  ]) {
    const { id } = await manage(center, 'POST', `${PRODUCTION}/webhooks`, webhook);
    await manage(center, 'POST', `${PRODUCTION}/webhooks/${id}/test`);
  }
  const trigger = { name: 'Error rate', action: 'off' };
  await manage(center, 'POST', `${PRODUCTION}/flags/new-checkout/triggers`, trigger);
});

async function show(view: View): Promise<Page> {
  const page = await stage().open(view.path, {
    isSignedIn: !view.name.startsWith('sign-in'),
    ...(view.isViewer === true ? { token: viewerToken } : {}),
    expectedErrors: /404|410/,
  });
  await page.getByText(view.ready).first().waitFor();
  await view.act?.(page);
  return page;
}

const SERVED: readonly (readonly [flag: string, variations: readonly string[]])[] = [
  ['new-checkout', ['on', 'off', 'off']],
  ['shop-theme', ['light', 'dark', 'festive']],
  ['search-v2', ['off']],
  ['free-shipping-from', ['fifty']],
  ['cart-fast-path', ['on']],
  ['account-cache', ['on', 'off']],
];

function evaluationsOf(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    const [flag, variations] = SERVED[Math.floor((index * index) / 9) % SERVED.length] ?? ['', []];
    const id = variations[index % variations.length];
    const variation = { id, value: 'x', reason: '' };
    return {
      user: { keyId: `user-${index}` },
      variations: [{ featureFlagKey: flag, variation, sendToExperiment: false, timestamp: Date.now() }],
      metrics: [],
    };
  });
}

describe('every page', () => {
  let sdk: FBClient | undefined;
  beforeAll(async () => {
    const [{ serverSecret = '' } = {}] = stage().center.environments;
    const url = stage().center.url;
    const client = new FBClient({ envSecret: serverSecret, streamingUrl: url, eventUrl: url });
    await client.waitForInitialization();
    sdk = client;
  });
  afterAll(() => sdk?.close());

  it('has figures to show', async () => {
    const [{ serverSecret = '' } = {}] = stage().center.environments;
    const report = (events: readonly unknown[]) =>
      fetch(`${stage().center.url}/api/public/insight/track`, {
        method: 'POST',
        headers: { authorization: serverSecret },
        body: JSON.stringify(events),
      });
    // A week before, with more by day than by night.
    for (let hours = 160; hours >= 0; hours--) {
      back = hours * 3_600_000;
      const count = Math.round(80 + 45 * Math.sin((hours / 24) * 2 * Math.PI) + ((hours * 7) % 23));
      await report(evaluationsOf(count + 1));
    }
    const events = evaluationsOf(60);
    const response = await report(events);
    await eventually(async () => response.headers.get('x-insights-accepted')).toBe('60');
  });

  it.each(VIEWS)('gives axe nothing to find in light and dark, and fits a phone: $name', async (view) => {
    holds('axe', '0');
    await lookAround(await show(view), view);
  });
});
