import { describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import { fakeClient } from '../support/clients.js';
import type { FakePlatform } from '../support/fake-network.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, updatedAt, wireFlag } from '../support/wire.js';

const ADA = { key: 'ada' };

interface World {
  readonly client: FBClient;
  readonly platform: FakePlatform;
}

async function live({ platform }: World): Promise<void> {
  platform.net.socket.open();
  platform.net.socket.message(full([wireFlag('flag')]));
  await platform.clock.settle();
}

/** Ways into every state that a client can be closed in. */
const STATES: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'before the connection': async () => undefined,
  'while data is expected': async ({ platform }) => platform.net.socket.open(),
  'when it is Ready': live,
  'while it waits to reconnect': async (world) => {
    await live(world);
    world.platform.net.socket.drop();
  },
  'when it was refused': async ({ platform }) => {
    platform.net.socket.open();
    platform.net.socket.drop(4003);
  },
  'with events that wait': async (world) => {
    await live(world);
    world.client.trackMetric(ADA, 'paid');
  },
  'with events under way, and a silent event server': async (world) => {
    await live(world);
    world.client.trackMetric(ADA, 'paid');
    world.client.flush();
  },
  'with events that wait for a retry': async (world) => {
    await live(world);
    world.client.trackMetric(ADA, 'paid');
    world.client.flush();
    world.platform.net.requests[0]?.respond(503, { retryAfter: '300' });
  },
  'while data is being decoded': async (world) => {
    await live(world);
    world.platform.clock.costOfReading = 8;
    world.platform.net.socket.message(full(Array.from({ length: 50 }, (_, index) => wireFlag(`flag ${index}`))));
  },
  'with listeners that are due': async (world) => {
    world.client.flagTracker.addFlagChangedListener(() => undefined);
    world.platform.net.socket.open();
    world.platform.net.socket.message(full([wireFlag('flag')]));
  },
};

describe.each(Object.entries(STATES))('closing %s', (_name, reach) => {
  it('ends in time, leaves nothing behind, and does so once', async () => {
    const logger = new RecordingLogger();
    const world = fakeClient({ closeTimeout: 2_000, logger });
    const { client, platform } = world;
    await reach(world);
    const waits = [client.waitForInitialization(60_000), client.updateStatusProvider.waitForOKState(60_000)];
    let closed = 0;
    const first = client.close();
    const second = client.close();
    expect(second).toBe(first);
    void first.then(() => {
      closed += 1;
    });
    expect(client.status).toBe('Closed');
    await platform.clock.advance(2_000);
    expect(closed).toBe(1);
    await expect(Promise.all(waits)).resolves.toEqual([expect.any(String), expect.any(Boolean)]);
    expect(platform.net.liveSockets).toEqual([]);
    expect(platform.net.openRequests).toEqual([]);
    expect(platform.clock.timers()).toBe(0);
    expect(platform.net.closed).toBe(true);
    expect(client.close()).toBe(first);
    const { sockets, requests } = platform.net;
    const before = [sockets.length, requests.length];
    client.trackMetric(ADA, 'paid');
    client.flush();
    await platform.clock.advance(86_400_000);
    expect([sockets.length, requests.length]).toEqual(before);
    expect(client.status).toBe('Closed');
  });
});

describe('closing', () => {
  it('makes one last attempt for the events', async () => {
    const world = fakeClient();
    await live(world);
    world.client.variation('flag', ADA, '');
    const closed = world.client.close();
    expect(world.platform.net.requests.length).toBe(1);
    world.platform.net.requests[0]?.respond(200);
    await closed;
    expect(world.client.diagnostics().events).toMatchObject({ sent: 1, queued: 0 });
  });

  it('leaves the data to be evaluated, single and bulk; the events of it are dropped and counted', async () => {
    const world = fakeClient();
    await live(world);
    await world.client.close();
    expect(world.client.variation('flag', ADA, '')).toBe('on');
    expect(world.client.getAllLatestFlagVariations(ADA).getVariation('flag', '')).toBe('on');
    expect(world.client.initialized).toBe(true);
    expect(world.client.diagnostics().events).toMatchObject({ accepted: 0, dropped: { closed: 2 } });
  });

  it('counts what is recorded afterwards', async () => {
    const { client } = fakeClient();
    await client.close();
    client.trackMetric(ADA, 'paid');
    expect(client.diagnostics().events?.dropped.closed).toBe(1);
  });

  it('commits nothing that comes later', async () => {
    const world = fakeClient();
    await live(world);
    const { socket } = world.platform.net;
    await world.client.close();
    socket.message(patch([wireFlag('flag', 'late', { updatedAt: updatedAt(9) })]));
    await world.platform.clock.settle();
    expect(world.client.variation('flag', ADA, '')).toBe('on');
  });

  it('tells the listeners of the status that it is Closed, and is over then', async () => {
    const { client } = fakeClient();
    const told: string[] = [];
    client.updateStatusProvider.addListener(({ status }) => told.push(status));
    await client.close();
    expect(told).toEqual(['Closed']);
  });

  it('calls no listener any more once it is over, not even those that were due', async () => {
    const world = fakeClient({ closeTimeout: 1_000, disableEvents: true });
    const { client, platform } = world;
    const told: string[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => told.push(flagKey));
    platform.net.socket.open();
    platform.net.socket.message(full(['a', 'b', 'c'].map((key) => wireFlag(key))));
    platform.clock.costOfReading = 8;
    platform.clock.busy = true;
    const closed = client.close();
    await platform.clock.advance(1_000);
    await closed;
    const before = [...told];
    expect(before.length).toBeLessThan(3);
    platform.clock.busy = false;
    await platform.clock.settle();
    expect(told).toEqual(before);
  });

  it('calls the logger no more once it is over, whatever fails then', async () => {
    const persistence = { load: async () => undefined, save: () => new Promise<void>(() => undefined) };
    const logger = new RecordingLogger();
    const world = fakeClient({ closeTimeout: 1_000, disableEvents: true, logger, persistence });
    const { client, platform } = world;
    await live(world);
    // A save that hangs, and would be told of after half a minute.
    await platform.clock.advance(1_000);
    const closed = client.close();
    await platform.clock.advance(1_000);
    await closed;
    const before = logger.entries.length;
    for (let time = 0; time < 7; time++) client.variation('no such flag', ADA, '');
    await platform.clock.advance(86_400_000);
    expect(logger.entries.slice(before)).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
  ])('goes on when a data source %s', async (_name, close) => {
    const dataSource = { start: () => undefined, close: close as () => void };
    const { client, platform } = fakeClient({ dataSource });
    client.trackMetric(ADA, 'paid');
    const closed = client.close();
    await platform.clock.settle();
    expect(platform.net.closed).toBe(false);
    platform.net.requests[0]?.respond(200);
    await closed;
    expect(client.diagnostics().events).toMatchObject({ sent: 1 });
  });

  it('does not wait for a data source that hangs longer than it may', async () => {
    const dataSource = { start: () => undefined, close: () => new Promise<void>(() => undefined) };
    const { client, platform } = fakeClient({ dataSource, closeTimeout: 1_000 });
    let closed = false;
    void client.close().then(() => {
      closed = true;
    });
    await platform.clock.advance(999);
    expect(closed).toBe(false);
    await platform.clock.advance(1);
    expect(closed).toBe(true);
  });
});
