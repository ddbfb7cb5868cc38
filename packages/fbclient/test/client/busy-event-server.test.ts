import { describe, expect, it } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { SECRET } from '../support/clients.js';
import { FakeClock } from '../support/fake-clock.js';
import { InsightServer, platformOn, type Work } from '../support/insight-server.js';

// Clients with the settings that they have by default, and an event server with FeatBit's faults.

function clientsOf(server: InsightServer, clock: FakeClock, count: number, options: Options = {}): FBClient[] {
  const urls = { streamingUrl: 'ws://featbit.test', eventUrl: 'http://featbit.test' };
  return Array.from({ length: count }, (_, index) => {
    return new FBClient({ envSecret: SECRET, ...urls, ...options }, platformOn(clock, server, index + 1));
  });
}

function countersOf(clients: readonly FBClient[]): { sent: number; failed: number; dropped: number; queued: number } {
  const sum = { sent: 0, failed: 0, dropped: 0, queued: 0 };
  for (const client of clients) {
    const events = client.diagnostics().events;
    if (events === undefined) continue;
    sum.sent += events.sent;
    sum.failed += events.failed;
    sum.queued += events.queued;
    sum.dropped += Object.values(events.dropped).reduce((all, dropped) => all + dropped, 0);
  }
  return sum;
}

function keptOnce(server: InsightServer): number {
  return [...server.kept.values()].filter((times) => times === 1).length;
}

describe('twenty clients with 500 events each', () => {
  it.each<[string, Work, number]>([
    ['450 events a second, one request after the other', { eventsPerSecond: 450 }, 30],
    ['an answer after 6 s', { milliseconds: 6_000 }, 70],
    ['an answer after 12 s', { milliseconds: 12_000 }, 130],
    ['an answer after 20 s', { milliseconds: 20_000 }, 210],
  ])('arrive once each, and none is reported as lost: %s', async (_name, work, seconds) => {
    const clock = new FakeClock();
    const server = new InsightServer(clock, work);
    const clients = clientsOf(server, clock, 20);
    clients.forEach((client, number) => {
      for (let event = 0; event < 500; event++) client.trackMetric({ key: `${number}-${event}` }, 'm');
    });
    await clock.advance(seconds * 1_000);
    expect(countersOf(clients)).toEqual({ sent: 10_000, failed: 0, dropped: 0, queued: 0 });
    expect(keptOnce(server)).toBe(10_000);
    // One for each, and three more for each of those whose first one was answered within a second.
    expect(server.busiest, 'requests at once').toBeLessThanOrEqual(50);
  });
});

describe('a server that is away', () => {
  it.each<[string, number, readonly (readonly [from: number, to: number])[]]>([
    ['for 3 s', 50, [[5, 8]]],
    ['for 5 s', 200, [[5, 10]]],
    ['for 8 s', 50, [[5, 13]]],
    ['for 45 s', 50, [[5, 50]]],
    ['for 60 s', 50, [[5, 65]]],
    [
      'twice, 8 s apart',
      50,
      [
        [5, 8],
        [16, 19],
      ],
    ],
  ])('gets every event once: %s, under %d events a second', async (_name, rate, absences) => {
    const clock = new FakeClock();
    const server = new InsightServer(clock, { milliseconds: 20 });
    const clients = clientsOf(server, clock, 1);
    const end = Math.max(...absences.map(([, to]) => to)) + 5;
    let recorded = 0;
    for (let tick = 0; tick < end * 10; tick++) {
      if (absences.some(([from]) => tick === from * 10)) server.stop();
      if (absences.some(([, to]) => tick === to * 10)) server.restart();
      for (let event = 0; event < rate / 10; event++) clients[0]?.trackMetric({ key: `${recorded++}` }, 'm');
      await clock.advance(100);
    }
    // The longest wait before a retry.
    await clock.advance(15_000);
    expect(countersOf(clients)).toEqual({ sent: recorded, failed: 0, dropped: 0, queued: 0 });
    expect(keptOnce(server)).toBe(recorded);
  });
});

describe('closing a client of a slow event server', () => {
  it('ends in time, and what is counted as unanswered is what the server goes on working on', async () => {
    const clock = new FakeClock();
    const server = new InsightServer(clock, { milliseconds: 8_000 });
    const [client] = clientsOf(server, clock, 1);
    for (let event = 0; event < 120; event++) client?.trackMetric({ key: `${event}` }, 'm');
    let closed = false;
    void client?.close().then(() => {
      closed = true;
    });
    await clock.advance(5_000);
    expect(closed).toBe(true);
    expect(client?.diagnostics().events).toMatchObject({ sent: 0, dropped: { unanswered: 50, closed: 70 }, queued: 0 });
    await clock.advance(60_000);
    expect(server.kept.size).toBe(50);
  });
});
