import type { Delivered, RefusalKind } from 'fbclient/upstream';
import { describe, expect, it } from 'vitest';
import { AgentClient } from '../../../src/relay/agent/agent-client.js';
import type { AgentData } from '../../../src/relay/agent/agent-message.js';
import { FakeTimers, settled } from '../../support/fake-timers.js';
import { FakeUpstream } from '../../support/fake-upstream.js';
import { memoryLogger } from '../../support/memory-logger.js';

const EMPTY_FULL = { messageType: 'data-sync', data: { eventType: 'rp_full', items: [] } };
const PONG = { messageType: 'pong', data: {} };

async function aWorld() {
  const clock = new FakeTimers();
  const upstream = new FakeUpstream();
  const log = memoryLogger();
  const taken: AgentData[] = [];
  const reports: string[] = [];
  const state: { asksAgain: boolean; failure: Error | undefined } = { asksAgain: false, failure: undefined };
  const client = new AgentClient({
    server: upstream,
    key: 'rp-key',
    clock,
    random: () => 0,
    log,
    environments: () => [],
    take: async (data) => {
      if (state.failure !== undefined) throw state.failure;
      taken.push(data);
      return state.asksAgain;
    },
    alive: () => void reports.push('alive'),
    interrupted: (problem) => void reports.push(`interrupted: ${problem}`),
    refused: (problem) => void reports.push(`refused: ${problem}`),
  });
  client.start();
  await settled();
  /** The connection opens and is answered. */
  const live = async () => {
    upstream.socket.open();
    upstream.socket.receive(EMPTY_FULL);
    await settled();
    return upstream.socket;
  };
  return { clock, upstream, log, taken, reports, state, client, live };
}

const typesOf = (sent: readonly string[]) => sent.map((text) => JSON.parse(text).messageType);

