/** What holds for every page, whatever it is about: nothing for axe to find, no sideways scrolling, a picture to look at. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** A page in a state that is worth looking at. */
export interface View {
  readonly name: string;
  readonly path: string;
  /** What is on the page when it is complete. */
  readonly ready: string;
  /** What the view needs is not there on narrow screens. */
  readonly isWide?: boolean;
  /** Seen by somebody who may change nothing. */
  readonly isViewer?: boolean;
  act?(page: Page): Promise<void>;
}

interface Axe {
  run(): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }[];
  }>;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with a page, and where. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
  });
}

/** How wide the page and its main part would like to be, in pixels: more than the window is scrolled sideways. */
export function widthsOf(page: Page): Promise<readonly (number | undefined)[]> {
  return page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.querySelector('main')?.scrollWidth ?? document.documentElement.scrollWidth,
  ]);
}

const pictures = process.env.PICTURES ?? fileURLToPath(new URL('../../dist/pictures', import.meta.url));
mkdirSync(pictures, { recursive: true });

/** Takes a picture of what is in sight, small enough to stand in the guide. */
export async function picture(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  const content = Buffer.from(data, 'base64');
  writeFileSync(join(pictures, `${name}.webp`), content);
  expect(content.length).toBeLessThan(150_000);
}
