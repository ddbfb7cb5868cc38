import { beforeAll, describe, expect, it } from 'vitest';
import { holds } from '../support/demands.js';
import { eventually, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';
import { lookAround, type View } from '../support/views.js';

const stage = useStage();

const FLAG = {
  name: 'The label of the button',
  variationType: 'string',
  variations: [
    { id: 'plain', value: 'Buy' },
    { id: 'friendly', value: 'Take me home' },
  ],
  isEnabled: true,
  disabledVariationId: 'plain',
  fallthrough: {
    variations: [
      { id: 'plain', rollout: [0, 0.5] },
      { id: 'friendly', rollout: [0.5, 1] },
    ],
  },
};

const secret = () => stage().center.environments.find(({ key }) => key === 'production')?.serverSecret ?? '';

/** So many users of a variation, of whom the first ones buy. */
async function track(prefix: string, variation: string, users: number, buying: number): Promise<void> {
  const timestamp = Date.now();
  const items = Array.from({ length: users }, (_, index) => [
    {
      user: { keyId: `${prefix}-${index}` },
      variations: [{ featureFlagKey: 'button', variation: { id: variation }, timestamp, sendToExperiment: true }],
    },
    ...(index < buying
      ? [{ user: { keyId: `${prefix}-${index}` }, metrics: [{ eventName: 'purchase', numericValue: 20, timestamp }] }]
      : []),
  ]).flat();
  const response = await fetch(`${stage().center.url}/api/public/insight/track`, {
    method: 'POST',
    headers: { authorization: secret() },
    body: JSON.stringify(items),
  });
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  const { api } = stage();
  await api('PUT', 'production/flags/button', FLAG);
  await api('PUT', 'production/metrics/purchases', { type: 'conversion', event: 'purchase', name: 'Purchases' });
  await api('PUT', 'production/metrics/revenue', { type: 'sum', event: 'purchase', name: 'Revenue', cap: 500 });
  await api('PUT', 'production/metrics/errors', {
    type: 'conversion',
    event: 'error',
    name: 'Errors',
    lowerIsBetter: true,
  });
  const metrics = [
    { key: 'purchases', plannedEffect: 0.1 },
    { key: 'errors', role: 'guardrail', margin: 0.02 },
    { key: 'revenue' },
  ];
  const settings = {
    name: 'A friendlier button',
    hypothesis: 'It says what happens next.',
    flagKey: 'button',
    metrics,
  };
  for (const key of ['running', 'live', 'draft'])
    await api('PUT', `production/experiments/${key}`, { ...settings, name: `A friendlier button, ${key}` });
  await api('POST', 'production/experiments/running/start', { adjustFlag: true });
  await track('c', 'plain', 900, 90);
  await track('t', 'friendly', 900, 160);
});

const LIST = '/env/production/experiments';