describe('an agent', () => {
  it('registers once, then connects with its key as it is', async () => {
    const { upstream, live, clock } = await aWorld();
    expect(upstream.posts).toMatchObject([{ path: '/api/public/agent/register', credential: 'rp-key' }]);
    expect(JSON.parse(upstream.posts[0]?.body ?? '')).toMatch(/^[0-9a-f-]{36}$/);
    expect(upstream.socket.query).toBe('type=relay-proxy&token=rp-key');
    (await live()).drop();
    await clock.advance(0);
    expect(upstream.sockets).toHaveLength(2);
    expect(upstream.posts).toHaveLength(1);
  });

  it('asks for everything first thing', async () => {
    const { upstream } = await aWorld();
    upstream.socket.open();
    expect(upstream.socket.sent).toEqual(['{"messageType":"data-sync","data":{"timestamp":0}}']);
  });

  it('asks again when what it got leaves something open', async () => {
    const { live, state } = await aWorld();
    state.asksAgain = true;
    expect(typesOf((await live()).sent)).toEqual(['data-sync', 'data-sync']);
  });

  it('pings, reports how it stands each minute, and asks for everything each hour', async () => {
    const { live, clock, reports } = await aWorld();
    const socket = await live();
    for (let quarter = 0; quarter < 4; quarter++) {
      await clock.advance(15_000);
      socket.receive(PONG);
    }
    expect(typesOf(socket.sent).toSorted()).toEqual(['data-sync', 'ping', 'ping', 'ping', 'ping', 'rp-agent-status']);
    const { data } = JSON.parse(socket.sent.find((text) => text.includes('rp-agent-status')) ?? '');
    expect(JSON.parse(data.status)).toMatchObject({ serves: '', dataVersion: 0 });
    expect(reports).toEqual(['alive', 'alive', 'alive', 'alive']);
    for (let quarter = 0; quarter < 236; quarter++) {
      await clock.advance(15_000);
      socket.receive(PONG);
    }
    expect(typesOf(socket.sent).filter((type) => type === 'data-sync')).toHaveLength(2);
  });

  it('gives up a connection on which nothing comes', async () => {
    const { live, clock, reports, upstream } = await aWorld();
    const socket = await live();
    await clock.advance(30_000);
    expect(socket.isGone).toBe(true);
    expect(reports).toEqual(['interrupted: nothing came for too long']);
    expect(upstream.sockets).toHaveLength(2);
  });

  it('gives up a connection that is never answered, though it is alive', async () => {
    const { upstream, clock, reports } = await aWorld();
    upstream.socket.open();
    for (let quarter = 0; quarter < 5; quarter++) {
      await clock.advance(12_000);
      upstream.socket.receive(PONG);
    }
    expect(reports).toEqual(['interrupted: upstream did not say what there is']);
  });

  it('is no better for pongs before the first answer', async () => {
    const { upstream, reports } = await aWorld();
    upstream.socket.open();
    upstream.socket.receive(PONG);
    expect(reports).toEqual([]);
  });

  it('connects again after 0, 1, 2, 3, 5, 8, 13, 21, 34 and 55 seconds, and so on from the start', async () => {
    const { upstream, clock } = await aWorld();
    const times: number[] = [];
    let last = clock.elapsed();
    for (let attempt = 0; attempt < 12; attempt++) {
      const before = upstream.sockets.length;
      upstream.socket.drop(1006, 'ECONNREFUSED');
      while (upstream.sockets.length === before) await clock.advance(500);
      times.push(Math.round((clock.elapsed() - last) / 1_000));
      last = clock.elapsed();
    }
    expect(times).toEqual(
      [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 0, 1].map((seconds) => Math.max(seconds, 0.5)).map(Math.round),
    );
  });

  it('begins with the shortest wait again after a connection that was answered', async () => {
    const { upstream, clock, live } = await aWorld();
    for (let attempt = 0; attempt < 4; attempt++) {
      upstream.socket.drop();
      await clock.advance(5_000);
    }
    const count = upstream.sockets.length;
    (await live()).drop();
    await clock.advance(0);
    expect(upstream.sockets).toHaveLength(count + 1);
  });

  it('comes back a minute and more after it was refused, and registers anew', async () => {
    const { upstream, clock, reports } = await aWorld();
    const waits: number[] = [];
    for (let refusal = 0; refusal < 6; refusal++) {
      const [before, at] = [upstream.sockets.length, clock.elapsed()];
      upstream.socket.drop(4003);
      while (upstream.sockets.length === before) await clock.advance(10_000);
      waits.push(clock.elapsed() - at);
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
    expect(reports).toEqual(Array(6).fill('refused: the key is refused'));
    expect(upstream.posts).toHaveLength(7);
  });

  it.each<[RefusalKind, report: string, wait: number]>([
    ['unauthorized', 'refused: HTTP', 60_000],
    ['rejected', 'refused: HTTP', 60_000],
    ['unreachable', 'interrupted: HTTP', 0],
    ['busy', 'interrupted: HTTP', 0],
    ['unanswered', 'interrupted: HTTP', 0],
  ])('that cannot register (%s) does not connect, and tries again', async (kind, report, wait) => {
    const clock = new FakeTimers();
    const upstream = new FakeUpstream();
    upstream.answer = { kind, problem: 'HTTP', retryAfter: undefined } satisfies Delivered;
    const reports: string[] = [];
    const client = new AgentClient({
      server: upstream,
      key: 'rp-key',
      clock,
      random: () => 0,
      log: memoryLogger(),
      environments: () => [],
      take: async () => false,
      alive: () => {},
      interrupted: (problem) => void reports.push(`interrupted: ${problem}`),
      refused: (problem) => void reports.push(`refused: ${problem}`),
    });
    client.start();
    await settled();
    expect([reports, upstream.sockets.length]).toEqual([[report], 0]);
    upstream.answer = { kind: 'done', body: '' };
    await clock.advance(wait);
    expect(upstream.sockets).toHaveLength(1);
  });

  it('takes messages in one after the other, and none of a connection that is over counts as its answer', async () => {
    const { upstream, taken, clock } = await aWorld();
    const first = upstream.socket;
    first.open();
    first.receive(EMPTY_FULL);
    first.drop();
    await clock.advance(0);
    upstream.socket.open();
    await settled();
    expect(taken).toHaveLength(1);
    await clock.advance(14_999);
    upstream.socket.receive({ messageType: 'data-sync', data: { eventType: 'patch', featureFlags: [], segments: [] } });
    await settled();
    expect(taken.map(({ eventType }) => eventType)).toEqual(['rp_full', 'patch']);
  });

  it('goes on after what it has got could not be taken in, and says so', async () => {
    const { live, state, taken, upstream, log, clock, reports } = await aWorld();
    state.failure = new Error('out of memory');
    const socket = await live();
    expect(log.lines).toEqual(['error what upstream has sent could not be taken in']);
    state.failure = undefined;
    socket.receive(EMPTY_FULL);
    await settled();
    expect(taken).toHaveLength(1);
    for (let second = 0; second < 60; second += 10) {
      socket.receive(PONG);
      await clock.advance(10_000);
    }
    expect([upstream.sockets.length, reports.filter((report) => report !== 'alive')]).toEqual([1, []]);
  });

  it('asks for everything over another connection when the first answer could not be taken in', async () => {
    const { live, state, upstream, clock, reports } = await aWorld();
    state.failure = new Error('out of memory');
    const socket = await live();
    for (let second = 0; second < 60; second += 10) {
      socket.receive(PONG);
      await clock.advance(10_000);
    }
    expect(reports).toEqual(['interrupted: upstream did not say what there is']);
    expect(upstream.sockets).toHaveLength(2);
  });

  it('is over when it is closed, whatever it is doing', async () => {
    for (const prepare of [
      async () => {},
      async ({ live }: Awaited<ReturnType<typeof aWorld>>) => void (await live()),
      async ({ upstream }: Awaited<ReturnType<typeof aWorld>>) => upstream.socket.drop(),
      async ({ upstream }: Awaited<ReturnType<typeof aWorld>>) => upstream.socket.drop(4003),
    ]) {
      const world = await aWorld();
      await prepare(world);
      const { client, clock, upstream } = world;
      const count = upstream.sockets.length;
      client.close();
      await clock.advance(1_000_000);
      expect(clock.waiting).toBe(0);
      expect(upstream.sockets).toHaveLength(count);
      expect(upstream.socket.isGone).toBe(true);
    }
  });

  it('never has its key in the log', async () => {
    const { upstream, log, live, clock } = await aWorld();
    await live();
    upstream.socket.receive('{');
    upstream.socket.receive({ messageType: 'data-sync', data: {} });
    upstream.socket.drop(4003);
    await clock.advance(100_000);
    expect(log.lines.join('\n')).not.toContain('rp-key');
  });
});
