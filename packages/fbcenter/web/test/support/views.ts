/** What holds for every page, whatever it is about: nothing for axe to find, no sideways scrolling, a picture to look at. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from './look.js';
import { PHONE } from './stage.js';

/** A page in a state that is worth looking at. */
export interface View {
  readonly name: string;
  readonly path: string;
  /** What is on the page when it is complete. */
  readonly ready: string;
  /** Seen by somebody who may change nothing. */
  readonly isViewer?: boolean;
  act?(page: Page): Promise<void>;
}

interface Axe {
  run(options: AxeOptions): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }[];
  }>;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Looks at a page in light, in dark and on a narrow screen: nothing for axe to find, nothing that is scrolled sideways, and a
 * picture of each. What the page says is the same in all three, so that it is opened once.
 */
export async function lookAround(page: Page, { name }: View): Promise<void> {
  await page.evaluate(axe);
  await eventually(() => accessibilityFaults(page)).toEqual([]);
  await picture(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  // Nothing but the colours is different.
  await eventually(() => accessibilityFaults(page, { runOnly: ['color-contrast', 'link-in-text-block'] })).toEqual([]);
  await picture(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(PHONE);
  await eventually(() => tooWide(page)).toEqual([]);
  await eventually(() => accessibilityFaults(page)).toEqual([]);
  await picture(page, `${name}-narrow`);
}

interface AxeOptions {
  readonly runOnly?: readonly string[];
}

/** What axe, which must be in the page, finds wrong with it, and where. */
function accessibilityFaults(page: Page, options: AxeOptions = {}): Promise<readonly string[]> {
  return page.evaluate(async (options) => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
  }, options);
}

/** What is wider than its place, so that something in it is cut or scrolled sideways. */
function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main, .page, .dialog-body')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ tagName, className, scrollWidth }) => `${tagName} ${className}: ${scrollWidth} pixels`),
  );
}

const pictures = process.env.PICTURES ?? fileURLToPath(new URL('../../dist/pictures', import.meta.url));
mkdirSync(pictures, { recursive: true });

/** Takes a picture of what is in sight, small enough to stand in the guide. */
async function picture(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  const content = Buffer.from(data, 'base64');
  writeFileSync(join(pictures, `${name}.webp`), content);
  expect(content.length).toBeLessThan(150_000);
}
