import { describe, expect, it } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { DataSink, DataSource } from '../../src/sync/data-source.js';
import { fakeClient } from '../support/clients.js';
import { FakePlatform } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, updatedAt, versionOf, wireFlag } from '../support/wire.js';

const ADA = { key: 'ada' };

function circular(): object {
  const entity: object & { self?: unknown } = { ...wireFlag('bad') };
  entity.self = entity;
  return entity;
}

/** A source of the application's, in the hands of a test. */
class OwnSource implements DataSource {
  sink: DataSink | undefined;
  closed = 0;

  start(sink: DataSink): void {
    this.sink = sink;
  }

  close(): void {
    this.closed += 1;
  }
}

function start(source: DataSource, logger = new RecordingLogger()) {
  const platform = new FakePlatform();
  const client = new FBClient({ dataSource: source, disableEvents: true, logger }, platform);
  return { client, platform, logger };
}

describe('a data source of the application’s', () => {
  it('feeds the client, and the client opens nothing of its own', async () => {
    const source = new OwnSource();
    const { client, platform } = start(source);
    const sink = must(source.sink);
    expect([client.status, sink.cursor]).toEqual(['NotReady', 0]);
    await expect(sink.accept(full([wireFlag('flag', 'one')]))).resolves.toBe(true);
    expect([client.status, sink.cursor]).toEqual(['Ready', versionOf(1)]);
    await sink.accept(JSON.stringify(patch([wireFlag('flag', 'two', { updatedAt: updatedAt(2) })])));
    expect(client.variation('flag', ADA, '')).toBe('two');
    expect(platform.net.sockets).toEqual([]);
    await client.close();
    expect(source.closed).toBe(1);
  });

  it('moves the status', async () => {
    const source = new OwnSource();
    const { client } = start(source);
    const sink = must(source.sink);
    sink.interrupted({ code: 'source-failed', message: 'the disk is away' });
    expect(client.updateStatusProvider.currentState).toMatchObject({
      status: 'NotReady',
      error: { code: 'source-failed' },
    });
    sink.confirm();
    expect(client.status).toBe('Ready');
    sink.interrupted({ code: 'source-failed', message: 'the disk is away' });
    expect(client.status).toBe('Stale');
    expect(client.diagnostics().interruptions).toBe(2);
    sink.failed({ code: 'rejected', message: 'no' });
    expect(client.status).toBe('Closed');
    sink.interrupted({ code: 'source-failed', message: 'still not' });
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: 'Closed', error: { code: 'rejected' } });
    await expect(sink.accept(full())).resolves.toBe(true);
    expect(client.status).toBe('Ready');
  });

  it('may change or break what it handed over: that is its own', async () => {
    const source = new OwnSource();
    const { client, platform } = start(source);
    platform.clock.costOfReading = 8;
    const flags = [wireFlag('a', 'one'), wireFlag('b', 'one')] as { variations: unknown }[];
    const accepted = must(source.sink).accept(full(flags));
    for (const flag of flags) flag.variations = null;
    await platform.clock.settle();
    await expect(accepted).resolves.toBe(true);
    expect([client.variation('a', ADA, ''), client.variation('b', ADA, '')]).toEqual(['one', 'one']);
  });

  it.each<[string, unknown]>([
    [
      'a getter that throws',
      {
        ...wireFlag('bad'),
        get rules(): unknown {
          throw new Error('MARKED');
        },
      },
    ],
    ['a circle', circular()],
    ['a bigint', { ...wireFlag('bad'), createdAt: 1n }],
  ])('may hand over an entity with %s: the others are taken in, and nothing throws', async (_name, entity) => {
    const source = new OwnSource();
    const { client, platform } = start(source);
    platform.clock.costOfReading = 8;
    const accepted = must(source.sink).accept(full([wireFlag('a'), entity, wireFlag('c')]));
    await platform.clock.settle();
    await expect(accepted).resolves.toBe(true);
    expect([client.isFlagKnown('a'), client.isFlagKnown('c')]).toEqual([true, true]);
  });

  it('that goes on after close() reaches nobody', async () => {
    const source = new OwnSource();
    const { client, platform } = start(source);
    const sink = must(source.sink);
    await sink.accept(full([wireFlag('flag', 'one')]));
    platform.clock.costOfReading = 8;
    const meanwhile = sink.accept(full([wireFlag('flag', 'two'), wireFlag('other')]));
    const closed = client.close();
    await platform.clock.settle();
    await closed;
    await expect(meanwhile).resolves.toBe(false);
    await expect(sink.accept(full())).resolves.toBe(false);
    sink.confirm();
    sink.interrupted({ code: 'source-failed', message: 'x' });
    expect(client.variation('flag', ADA, '')).toBe('one');
    expect(client.updateStatusProvider.currentState).not.toHaveProperty('error');
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('MARKED');
      },
    ],
    ['rejects', () => Promise.reject(new Error('MARKED'))],
  ])('that %s at the start is told and leaves a client that can be used', async (_name, begin) => {
    const { client, platform, logger } = start({ start: begin as () => void, close: () => undefined });
    await platform.clock.settle();
    expect(client.updateStatusProvider.currentState).toMatchObject({
      status: 'NotReady',
      error: { code: 'source-failed' },
    });
    expect(client.variation('flag', ADA, 'mine')).toBe('mine');
    expect(logger.text).not.toContain('MARKED');
    await client.close();
  });
});

