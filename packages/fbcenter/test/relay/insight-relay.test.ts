import type { Delivered } from 'fbclient/upstream';
import { describe, expect, it } from 'vitest';
import { InsightRelay, type InsightRelayParts } from '../../src/relay/insight-relay.js';
import { FakeTimers, settled } from '../support/fake-timers.js';
import { MemoryFiles } from '../support/memory-files.js';
import { memoryLogger } from '../support/memory-logger.js';

const SECRETS = ['server', 'client', 'other'];

/** Insights on their way, with an upstream that counts what it takes, by secret. */
function aWorld(parts: Partial<InsightRelayParts> = {}) {
  const clock = new FakeTimers();
  const log = memoryLogger();
  const taken = new Map<string, unknown[]>();
  const upstream = { answer: (_secret: string): Delivered => ({ kind: 'done', body: '' }) };
  const insights = new InsightRelay({
    environments: {
      secretById: (id) =>
        SECRETS.includes(id)
          ? { id, kind: 'server', name: id, value: `value of ${id}`, createdAt: undefined, lastUsedAt: undefined }
          : undefined,
    },
    server: {
      track: async (secret, body) => {
        const delivered = upstream.answer(secret);
        if (delivered.kind === 'done') taken.set(secret, [...(taken.get(secret) ?? []), ...JSON.parse(body)]);
        return delivered;
      },
    },
    files: undefined,
    maxBytes: 100_000,
    clock,
    random: () => 0,
    log,
    ...parts,
  });
  return { clock, log, taken, upstream, insights };
}

const AWAY: Delivered = { kind: 'unreachable', problem: 'ECONNREFUSED', retryAfter: undefined };

describe('insights', () => {
  it('go to upstream with the secret that they came with', async () => {
    const { insights, taken } = aWorld();
    await insights.take('server', [1, 2]);
    await insights.take('client', [3]);
    await settled();
    expect(Object.fromEntries(taken)).toEqual({ 'value of server': [1, 2], 'value of client': [3] });
    expect(insights.state).toMatchObject({ sent: 3, waitingBytes: 0, turnedAway: 0 });
  });

  it('of one secret that is refused hold up no other', async () => {
    const { insights, taken, upstream } = aWorld();
    upstream.answer = (secret) =>
      secret === 'value of client'
        ? { kind: 'unauthorized', problem: 'HTTP status 401', retryAfter: undefined }
        : { kind: 'done', body: '' };
    await insights.take('client', [1]);
    await insights.take('server', [2]);
    await settled();
    expect(Object.fromEntries(taken)).toEqual({ 'value of server': [2] });
    expect(insights.state.waitingBytes).toBeGreaterThan(0);
  });

  it('that are none need no request', async () => {
    const { insights, taken } = aWorld();
    await insights.take('server', []);
    await settled();
    expect(taken.size).toBe(0);
    expect(insights.state.waitingBytes).toBe(0);
  });

  it('are dropped where there is no upstream, as an agent does that is filled by hand', async () => {
    const { insights } = aWorld({ server: undefined });
    await insights.take('server', [1]);
    expect(insights.state).toMatchObject({ waitingBytes: 0, sent: 0 });
  });
});

describe('the bound of what waits', () => {
  it('turns more away, with one line for a row of them, and takes again once there is room', async () => {
    const { insights, upstream, clock, taken, log } = aWorld({ maxBytes: 300 });
    upstream.answer = () => AWAY;
    await insights.take('server', ['x'.repeat(100)]);
    await insights.take('server', ['y'.repeat(100)]);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(insights.take('server', ['z'.repeat(200)])).rejects.toMatchObject({ code: 'busy' });
    }
    expect(insights.state.turnedAway).toBe(3);
    expect(log.lines.filter((line) => line.includes('no more insights can wait'))).toHaveLength(1);
    upstream.answer = () => ({ kind: 'done', body: '' });
    await clock.advance(60_000);
    await insights.take('server', ['z'.repeat(200)]);
    await settled();
    expect(taken.get('value of server')).toHaveLength(3);
  });

  it('holds for what arrives at the same time', async () => {
    const { insights, upstream } = aWorld({ maxBytes: 250 });
    upstream.answer = () => AWAY;
    const taking = Array.from({ length: 5 }, () =>
      insights.take('server', ['x'.repeat(100)]).catch(() => 'turned away'),
    );
    expect((await Promise.all(taking)).filter((one) => one === 'turned away')).toHaveLength(3);
    expect(insights.state.waitingBytes).toBeLessThanOrEqual(250);
  });

  it('is smaller while the disk fails: what waits in memory must not fill it', async () => {
    const files = new MemoryFiles();
    files.failure = MemoryFiles.full();
    const { insights, upstream, log } = aWorld({ files, maxBytes: 10 ** 12 });
    upstream.answer = () => AWAY;
    const large = ['x'.repeat(12 * 1024 * 1024)];
    await insights.take('server', large);
    await insights.take('server', large);
    await expect(insights.take('server', large)).rejects.toMatchObject({ code: 'busy' });
    expect(insights.state.isOnDisk).toBe(false);
    expect(log.lines.filter((line) => line.includes('cannot be kept on disk'))).toHaveLength(1);
  });
});

describe('insights over a restart', () => {
  it('are sent by the next run, each once, and lanes whose secret is gone wait for it', async () => {
    const files = new MemoryFiles();
    const before = aWorld({ files });
    before.upstream.answer = () => AWAY;
    await before.insights.take('server', [1]);
    await before.insights.take('client', [2]);
    await before.insights.take('gone', [3]);
    // Killed: nothing is closed.
    const after = aWorld({ files });
    await after.insights.open();
    await settled();
    expect(Object.fromEntries(after.taken)).toEqual({ 'value of server': [1], 'value of client': [2] });
    expect(after.insights.state.waitingBytes).toBeGreaterThan(0);
    const third = aWorld({ files });
    await third.insights.open();
    await settled();
    expect(third.taken.size).toBe(0);
  });

  it('hold no secret on disk, nor in the log', async () => {
    const files = new MemoryFiles();
    const { insights, upstream, log } = aWorld({ files });
    upstream.answer = () => AWAY;
    await insights.take('server', [1]);
    await insights.open();
    const written = [...files.files].map(([name, { content }]) => name + content).join('\n');
    expect(written).not.toContain('value of');
    expect(log.lines.join('\n')).not.toContain('value of');
  });
});

describe('closing', () => {
  it('gives what waits some seconds, and leaves the rest on disk', async () => {
    const files = new MemoryFiles();
    const { insights, upstream, clock, log } = aWorld({ files });
    upstream.answer = () => AWAY;
    await insights.take('server', [1]);
    const closing = insights.close(3_000);
    await clock.advance(3_000);
    await closing;
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
    const after = aWorld({ files });
    await after.insights.open();
    await settled();
    expect(after.taken.get('value of server')).toEqual([1]);
  });

  it('is over at once when nothing waits', async () => {
    const { insights, clock } = aWorld();
    await insights.take('server', [1]);
    await settled();
    await insights.close(3_000);
    expect(clock.elapsed()).toBe(0);
  });

  it('says what is lost without a disk', async () => {
    const { insights, upstream, clock, log } = aWorld();
    upstream.answer = () => AWAY;
    await insights.take('server', [1]);
    const closing = insights.close(3_000);
    await clock.advance(3_000);
    await closing;
    expect(log.lines.at(-1)).toBe('error insights are lost: upstream was away, and they could not be kept on disk');
  });
});
