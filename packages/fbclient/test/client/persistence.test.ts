import { describe, expect, it } from 'vitest';
import type { Persistence } from '../../src/sync/persistence.js';
import { fakeClient } from '../support/clients.js';
import { watchDigests } from '../support/digests.js';
import type { FakePlatform } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, updatedAt, wireFlag } from '../support/wire.js';

const ADA = { key: 'ada' };
const digested = watchDigests();

/** A snapshot that was saved so many milliseconds ago. */
function snapshot({ clock }: FakePlatform, age: number, flags: readonly unknown[]): string {
  const { messageType, data } = full(flags);
  return JSON.stringify({ messageType, currentAt: clock.now() - age, data });
}

/** A persistence whose load the test answers. */
function kept() {
  let answer: (text: string | undefined) => void = () => undefined;
  const saves: string[] = [];
  const loaded = new Promise<string | undefined>((resolve) => {
    answer = resolve;
  });
  const persistence: Persistence = {
    load: () => loaded,
    save: async (_environment, text) => {
      saves.push(text);
    },
  };
  return { persistence, saves, answer: (text: string | undefined) => answer(text) };
}

/** Lets what crypto does off the main thread come back as well. */
async function settle({ clock }: FakePlatform): Promise<void> {
  await digested();
  await clock.settle();
}

describe('a persisted environment', () => {
  it('serves as Stale, as old as it is, and waits tell that apart from being in sync', async () => {
    const store = kept();
    const { client, platform } = fakeClient({ persistence: store.persistence });
    const start = client.waitForInitialization(60_000);
    const inSync = client.updateStatusProvider.waitForOKState(60_000);
    expect(client.initialized).toBe(false);
    store.answer(snapshot(platform, 90_000, [wireFlag('flag', 'kept', { updatedAt: updatedAt(9) })]));
    await settle(platform);
    await expect(start).resolves.toBe('ready');
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: 'Stale', dataAge: 90_000 });
    expect(client.variation('flag', ADA, '')).toBe('kept');
    platform.net.socket.open();
    expect(JSON.parse(must(platform.net.socket.sent[0]))).toMatchObject({ data: { timestamp: 0 } });
    platform.net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    await expect(inSync).resolves.toBe(true);
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: 'Ready', dataAge: 0 });
    expect(client.variation('flag', ADA, '')).toBe('current');
  });

  it('that comes after the server’s answer is not used', async () => {
    const store = kept();
    const { client, platform } = fakeClient({ persistence: store.persistence });
    platform.net.socket.open();
    platform.net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    store.answer(snapshot(platform, 0, [wireFlag('flag', 'kept', { updatedAt: updatedAt(9) })]));
    await settle(platform);
    expect(client.status).toBe('Ready');
    expect(client.variation('flag', ADA, '')).toBe('current');
  });

  it.each([
    ['takes the place of an older bootstrap', 1, 2, 'kept'],
    ['takes the place of a bootstrap that is as new: its age is known', 2, 2, 'kept'],
    ['leaves a newer bootstrap in its place', 2, 1, 'bootstrap'],
  ])('%s', async (_name, ofBootstrap, ofKept, served) => {
    const store = kept();
    const bootstrap = full([wireFlag('flag', 'bootstrap', { updatedAt: updatedAt(ofBootstrap) })]);
    const { client, platform } = fakeClient({ persistence: store.persistence, bootstrap });
    expect(client.variation('flag', ADA, '')).toBe('bootstrap');
    store.answer(snapshot(platform, 1_000, [wireFlag('flag', 'kept', { updatedAt: updatedAt(ofKept) })]));
    await settle(platform);
    expect(client.variation('flag', ADA, '')).toBe(served);
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: 'Stale' });
    expect(client.updateStatusProvider.currentState.dataAge).toBe(served === 'kept' ? 1_000 : undefined);
  });

  it('is as old as the last answer to a request for data, when the client is closed; an answered ping is none', async () => {
    const store = kept();
    const { client, platform } = fakeClient({ persistence: store.persistence });
    const { clock, net } = platform;
    net.socket.open();
    net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    const before = clock.now();
    await clock.advance(15_000);
    net.socket.message(patch());
    await settle(platform);
    await clock.advance(15_000);
    net.socket.message({ messageType: 'pong', data: {} });
    net.socket.message(patch([wireFlag('other', 'pushed')]));
    await settle(platform);
    expect(client.diagnostics()).toMatchObject({ status: 'Ready', dataAge: 15_000 });
    await client.close();
    const saved = must(store.saves.at(-1));
    expect(JSON.parse(saved)).toMatchObject({ currentAt: before + 15_000 });
    // What was pushed is saved as well.
    expect(saved).toContain('pushed');
  });

  it('that hangs delays nothing, not even the end longer than it may', async () => {
    const persistence: Persistence = {
      load: () => new Promise(() => undefined),
      save: () => new Promise(() => undefined),
    };
    const { client, platform } = fakeClient({ persistence, closeTimeout: 1_000 });
    platform.net.socket.open();
    platform.net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    expect(client.variation('flag', ADA, '')).toBe('current');
    let closed = false;
    void client.close().then(() => {
      closed = true;
    });
    await settle(platform);
    expect(closed).toBe(false);
    await platform.clock.advance(1_000);
    expect(closed).toBe(true);
  });

  it('is written behind the commits, and at last by close()', async () => {
    const store = kept();
    const { client, platform } = fakeClient({ persistence: store.persistence });
    platform.net.socket.open();
    platform.net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    expect(store.saves).toEqual([]);
    await client.close();
    expect(store.saves.length).toBe(1);
    expect(JSON.parse(must(store.saves[0]))).toMatchObject({
      data: { eventType: 'full', featureFlags: [wireFlag('flag', 'current')] },
    });
  });

  it('that fails is told and changes nothing', async () => {
    const persistence: Persistence = {
      load: () => Promise.reject(new Error('MARKED')),
      save: () => Promise.reject(new Error('MARKED')),
    };
    const logger = new RecordingLogger();
    const { client, platform } = fakeClient({ persistence, logger });
    platform.net.socket.open();
    platform.net.socket.message(full([wireFlag('flag', 'current')]));
    await settle(platform);
    expect(client.status).toBe('Ready');
    await client.close();
    expect(logger.codes('error')).toEqual(['persistence-failed', 'persistence-failed']);
    expect(logger.text).not.toContain('MARKED');
  });
});
