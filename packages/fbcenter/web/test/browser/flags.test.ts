import { describe, expect, it } from 'vitest';
import { holds } from '../support/demands.js';
import { eventually, textWhen, untilFocused, whenShown } from '../support/look.js';
import { useStage } from '../support/stage.js';

const stage = useStage(120);
const FLAGS = '/env/production/flags';

const isEnabled = async (key: string, environment = 'production') =>
  ((await stage().api('GET', `${environment}/flags/${key}`)) as { isEnabled: boolean }).isEnabled;

describe('the list of flags', () => {
  it('opens from the address alone, after the token was given', async () => {
    const page = await stage().open('/', { isSignedIn: false, expectedErrors: /401/ });
    await page.getByLabel('Access token').fill('not-the-token');
    await page.keyboard.press('Enter');
    await page.getByText('The server does not know this token').waitFor();
    await page.getByLabel('Access token').fill(stage().center.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Flags' }).waitFor();
    await eventually(() => new URL(page.url()).pathname).toMatch(/^\/env\/[a-z]+\/flags$/);
    expect(await whenShown(page.getByRole('grid'), () => page.url())).not.toContain(stage().center.adminToken);
  });

  it.each([
    { search: 'checkout new', finds: 'new-checkout', why: 'words in any order' },
    { search: 'FOUR STEPS', finds: 'new-checkout', why: 'the description, in any case' },
    { search: 'oceania', finds: undefined, why: 'nothing that is in no text of a flag' },
    { search: 'fj', finds: 'new-checkout', why: 'a value of a rule' },
    { search: 'tag:pricing is:on', finds: 'free-shipping-from', why: 'filters together' },
    { search: 'on:staging tag:marketing', finds: undefined, why: 'the state in another environment, where it is off' },
    { search: 'segment:early-adopters', finds: 'shop-theme', why: 'the segments that rules ask about' },
    { search: 'cart archived', finds: 'old-cart', why: 'archived flags only when asked' },
  ])('finds by $search: $why', async ({ search, finds }) => {
    const page = await stage().open(FLAGS);
    await page.getByRole('searchbox', { name: 'Search flags' }).fill(search);
    if (finds === undefined) await page.getByRole('heading', { name: 'No flag matches' }).waitFor();
    else await page.getByRole('link', { name: finds }).waitFor();
  });

  it('takes the search into the address, and Back brings search and place again', async () => {
    holds('search');
    const page = await stage().open(FLAGS);
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('cart');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const place = await textWhen(page.locator('[aria-rowindex="4"] [data-main]:focus'), /^cart-/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^cart-/ }).waitFor();
    await page.goBack();
    await eventually(() => page.getByRole('searchbox', { name: 'Search flags' }).inputValue()).toBe('cart');
    await eventually(() => new URL(page.url()).searchParams.get('q')).toBe('cart');
    await eventually(() => page.locator('[data-active] [data-main]').textContent()).toBe(place);
  });

  it('is left and found again by the link back: its search, its order and its place', async () => {
    holds('search');
    const page = await stage().open(`${FLAGS}?q=cart&sort=changed`);
    await page.getByRole('link', { name: 'cart-cache' }).click();
    await page.getByRole('heading', { level: 1, name: 'cart-cache' }).waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('main').getByRole('link', { name: 'Flags' }).click();
    await eventually(() => page.getByRole('searchbox', { name: 'Search flags' }).inputValue()).toBe('cart');
    await eventually(() => page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('changed');
    await eventually(() => page.locator('[data-active] [data-main] .key').textContent()).toBe('cart-cache');
  });

  it('says why nothing is found by the state in an environment that is not known', async () => {
    const page = await stage().open(`${FLAGS}?q=on:moon`);
    await page.getByText('Which flags are on in moon is not known').waitFor();
  });

  it('is one stop of the Tab key; arrows reach the 25th flag in 24 presses, and a scrolled list keeps its focus', async () => {
    holds('row-25', '24');
    const page = await stage().open(FLAGS);
    await page.locator('[data-active] [data-main]').focus();
    for (let press = 0; press < 24; press++) await page.keyboard.press('ArrowDown');
    const row = page.locator('[role=row]:focus-within');
    await eventually(() => row.getAttribute('aria-rowindex')).toBe('26');
    const rows = (await page.getByRole('grid').getAttribute('aria-rowcount')) ?? '';
    await page.keyboard.press('End');
    await eventually(() => row.getAttribute('aria-rowindex')).toBe(rows);
    await page.keyboard.press('Home');
    await eventually(() => row.getAttribute('aria-rowindex')).toBe('2');
    await page.keyboard.press('Tab');
    await eventually(() => row.count()).toBe(0);
  });

  it('asks before it switches: the flag, the environment, what users get now and then; undo takes it back', async () => {
    holds('confirm');
    const page = await stage().open(`${FLAGS}?q=gift`);
    await page.getByRole('switch', { name: 'gift-cards in production' }).click();
    const dialog = page.getByRole('dialog', { name: 'Switch gift-cards off?' });
    await eventually(() => dialog.textContent()).toContain('everybody gets on');
    await eventually(() => dialog.textContent()).toMatch(
      /Production.*Now.*everybody gets on.*Then.*everybody gets off/,
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const toggle = page.getByRole('switch', { name: 'gift-cards in production' });
    expect(await whenShown(toggle, () => isEnabled('gift-cards'))).toBe(true);
    await toggle.click();
    await page.getByRole('button', { name: 'Switch off in Production' }).click();
    await page.getByText('gift-cards is off in Production.').waitFor();
    await eventually(() => isEnabled('gift-cards')).toBe(false);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('gift-cards is on again in Production.').waitFor();
    await eventually(() => isEnabled('gift-cards')).toBe(true);
  });

  it('changes nothing but the switch', async () => {
    holds('switch-only');
    const before = await stage().api('GET', 'production/flags/price-tests');
    const page = await stage().open('/env/production/flags/price-tests');
    await page.getByRole('switch').click();
    await page.getByRole('button', { name: 'Switch on in Production' }).click();
    await page.getByText('price-tests is on in Production.').waitFor();
    await eventually(() => stage().api('GET', 'production/flags/price-tests')).toEqual({
      ...(before as object),
      isEnabled: true,
      updatedAt: expect.any(String),
    });
  });

  it.each(['/env/production/segments', '/environments', FLAGS])(
    'switches a flag with four presses and its letters from %s',
    async (path) => {
      holds('presses', '4');
      const key = 'search-v2';
      const before = await isEnabled(key);
      const page = await stage().open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await untilFocused(page.getByRole('combobox', { name: 'Find a flag, a segment or a page' }));
      await page.keyboard.type(key);
      await page.getByRole('option', { name: key }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: key }).waitFor();
      await page.getByRole('switch').waitFor();
      await page.keyboard.press('e');
      await page.getByRole('dialog').getByText('Then').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText(`${key} is ${before ? 'off' : 'on'} in `).waitFor();
      const environment = /\/env\/([^/]+)/.exec(page.url())?.[1];
      await eventually(() => isEnabled(key, environment)).toBe(!before);
      if (environment !== undefined)
        await stage().api('POST', `${environment}/flags/${key}/toggle`, { isEnabled: before });
    },
  );

  it.each([
    ['exper', 'Experiments'],
    ['why', 'Why?'],
    ['promote', 'Compare and promote'],
    ['audit log', 'Audit log'],
  ])('finds the page by %s', async (letters, title) => {
    const page = await stage().open('/env/empty/flags');
    await page.getByRole('heading', { name: 'Make a flag' }).waitFor();
    await page.keyboard.press('Control+k');
    await untilFocused(page.getByRole('combobox', { name: 'Find a flag, a segment or a page' }));
    await page.keyboard.type(letters);
    await page.getByRole('option', { name: title }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  });

  it('makes a flag from a shape by keys alone, switched off', async () => {
    const page = await stage().open(FLAGS);
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('n');
    await untilFocused(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('Größere Körbe');
    await eventually(() => page.getByLabel('Key', { exact: true }).inputValue()).toBe('gro-ere-korbe');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('bigger-baskets');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'bigger-baskets' }).waitFor();
    await eventually(() => stage().api('GET', 'production/flags/bigger-baskets')).toMatchObject({
      name: 'Größere Körbe',
      isEnabled: false,
      fallthrough: {
        variations: [
          { id: 'on', rollout: [0, 0.05] },
          { id: 'off', rollout: [0.05, 1] },
        ],
      },
    });
  });

  it('refuses a key that is taken, where it was typed', async () => {
    const page = await stage().open(FLAGS);
    await page.getByRole('button', { name: 'New flag' }).click();
    await page.getByLabel('Name').fill('new checkout');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('There is a flag new-checkout in production already.').first().waitFor();
  });

  it('changes many at once after one look at the list, and says what came of each', async () => {
    holds('many');
    const page = await stage().open(`${FLAGS}?q=delivery`, { expectedErrors: /412/ });
    await page.getByRole('grid').waitFor();
    await page.locator('[data-active] [data-main]').focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: /Choose all \d+ that match/ }).click();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByRole('dialog').getByLabel('Tag').fill('logistics');
    const listed = page.locator('.bulk-list .mono');
    await eventually(() => listed.count()).toBeGreaterThan(1);
    const keys = await whenShown(listed, () => listed.allTextContents());
    // Somebody else is quicker with one of them: the others are done all the same.
    const [first = ''] = keys;
    const { isEnabled } = (await stage().api('GET', `production/flags/${first}`)) as { isEnabled: boolean };
    await stage().api('POST', `production/flags/${first}/toggle`, { isEnabled: !isEnabled });
    await page.keyboard.press('Enter');
    await page
      .getByText(`${keys.length - 1} flag`, { exact: false })
      .and(page.getByRole('status'))
      .waitFor();
    const tagsOf = async (key: string) =>
      ((await stage().api('GET', `production/flags/${key}`)) as { readonly tags: readonly string[] }).tags;
    const tagged = async () => {
      const tags = await Promise.all(keys.map(tagsOf));
      return keys.filter((_, index) => tags[index]?.includes('logistics'));
    };
    await eventually(tagged).toEqual(keys.slice(1));
  });

  it('carries the chosen flags to the page that promotes them, all in one act', async () => {
    holds('many');
    const flag = (await stage().api('GET', 'production/flags/gift-cards')) as object;
    for (const key of ['carried-one', 'carried-two'])
      await stage().api('PUT', `production/flags/${key}`, { ...flag, id: undefined, key, name: key });
    const page = await stage().open(`${FLAGS}?q=carried`);
    await page.getByRole('checkbox', { name: 'Choose carried-one' }).check();
    await page.getByRole('button', { name: 'Choose all 2 that match' }).click();
    await page.getByRole('button', { name: 'Promote' }).click();
    await page.getByRole('combobox', { name: 'to', exact: true }).selectOption('dev');
    await page.getByText('2 flags chosen').waitFor();
    await page.getByRole('button', { name: 'Review and promote to Development' }).click();
    await page.getByText('2 new, 0 changed, 0 the same.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByText(/^Promoted: 2 items/).waitFor();
    // Off, as everything that is new somewhere.
    await eventually(() => isEnabled('carried-two', 'dev')).toBe(false);
    const groups = async () => {
      const { items } = (await stage().api('GET', 'dev/audit')) as {
        readonly items: readonly { readonly group: string }[];
      };
      return new Set(items.slice(0, 2).map(({ group }) => group)).size;
    };
    await eventually(groups).toBe(1);
  });

  it('keeps the same flag in sight when the environment changes', async () => {
    const page = await stage().open('/env/production/flags/shop-theme/variations');
    await page.getByLabel('Environment').selectOption('staging');
    await page.waitForURL('**/env/staging/flags/shop-theme/variations');
    await page.getByRole('heading', { level: 1, name: 'shop-theme' }).waitFor();
  });

  it('shows 12 rows and more at 1440 × 900; at 420 each row has its switch and 24 letters, and nothing scrolls sideways', async () => {
    holds('narrow');
    const page = await stage().open(FLAGS);
    await page.getByRole('grid').waitFor();
    const whole = () =>
      page
        .locator('.grid-body [role=row]')
        .evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
    await eventually(whole).toBeGreaterThanOrEqual(12);
    holds('rows', String(await whole()));
    await page.setViewportSize({ width: 420, height: 900 });
    await eventually(() =>
      page
        .locator('.grid-body [role=row]')
        .first()
        .evaluate((row) => row.clientHeight),
    ).toBeGreaterThan(50);
    const fit = () =>
      page.evaluate(() => {
        const key = document.querySelector('.cell-name .key');
        const name = document.querySelector('.cell-name');
        const measure = document.createElement('canvas').getContext('2d');
        if (key === null || name === null || measure === null) throw new Error('no row');
        measure.font = getComputedStyle(key).font;
        return {
          sideways: document.documentElement.scrollWidth > innerWidth,
          hasRoom: name.getBoundingClientRect().width > measure.measureText('m'.repeat(24)).width,
        };
      });
    await eventually(fit).toEqual({ sideways: false, hasRoom: true });
    await page.getByRole('switch').first().waitFor();
  });
});
