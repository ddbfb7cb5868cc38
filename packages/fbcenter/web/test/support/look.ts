/**
 * How a test looks at a page. The page, its address and the server behind it reach a state at a time of their own, and a
 * single look right after a click sees what was there before. So a test waits for the state itself, never for a time:
 *
 * - what must come: `await eventually(() => rows.count()).toBe(3)`, or `locator.waitFor()`;
 * - what must not be there: `expect(await whenShown(landmark, () => page.content())).not.toContain(secret)`;
 * - what the test goes on with: `await textWhen(locator, /^fbc_/)`.
 *
 * `scripts/test/single-looks.test.ts` refuses every other way.
 */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** How long a state may take, in milliseconds. It is spent only by a test that fails. */
export const PATIENCE = 45_000;

/** Reads again until it is as expected. What must *not* be there has no place here: a look that comes too early would agree. */
export function eventually<T>(read: () => T): Omit<ReturnType<typeof expect.poll<T>>, 'not'> {
  return expect.poll(read, { timeout: PATIENCE, interval: 25 });
}

/** Reads once, as soon as the landmark shows that whatever could have come has come. */
export async function whenShown<T>(landmark: Locator, read: () => T): Promise<Awaited<T>> {
  await landmark.first().waitFor();
  return await read();
}

/** How many there are once the landmark is there. */
export const countWhen = (landmark: Locator, locator: Locator) => whenShown(landmark, () => locator.count());

/** The text of an element as soon as it matches. */
export async function textWhen(locator: Locator, pattern: RegExp): Promise<string> {
  let text = '';
  await eventually(async () => {
    text = (await locator.textContent()) ?? '';
    return text;
  }).toMatch(pattern);
  return text;
}

/** Waits until keys go where they are meant to go. */
export async function untilFocused(locator: Locator): Promise<void> {
  await eventually(() => locator.evaluate((element) => element === document.activeElement)).toBe(true);
}

/** Goes to something by the Tab key alone. */
export async function tabTo(page: Page, target: Locator, most = 80): Promise<void> {
  await target.waitFor();
  for (let press = 0; press < most; press++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${most} presses of Tab do not reach ${target}`);
}

/** Comes back to the page, which asks the server again then, until `shown` is there. */
export async function comeBackUntil(page: Page, shown: Locator): Promise<void> {
  await eventually(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    return shown.count();
  }).toBeGreaterThan(0);
}
