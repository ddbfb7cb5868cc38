import { describe, expect, it } from 'vitest';
import type { Options } from '../../src/options.js';
import { fakeClient } from '../support/clients.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, segmentFlag, updatedAt, wireFlag, wireSegment } from '../support/wire.js';

// A client in front of a server that overtakes, forgets and refuses, as FeatBit's own does.

const ADA = { key: 'ada' };
const PONG = { messageType: 'pong', data: {} };
const at = (version: number, value: string) => wireFlag('flag', value, { updatedAt: updatedAt(version) });

/** A client with its connection open, and what its listeners heard. */
function start(options: Options = {}) {
  const { client, platform } = fakeClient({ disableEvents: true, ...options });
  const heard: unknown[] = [];
  client.flagTracker.addFlagValueChangedListener('flag', ADA, (_key, _previous, current) => heard.push(current));
  platform.net.socket.open();
  const receive = async (...messages: readonly unknown[]): Promise<void> => {
    for (const message of messages) {
      platform.net.socket.message(message);
      await platform.clock.settle();
    }
  };
  const requests = (): number[] =>
    platform.net.socket.sent
      .map((sent) => JSON.parse(sent) as { data: { timestamp?: number } })
      .flatMap(({ data }) => data.timestamp ?? []);
  const value = (): unknown => client.variation('flag', ADA, 'default');
  return { client, platform, heard, receive, requests, value };
}

describe('a change that overtakes the first answer', () => {
  it('does not make the client ready: all other flags would serve their defaults', async () => {
    const { client, platform, receive, value } = start();
    const waiting = client.waitForInitialization(60_000);
    await receive(patch([at(9, 'pushed')]));
    expect([client.status, client.initialized, value()]).toEqual(['NotReady', false, 'default']);
    await receive(full([at(9, 'pushed'), wireFlag('other')]));
    await expect(waiting).resolves.toBe('ready');
    expect([client.status, value(), client.variation('other', ADA, '')]).toEqual(['Ready', 'pushed', 'on']);
    expect(platform.net.sockets.length).toBe(1);
  });

  it('makes it ready when the server turns out to have answered with it', async () => {
    const { client, heard, receive, value } = start();
    await receive(patch([at(9, 'pushed')]), PONG);
    expect([client.status, value(), heard]).toEqual(['Ready', 'pushed', ['pushed']]);
  });

  it('is served at once over a bootstrap, which stays Stale', async () => {
    const { client, heard, receive, value } = start({ bootstrap: full([at(1, 'bootstrap')]) });
    await receive(patch([at(9, 'pushed')]));
    expect([client.status, value(), heard]).toEqual(['Stale', 'pushed', ['pushed']]);
    await receive(full([at(9, 'pushed')]));
    expect([client.status, heard]).toEqual(['Ready', ['pushed']]);
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['a change', patch([at(9, 'pushed')]), full([at(1, 'old')]), patch([at(9, 'pushed')])],
    ['a new flag', patch([at(9, 'pushed')]), full([wireFlag('other')]), patch([at(9, 'pushed')])],
    [
      'a restored flag',
      patch([at(9, 'pushed')]),
      full([wireFlag('flag', 'old', { isArchived: true })]),
      patch([at(9, 'pushed')]),
    ],
  ])(
    'and that the answer undoes, %s, is there again, and the last that listeners hear',
    async (_name, push, answer, again) => {
      const { client, heard, receive, requests, value } = start();
      await receive(push, answer);
      expect(requests().length).toBe(2);
      await receive(again);
      expect([client.status, value(), heard.at(-1)]).toEqual(['Ready', 'pushed', 'pushed']);
    },
  );

  it('and archives a flag that the answer restores is there again', async () => {
    const { receive, requests, value } = start();
    const archived = patch([wireFlag('flag', '', { isArchived: true, updatedAt: updatedAt(9) })]);
    await receive(archived, full([at(1, 'old')]), archived);
    expect([requests().length, value()]).toEqual([2, 'default']);
  });

  it('of a segment is there again', async () => {
    const { receive, requests, value } = start();
    const segment = (version: number, ...included: string[]) =>
      wireSegment('s', included, { updatedAt: updatedAt(version) });
    await receive(patch([], [segment(9, 'ada')]), full([segmentFlag('flag', ['s'])], [segment(1)]));
    expect([requests().length, value()]).toEqual([2, 'off']);
    await receive(patch([], [segment(9, 'ada')]));
    expect(value()).toBe('on');
  });

  it('on a reconnection, whose cursor is answered with an older full message, is there again', async () => {
    const { client, platform, heard, receive, requests, value } = start();
    await receive(full([at(5, 'first')]));
    platform.net.socket.drop();
    await platform.clock.advance(2_000);
    platform.net.socket.open();
    await receive(patch([at(9, 'pushed')]), full([at(5, 'first')]), patch([at(9, 'pushed')]));
    expect(requests().length).toBe(2);
    expect([client.status, value(), heard.at(-1)]).toEqual(['Ready', 'pushed', 'pushed']);
  });
});