const VIEWS: readonly View[] = [
  { name: 'experiments', path: LIST, ready: 'A friendlier button, running' },
  { name: 'experiments-empty', path: '/env/empty/experiments', ready: 'No experiment yet' },
  { name: 'experiment', path: `${LIST}/running`, ready: 'Who is counted' },
  { name: 'experiment-draft', path: `${LIST}/draft`, ready: 'Not started yet' },
  {
    name: 'experiment-decide',
    path: `${LIST}/running`,
    ready: 'Who is counted',
    act: async (page) => page.getByRole('button', { name: 'Decide' }).click(),
  },
  { name: 'experiment-new', path: '/env/production/new-experiment', ready: 'What do you believe' },
  {
    name: 'experiment-metric',
    path: `${LIST}/draft/setup`,
    ready: 'What do you believe',
    act: async (page) => {
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Define a metric' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'experiment-size',
    path: `${LIST}/draft/setup`,
    ready: 'What do you believe',
    act: async (page) => {
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('What would be needed?').waitFor();
    },
  },
];

describe('the pages of experiments', () => {
  it.each(VIEWS)('give axe nothing to find in light and dark, and fit a phone: $name', async (view) => {
    holds('axe', '0');
    const page = await stage().open(view.path);
    await page.getByText(view.ready).first().waitFor();
    await view.act?.(page);
    await lookAround(page, view);
  });
});

describe('the results of an experiment on the page', () => {
  it('say the verdict in a sentence, draw the intervals, and say them in words too', async () => {
    const page = await stage().open(`${LIST}/running`);
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText('is better in Purchases').waitFor();
    await page.getByRole('img', { name: /^Purchases, Take me home: between \+\d/ }).waitFor();
    await page.getByText('The users are split as planned').waitFor();
    await page.getByText('How is this computed?').click();
    await page.getByText('you may look as often as you like').waitFor();
  });

  it('change while somebody looks, without a load', async () => {
    const page = await stage().open(`${LIST}/running`);
    const users = page.getByRole('region', { name: 'Users' });
    await users.getByText('1,800').waitFor();
    await page.evaluate(() => {
      (window as unknown as { stays: boolean }).stays = true;
    });
    await track('more', 'plain', 5, 0);
    const stays = () => page.evaluate(() => (window as unknown as { stays?: boolean }).stays);
    expect(await whenShown(users.getByText('1,805'), stays)).toBe(true);
  });
});

describe('setting an experiment up', () => {
  it('takes four steps, says what is missing, and starts, by the keyboard alone', async () => {
    const page = await stage().open('/env/production/experiments');
    await page.getByText('A friendlier button, running').waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Name').focus();
    await page.keyboard.type('Second try');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Choose a flag').waitFor();
    await eventually(() => page.getByLabel('Key').inputValue()).toBe('second-try');
    await page.getByRole('combobox', { name: /^Flag/ }).selectOption('button');
    await page.getByRole('checkbox', { name: 'Take me home' }).waitFor();
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await page.getByText('One goal is best').waitFor();
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await page.getByRole('alert').getByText('Choose a metric as the goal').waitFor();
    await page.getByLabel('Add a metric').selectOption('purchases');
    await page.getByLabel('Effect that matters in %').focus();
    await page.keyboard.type('20');
    await page.keyboard.press('Enter');
    await page.getByText('What would be needed?').waitFor();
    await page.getByRole('button', { name: 'Plan for that' }).press('Enter');
    await page.getByRole('button', { name: 'Save and check' }).press('Enter');
    await page.getByText('serves the compared variations by chance').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).press('Enter');
    await page.getByText('Nobody has been exposed yet').waitFor();
    const made = () =>
      stage().api('GET', 'production/experiments/second-try') as Promise<{ readonly plannedUsers: number }>;
    await eventually(made).toMatchObject({
      state: 'running',
      flagKey: 'button',
      control: 'plain',
      treatments: ['friendly'],
      metrics: [{ key: 'purchases', role: 'goal', plannedEffect: 0.2 }],
    });
    await eventually(async () => (await made()).plannedUsers).toBeGreaterThan(10_000);
  });

  it('defines a ratio, and says what is missing of it', async () => {
    const page = await stage().open(`${LIST}/draft/setup`);
    await page.getByText('What do you believe').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Define a metric' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Order value');
    await dialog.getByLabel('Event', { exact: true }).fill('purchase');
    await dialog.getByLabel('What of it').selectOption('ratio');
    await dialog.getByRole('button', { name: 'Define' }).click();
    await dialog.getByText('Say which events it is divided by.').waitFor();
    await dialog.getByLabel('Event that it is divided by').fill('purchase');
    await dialog.getByRole('button', { name: 'Define' }).click();
    await page.getByText('Order value').first().waitFor();
    const made = () => stage().api('GET', 'production/metrics') as Promise<{ readonly items: readonly object[] }>;
    await eventually(async () => (await made()).items).toContainEqual(
      expect.objectContaining({
        ...{ key: 'order-value', type: 'ratio', event: 'purchase', aggregation: 'sum' },
        denominator: { event: 'purchase', aggregation: 'count' },
      }),
    );
  });

  it('ends with a decision that changes the flag', async () => {
    const page = await stage().open(`${LIST}/second-try`);
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByRole('button', { name: 'Roll it out' }).click();
    await page.getByText('“Take me home” was rolled out').first().waitFor();
    await eventually(() => stage().api('GET', 'production/flags/button')).toMatchObject({
      fallthrough: { variations: [{ id: 'friendly', rollout: [0, 1] }] },
    });
  });
});
