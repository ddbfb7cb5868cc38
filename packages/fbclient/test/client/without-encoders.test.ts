import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
// Packages of others are loaded with what they need; ours are loaded once more below.
import '../../src/node-client.js';
import { FakePlatform } from '../support/fake-network.js';
import { full, longText, wireFlag } from '../support/wire.js';

const ENVIRONMENT = full([wireFlag('a')]);

describe('where there are neither TextEncoder nor TextDecoder, as in jsdom', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.stubGlobal('TextEncoder', undefined);
    vi.stubGlobal('TextDecoder', undefined);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    ['an object', ENVIRONMENT],
    ['a text', JSON.stringify(ENVIRONMENT)],
    ['a text so long that it would stay bytes', longText(ENVIRONMENT)],
  ])('flags are evaluated from %s', async (_, bootstrap) => {
    const { FBClient } = await import('../../src/node-client.js');
    const client = new FBClient({ offline: true, bootstrap }, new FakePlatform());
    expect(client.variation('a', { key: 'ada' }, '')).toBe('on');
  });

  it('flags are followed in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fbclient-'));
    const path = join(folder, 'flags.json');
    writeFileSync(path, JSON.stringify(ENVIRONMENT));
    const { FBClient } = await import('../../src/node-client.js');
    const { fileDataSource } = await import('../../src/node/file-source.js');
    const client = new FBClient({ dataSource: fileDataSource({ path }), disableEvents: true });
    expect(await client.waitForInitialization(10_000)).toBe('ready');
    expect(client.variation('a', { key: 'ada' }, '')).toBe('on');
    await client.close();
    rmSync(folder, { recursive: true });
  });

  it('what comes from a server is read as a text, however long it is', async () => {
    const { isLarge, LargeMessage } = await import('../../src/protocol/large-message.js');
    const text = longText(ENVIRONMENT);
    expect([isLarge(text), LargeMessage.of(text)]).toEqual([false, undefined]);
  });
});