describe('a change that is not pushed', () => {
  it('comes with the next question on the open stream; it is heard once, counted, and warned about', async () => {
    const logger = new RecordingLogger();
    const { client, platform, heard, receive, requests, value } = start({ logger, resyncInterval: 10_000 });
    await receive(full([at(5, 'first'), wireFlag('other')]), PONG);
    const all: string[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => all.push(flagKey));
    await platform.clock.advance(12_000);
    expect(requests().length).toBe(2);
    // Flags that use a changed segment come in a newer version, and say the same.
    await receive(patch([at(9, 'missed'), wireFlag('other', 'on', { updatedAt: updatedAt(9) })]), PONG);
    expect([value(), heard, all]).toEqual(['missed', ['first', 'missed'], ['flag']]);
    await platform.clock.advance(12_000);
    await receive(PONG);
    expect(client.diagnostics().healing).toEqual({ requests: 2, repaired: 1 });
    expect(logger.codes('warn')).toEqual(['repaired']);
    expect(client.diagnostics().interruptions).toBe(0);
  });

  it('comes with everything, where no cursor brings it, and what is gone goes', async () => {
    const { client, platform, heard, receive, requests, value } = start({ fullResyncInterval: 10_000 });
    await receive(full([at(5, 'first'), wireFlag('gone')]), PONG);
    await platform.clock.advance(12_000);
    expect(requests()).toEqual([0, 0]);
    await receive(full([at(5, 'same millisecond')]));
    expect([value(), heard, client.isFlagKnown('gone')]).toEqual([
      'same millisecond',
      ['first', 'same millisecond'],
      false,
    ]);
  });
});

describe('a refusal', () => {
  it('that passes is not the end: meanwhile data is served and events are recorded, then all is as before', async () => {
    const { client, platform, receive, value } = start({ disableEvents: false, refusedRetryDelay: 60_000 });
    await receive(full([at(5, 'held')]));
    const told: unknown[] = [];
    client.updateStatusProvider.addListener(({ status, error }) => told.push([status, error?.code]));
    platform.net.socket.drop(4003);
    expect([client.status, value()]).toEqual(['Closed', 'held']);
    client.trackMetric(ADA, 'paid');
    expect(client.diagnostics().events).toMatchObject({ accepted: 2, dropped: { closed: 0 } });
    await platform.clock.advance(75_000);
    platform.net.socket.open();
    await receive(patch());
    expect(client.status).toBe('Ready');
    await expect(client.updateStatusProvider.waitForOKState()).resolves.toBe(true);
    expect(told).toEqual([
      ['Closed', 'rejected'],
      ['Ready', undefined],
    ]);
  });

  it('at the start does not keep what an earlier run has saved from being served', async () => {
    let answer: (text: string) => void = () => undefined;
    const loaded = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const persistence = { load: () => loaded, save: async () => undefined };
    const { client, platform, value } = start({ persistence });
    const waiting = client.waitForInitialization(60_000);
    platform.net.socket.drop(4003);
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: 'Closed', error: { code: 'rejected' } });
    answer(JSON.stringify(full([at(5, 'saved')])));
    await expect(waiting).resolves.toBe('ready');
    expect([client.status, value()]).toEqual(['Closed', 'saved']);
  });

  it('at the start ends waits as failed when nothing was saved, or the store hangs', async () => {
    for (const load of [async () => undefined, () => new Promise<undefined>(() => undefined)]) {
      const { client, platform } = start({ persistence: { load, save: async () => undefined } });
      const waiting = client.waitForInitialization(60_000);
      platform.net.socket.drop(4003);
      await platform.clock.advance(5_000);
      await expect(waiting).resolves.toBe('failed');
    }
  });

  it('is final where that is wanted', async () => {
    const { client, platform } = start({ refusedRetryDelay: false });
    platform.net.socket.drop(4003);
    await platform.clock.advance(86_400_000);
    expect([client.status, platform.net.sockets.length]).toEqual(['Closed', 1]);
    expect(must(client.updateStatusProvider.currentState.error).code).toBe('rejected');
  });
});
