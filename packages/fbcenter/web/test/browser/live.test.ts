import { FBClient } from 'fbclient';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holds, spread } from '../support/demands.js';
import { countWhen, eventually, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage();

describe('what others change', () => {
  it('shows in an open list and on an open flag by itself', async () => {
    const list = await stage().open('/env/production/flags');
    const flag = await stage().open('/env/production/flags/gift-cards');
    await list.getByRole('switch', { name: 'gift-cards in production' }).waitFor();
    await flag.getByRole('switch').waitFor();
    await stage().api('POST', 'production/flags/gift-cards/toggle', { isEnabled: false });
    const state = (page: typeof list, name: string) => page.getByRole('switch', { name }).getAttribute('aria-checked');
    await eventually(() => state(list, 'gift-cards in production')).toBe('false');
    await eventually(() => state(flag, 'gift-cards in Production')).toBe('false');
  });

  it('does not disturb what is being edited: it is said, and looked at when one likes', async () => {
    const page = await stage().open('/env/production/flags/search-v2');
    await page.getByLabel('Share of on').fill('9');
    await page.getByLabel('Share of on').press('Enter');
    const flag = (await stage().api('GET', 'production/flags/search-v2')) as object;
    await stage().api('PUT', 'production/flags/search-v2', { ...flag, name: 'Renamed meanwhile' });
    const share = page.getByLabel('Share of on');
    const news = page.getByText('Somebody else has saved a change.');
    expect(await whenShown(news, () => share.inputValue())).toBe('9');
    await page.getByRole('button', { name: 'Look at both' }).click();
    await page.getByText('You changed different parts: both changes can stay.').waitFor();
    await page.getByRole('button', { name: 'Edit on' }).click();
    expect(await whenShown(page.getByText('Renamed meanwhile'), () => share.inputValue())).toBe('9');
    await page.getByRole('button', { name: 'Discard' }).click();
    await eventually(() => share.inputValue()).toBe('5');
    await page.getByRole('button', { name: 'Undo' }).click();
    await eventually(() => share.inputValue()).toBe('9');
  });

  it('makes a new flag and the evaluations of an application appear', async () => {
    const [{ serverSecret = '' } = {}] = stage().center.environments;
    const page = await stage().open('/env/production/flags?q=made-elsewhere');
    await page.getByRole('heading', { name: 'No flag matches' }).waitFor();
    const flag = (await stage().api('GET', 'production/flags/gift-cards')) as object;
    await stage().api('PUT', 'production/flags/made-elsewhere', { ...flag, id: undefined, key: 'made-elsewhere' });
    await page.getByRole('link', { name: 'made-elsewhere' }).click();
    await page.getByRole('link', { name: 'Insights' }).click();
    await page.getByText('Nobody has asked for this flag yet.').waitFor();
    const variation = {
      featureFlagKey: 'made-elsewhere',
      variation: { id: 'on', value: 'true', reason: '' },
      sendToExperiment: false,
      timestamp: Date.now(),
    };
    const evaluate = async () => {
      const response = await fetch(`${stage().center.url}/api/public/insight/track`, {
        method: 'POST',
        headers: { authorization: serverSecret },
        body: JSON.stringify([{ user: { keyId: 'u' }, variations: [variation], metrics: [] }]),
      });
      expect(response.status).toBe(200);
    };
    const shown = async (count: string) => {
      const begin = performance.now();
      await evaluate();
      await page.getByText(`${count} evaluations in all`).waitFor();
      return performance.now() - begin;
    };
    const times: number[] = [];
    for (const number of ['1', '2', '3', '4', '5']) times.push(await shown(number));
    const { text, most } = spread(times);
    holds('evaluation', text, most <= 1_000);
    await page.getByRole('rowheader', { name: 'on' }).waitFor();
    await page.getByRole('link', { name: 'Flags' }).first().click();
    const figure = page.getByRole('row').filter({ hasText: 'made-elsewhere' }).locator('.figure');
    await eventually(() => figure.textContent()).toBe('5');
    await evaluate();
    await eventually(() => figure.textContent()).toBe('6');
  });

  it('ticks the steps of a guide: in an environment without flags, and on a new flag', async () => {
    holds('guide');
    const { center } = stage();
    const connect = async (key: string) => {
      const envSecret = center.environments.find((environment) => environment.key === key)?.serverSecret ?? '';
      const client = new FBClient({ envSecret, streamingUrl: center.url, eventUrl: center.url });
      onTestFinished(() => client.close());
      await client.waitForInitialization();
      return client;
    };
    const empty = await stage().open('/env/empty/flags');
    await empty.getByRole('heading', { name: 'Connect an application' }).waitFor();
    await connect('empty');
    await empty.getByText('an SDK is connected').waitFor();

    const flag = (await stage().api('GET', 'production/flags/gift-cards')) as object;
    await stage().api('PUT', 'dev/flags/brand-new', { ...flag, id: undefined, key: 'brand-new', isEnabled: false });
    const page = await stage().open('/env/dev/flags/brand-new');
    await page.getByText('No application has asked for this flag yet').press('Enter');
    await page.getByText('"brand-new"').first().waitFor();
    expect(await countWhen(page.getByText('See it evaluated'), page.getByText('evaluations have arrived'))).toBe(0);
    const client = await connect('dev');
    await page.getByText('an SDK is connected').waitFor();
    await page.getByRole('switch').click();
    await page.getByRole('button', { name: 'Switch on in Development' }).click();
    await page.getByText('it is on', { exact: true }).waitFor();
    await eventually(() => client.boolVariation('brand-new', { key: 'ada' }, false)).toBe(true);
    client.flush();
    await page.getByText('evaluations have arrived').waitFor();
  });

  it('names keys that applications ask for and nobody has made, and makes one', async () => {
    holds('unknown');
    const [{ serverSecret = '' } = {}] = stage().center.environments;
    const response = await fetch(`${stage().center.url}/api/public/featureflag/evaluate`, {
      method: 'POST',
      headers: { authorization: serverSecret },
      body: JSON.stringify({ user: { keyId: 'u' }, filter: { keys: ['mispelt-key'] } }),
    });
    expect(response.status).toBe(200);
    const page = await stage().open('/env/production/flags');
    await page.getByText('Applications ask for a key that no flag has').click();
    await page.getByRole('button', { name: 'Make mispelt-key' }).click();
    const dialog = page.getByRole('dialog');
    await eventually(() => dialog.getByLabel('Key').inputValue()).toBe('mispelt-key');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: 'mispelt-key' }).waitFor();
    await page.getByRole('link', { name: 'Flags' }).first().click();
    await page.getByText('Applications ask for').waitFor({ state: 'detached' });
  });
});
