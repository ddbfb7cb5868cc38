import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { holds } from '../support/demands.js';
import { eventually, textWhen } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage(20, { rememberUsers: true });
const WHY = '/env/production/flags/new-checkout/why';
const sentence = (page: Page) => page.locator('.why-sentence');

describe('why a user gets what of a flag', () => {
  it('is asked by keys alone, and answered as one types: the sentence, each condition, the place in the rollout', async () => {
    holds('why');
    const page = await stage().open(WHY);
    await page.getByLabel('User key').focus();
    await page.keyboard.type('zoe');
    await sentence(page).getByText('because no rule matches.').waitFor();
    await page.locator('.why-step').nth(3).getByText('the user has none').first().waitFor();
    await page.getByRole('button', { name: 'Attribute', exact: true }).focus();
    await page.keyboard.press('Enter');
    // The first attribute that the flag asks about is there already.
    await eventually(() => page.getByLabel('Name of attribute 1').inputValue()).toBe('country');
    await page.getByLabel('Value of country').focus();
    await page.keyboard.type('NZ');
    await page.getByText('user has NZ').waitFor();
    const steps = page.locator('.why-step');
    await eventually(() => steps.nth(2).textContent()).toContain('Does not hold: Rule 1 Staff first');
    await eventually(() => steps.nth(3).textContent()).toContain('Holds: country is one of NZ, AU, FJ');
    await page
      .getByText(/the user’s place is \d+\.\d\d % \(bucket 0\.\d{6}\), in the interval of on from 0\.00 %/)
      .waitFor();
  });

  it('is a link: the question stands in the address, and the same question has the same answer', async () => {
    holds('same-answer');
    const page = await stage().open(WHY);
    await page.getByLabel('User key').fill('user-7');
    await sentence(page).waitFor();
    await eventually(() => page.url()).toContain('user=');
    const answer = await textWhen(page.locator('.why-answer'), /user-7/);
    const other = await stage().open(new URL(page.url()).pathname + new URL(page.url()).search);
    await sentence(other).waitFor();
    await eventually(() => other.locator('.why-answer').textContent()).toBe(answer);
    await eventually(() => other.getByLabel('User key').inputValue()).toBe('user-7');
  });

  it.each<[string, object, RegExp]>([
    ['a user by name', { key: 'ada' }, /gets on, because the user is listed by name/],
    ['a segment’s rule', { key: 'x', email: 'x@example.org' }, /gets on, because rule 1, Staff first, matches/],
    ['a rule', { key: 'x', agent: 'Some Bot 2' }, /gets off, because rule 3, Never for bots, matches/],
  ])('says that it was %s', async (_name, user, text) => {
    const page = await stage().open(`${WHY}?user=${encodeURIComponent(JSON.stringify(user))}`);
    await sentence(page).waitFor();
    await eventually(async () => (await sentence(page).textContent())?.replaceAll(/\s+/g, ' ')).toMatch(text);
  });

  it('takes the user as JSON, says what is wrong with it, and goes back to the form', async () => {
    holds('why');
    const page = await stage().open(WHY);
    await page.getByRole('button', { name: 'As JSON' }).click();
    const text = page.getByLabel('The user as JSON');
    await text.fill('{"country": "NZ"}');
    await page.getByText('The user needs a key').waitFor();
    await text.fill('{"key": "x", "email": "a@example.org", "visits": 3}');
    await sentence(page).getByText('rule 1').waitFor();
    await page.getByRole('button', { name: 'As a form' }).click();
    await eventually(() => page.getByLabel('Value of visits').inputValue()).toBe('3');
    await page.getByRole('button', { name: 'Remove email' }).click();
    await sentence(page).getByText('no rule matches').waitFor();
  });

  it('opens a segment with its own rules', async () => {
    const user = encodeURIComponent('{"key":"zoe","plan":"premium","visits":"5"}');
    const page = await stage().open(`/env/production/flags/shop-theme/why?user=${user}`);
    await page.getByText('not in it: no rule matches').click();
    await page.getByText('visits is at least 20').waitFor();
    await page.getByText('user has 5').waitFor();
  });

  it('follows what others save, and says so of what is not saved', async () => {
    const page = await stage().open(`/env/production/flags/gift-cards/why?user=${encodeURIComponent('{"key":"zoe"}')}`);
    await sentence(page).getByText('no rule matches').waitFor();
    await stage().api('POST', 'production/flags/gift-cards/toggle', { isEnabled: false });
    await sentence(page).getByText('the flag is off').waitFor();
    await page.getByRole('link', { name: 'Targeting' }).click();
    await page.getByLabel('While it is off, everybody gets').selectOption({ label: 'on' });
    await page.getByRole('link', { name: 'Why?' }).last().click();
    await page.getByLabel('User key').fill('zoe');
    await page.getByText('This is about the flag as it is saved').waitFor();
  });
});

describe('users seen lately', () => {
  it('are offered, and taken with their attributes', async () => {
    const [{ serverSecret = '' } = {}] = stage().center.environments;
    const customizedProperties = [{ name: 'country', value: 'NZ' }];
    await fetch(`${stage().center.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: serverSecret },
      body: JSON.stringify([{ user: { keyId: 'seen-1', name: 'Zoe', customizedProperties } }]),
    });
    const page = await stage().open(WHY);
    await page.getByLabel('A user seen lately').selectOption('seen-1');
    await sentence(page).getByText('seen-1').waitFor();
    await eventually(() => page.getByLabel('Value of country').inputValue()).toBe('NZ');
    await eventually(() => page.getByLabel('Value of name').inputValue()).toBe('Zoe');
  });
});

describe('what a user gets of all flags', () => {
  it('is a list that is searched, and leads to the same question about one flag', async () => {
    const page = await stage().open(`/env/production/why?user=${encodeURIComponent('{"key":"ada","country":"NZ"}')}`);
    await page.getByRole('status').getByText('28 flags').waitFor();
    await page.getByLabel('Search flags, values and reasons').fill('by name');
    await page.getByRole('status').getByText('1 flag').waitFor();
    await page.getByRole('link', { name: 'new-checkout' }).click();
    await sentence(page).getByText('by name').waitFor();
    await eventually(() => page.getByLabel('User key').inputValue()).toBe('ada');
  });

  it('asks who, when nobody is given', async () => {
    const page = await stage().open('/env/production/why');
    await page.getByRole('heading', { name: 'Who asks?' }).waitFor();
  });
});

describe('a flag of 100 rules and 1,000 users by name', () => {
  it('is explained within a few frames of each key', async () => {
    const flag = (await stage().api('GET', 'production/flags/new-checkout')) as { readonly rules: readonly object[] };
    await stage().api('PUT', 'production/flags/huge', {
      ...flag,
      id: undefined,
      key: 'huge',
      rules: Array.from({ length: 100 }, (_, index) => ({ ...flag.rules[index % 3], id: `r${index}` })),
      targetUsers: [{ variationId: 'on', keyIds: Array.from({ length: 1_000 }, (_, index) => `user-${index}`) }],
    });
    const page = await stage().open(`/env/production/flags/huge/why?user=${encodeURIComponent('{"key":"zoe"}')}`);
    await page.locator('.why-step').nth(102).waitFor();
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(window, { tasks });
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
    });
    await page.getByLabel('User key').focus();
    await page.keyboard.type('-and-more');
    await sentence(page).getByText('zoe-and-more').waitFor();
    const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks));
    console.log(`longest task while a user is typed beside 100 rules: ${Math.round(longest)} ms (Unleash 1,000)`);
  });
});