describe('diagnostics', () => {
  it('say what the client holds and has done', async () => {
    const { client, platform } = fakeClient();
    expect(client.diagnostics()).toEqual({
      status: 'NotReady',
      since: platform.clock.now(),
      initialized: false,
      data: { flags: 0, segments: 0, version: 0, commits: 0 },
      interruptions: 0,
      reconnects: 0,
      healing: { requests: 0, repaired: 0 },
      events: {
        accepted: 0,
        notAccepted: 0,
        sent: 0,
        failed: 0,
        dropped: {
          queueFull: 0,
          tooLarge: 0,
          invalidUser: 0,
          invalidEvent: 0,
          deduplicated: 0,
          unencodable: 0,
          unanswered: 0,
          closed: 0,
        },
        failedRequests: 0,
        queued: 0,
        unsettled: 0,
        unsettledRequests: 0,
      },
      pendingNotifications: 0,
    });
    platform.net.socket.drop(1006, 'ECONNREFUSED');
    await platform.clock.advance(1_000);
    platform.net.socket.open();
    platform.net.socket.message(
      full([wireFlag('a'), wireFlag('b', 'on', { isArchived: true, updatedAt: updatedAt(7) })]),
    );
    await platform.clock.advance(250);
    client.variation('a', ADA, '');
    expect(client.diagnostics()).toMatchObject({
      status: 'Ready',
      initialized: true,
      dataAge: 250,
      data: { flags: 1, segments: 0, version: versionOf(7), commits: 1 },
      interruptions: 1,
      reconnects: 1,
      events: { accepted: 1, queued: 1 },
    });
  });

  it('are a copy: what the caller does to them changes nothing', () => {
    const { client } = fakeClient();
    const before = client.diagnostics();
    Object.assign(before.data, { flags: 99 });
    Object.assign(must(before.events).dropped, { queueFull: 99 });
    expect(client.diagnostics().data.flags).toBe(0);
    expect(client.diagnostics().events?.dropped.queueFull).toBe(0);
  });
});

it('unknown options are told once the client is there, and nothing else is', () => {
  const logger = new RecordingLogger();
  fakeClient({ logger, streamingURL: 'x', sdkKey: 'x' } as object);
  expect(logger.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn the option "streamingURL" is not known and has no effect',
    'warn the option "sdkKey" is not known and has no effect',
  ]);
});
