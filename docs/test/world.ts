import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCenter } from 'fbcenter';
import { FBClient } from 'fbclient';
import { expect } from 'vitest';

/** What the blocks of our pages can use; see blocks.ts. */
export interface Given {
  /** Connected to a center of its own, and ready. */
  readonly client: FBClient;
  readonly user: { readonly key: string; readonly name: string; readonly country: string; readonly age: number };
  readonly $url: string;
  readonly $secret: string;
  readonly $folder: string;
}

const FLAGS = fileURLToPath(new URL('../../examples/flags.json', import.meta.url));
const closing: (() => void | Promise<void>)[] = [];

/** Starts a center in memory with the flags of the examples, and a client on it. */
export async function given(): Promise<Given> {
  const { featureFlags: flags, segments } = JSON.parse(readFileSync(FLAGS, 'utf8')).data;
  const center = await startCenter({ port: 0, environments: [{ key: 'dev', flags, segments }] });
  closing.push(() => center.close());
  const $url = center.url;
  const $secret = center.environments[0]?.serverSecret ?? '';
  const client = new FBClient({ envSecret: $secret, streamingUrl: $url, eventUrl: $url });
  closing.push(() => client.close());
  const $folder = mkdtempSync(join(tmpdir(), 'fbclient-docs-'));
  closing.push(() => rmSync($folder, { recursive: true }));
  copyFileSync(FLAGS, join($folder, 'flags.json'));
  expect(await client.waitForInitialization()).toBe('ready');
  return { client, user: { key: 'user-1', name: 'Ada', country: 'NZ', age: 36 }, $url, $secret, $folder };
}

/** Holds a page to what it says comes out. */
export function check(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected);
}

/** Ends everything that was given. */
export async function takeBack(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}
