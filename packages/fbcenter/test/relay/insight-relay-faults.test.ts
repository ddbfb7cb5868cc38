import fc from 'fast-check';
import type { Delivered, RefusalKind } from 'fbclient/upstream';
import { describe, expect, it } from 'vitest';
import type { Secret } from '../../src/model/environment.js';
import { InsightRelay, type InsightRelayParts } from '../../src/relay/insight-relay.js';
import { FakeTimers, settled } from '../support/fake-timers.js';
import { MemoryFiles } from '../support/memory-files.js';
import { memoryLogger } from '../support/memory-logger.js';
import { check } from '../support/property.js';

const DONE: Delivered = { kind: 'done', body: '' };
const failed = (kind: RefusalKind, problem = 'x'): Delivered => ({ kind, problem, retryAfter: undefined });
const AWAY = failed('unreachable', 'ECONNREFUSED');

function secretOf(id: string): Secret {
  return { id, kind: 'server', name: id, value: `value of ${id}`, createdAt: undefined, lastUsedAt: undefined };
}

/** Insights on their way to an upstream that answers as a test says; `known` are the secrets of the relay. */
function aWorld(parts: Partial<InsightRelayParts> = {}) {
  const clock = new FakeTimers();
  const log = memoryLogger();
  const known = new Set(['a', 'b']);
  const requests: { readonly secret: string; readonly insights: readonly unknown[]; readonly timeout: number }[] = [];
  const upstream = { answer: (_secret: string, _insights: readonly unknown[]): Delivered => DONE };
  const insights = new InsightRelay({
    environments: { secretById: (id) => (known.has(id) ? secretOf(id) : undefined) },
    server: {
      track: async (secret, body, timeout) => {
        const list: readonly unknown[] = JSON.parse(body);
        requests.push({ secret, insights: list, timeout });
        return upstream.answer(secret, list);
      },
    },
    files: undefined,
    maxBytes: 100_000,
    clock,
    random: () => 0,
    log,
    ...parts,
  });
  return { clock, log, known, requests, upstream, insights };
}

const NOTHING = { waitingBytes: 0, turnedAway: 0, isOnDisk: false, sent: 0, refused: 0, unanswered: 0 };

describe('the state of insights', () => {
  it('is these members and no others', async () => {
    const { insights } = aWorld();
    expect(insights.state).toEqual(NOTHING);
    await insights.take('a', [1, 2, 3]);
    await settled();
    expect(insights.state).toEqual({ ...NOTHING, sent: 3 });
  });

  it.each<[what: string, kind: RefusalKind, counts: object]>([
    ['away', 'unreachable', {}],
    ['of another opinion about the secret', 'unauthorized', {}],
    ['of the opinion that a request is malformed', 'malformed', { refused: 2 }],
    ['of the opinion that a request is too large', 'too-large', { refused: 2 }],
  ])('counts events and not requests when upstream is %s', async (_, kind, counts) => {
    const { insights, upstream } = aWorld();
    upstream.answer = () => failed(kind);
    await insights.take('a', [1, 2]);
    await settled();
    const { waitingBytes, ...state } = insights.state;
    const { waitingBytes: none, ...nothing } = NOTHING;
    expect(state).toEqual({ ...nothing, ...counts });
    expect(waitingBytes > none).toBe(Object.keys(counts).length === 0);
  });

  it('is the sum over all secrets', async () => {
    const { insights, upstream } = aWorld();
    upstream.answer = (secret) => (secret === 'value of a' ? DONE : failed('malformed'));
    await insights.take('a', [1]);
    await insights.take('b', [1, 2]);
    await insights.take('a', [1, 2, 3]);
    await settled();
    expect(insights.state).toEqual({ ...NOTHING, sent: 4, refused: 2 });
  });

  it('says whether they are on disk, from the first failure to the first success', async () => {
    const files = new MemoryFiles();
    const { insights, upstream, clock, log } = aWorld({ files });
    upstream.answer = () => AWAY;
    const seen: boolean[] = [];
    for (const failure of [undefined, MemoryFiles.full(), MemoryFiles.full(), undefined]) {
      files.failure = failure;
      await insights.take('a', [1]);
      seen.push(insights.state.isOnDisk);
      await clock.advance(10_000);
    }
    expect(seen).toEqual([true, false, false, true]);
    expect(log.lines.filter((line) => line.includes('disk'))).toEqual([
      'error insights cannot be kept on disk: they wait in memory, and are lost when the relay is killed',
      'info insights are kept on disk again',
    ]);
  });
});

describe('insights on their way', () => {
  it('are given a minute to be answered', async () => {
    const { insights, requests } = aWorld();
    await insights.take('a', [1]);
    await settled();
    expect(requests).toEqual([{ secret: 'value of a', insights: [1], timeout: 60_000 }]);
  });

  it.each<[what: string, insight: unknown]>([
    ['null', null],
    ['a text', 'x'],
    ['an empty object', {}],
    ['a nested list', [[[]]]],
    ['letters of the world', { name: 'Zoë 日本 🎈' }],
    ['line breaks', { name: 'a\nb\r\n\u2028' }],
    ['quotes and brackets', { name: '"],[{' }],
  ])('arrive as they came when they have %s, from memory and from disk', async (_, insight) => {
    const files = new MemoryFiles();
    for (const parts of [{}, { files }]) {
      const { insights, requests } = aWorld(parts);
      await insights.take('a', [insight, insight]);
      await settled();
      expect(requests.map((request) => request.insights)).toEqual([[insight, insight]]);
    }
    const before = aWorld({ files });
    before.upstream.answer = () => AWAY;
    await before.insights.take('a', [insight]);
    const after = aWorld({ files });
    await after.insights.open();
    await settled();
    expect(after.requests.map((request) => request.insights)).toEqual([[insight]]);
  });

  it('wait for their secret when it is taken from the relay, and go once it is back', async () => {
    const { insights, known, requests, clock, log } = aWorld();
    known.delete('a');
    await insights.take('a', [1]);
    await settled();
    expect([requests.length, insights.state.waitingBytes > 0]).toEqual([0, true]);
    expect(log.lines).toEqual(['error upstream takes no insights: they wait']);
    known.add('a');
    await clock.advance(3_600_000);
    expect(requests.map((request) => request.insights)).toEqual([[1]]);
    expect(insights.state.waitingBytes).toBe(0);
  });

  it('go at once when upstream is back, of every secret', async () => {
    const { insights, upstream, requests, clock } = aWorld();
    upstream.answer = () => AWAY;
    await insights.take('a', [1]);
    await insights.take('b', [2]);
    await settled();
    upstream.answer = () => DONE;
    requests.length = 0;
    insights.retryNow();
    await settled();
    expect(requests.map(({ secret }) => secret)).toEqual(['value of a', 'value of b']);
    expect(clock.elapsed()).toBe(0);
  });

  it('are not asked for where nothing waits', async () => {
    const { insights, requests } = aWorld();
    insights.retryNow();
    await insights.open();
    await settled();
    expect(requests).toEqual([]);
  });
});

describe('the room for insights that wait', () => {
  const body = ['x'.repeat(96)];

  it.each<[maxBytes: number, taken: number]>([
    [99, 0],
    [100, 1],
    [202, 1],
    [203, 2],
  ])('of %d bytes has room for %d bodies of 100, each with what it takes to write it down', async (maxBytes, taken) => {
    const { insights, upstream } = aWorld({ maxBytes });
    upstream.answer = () => AWAY;
    let kept = 0;
    for (let count = 0; count < 4; count++) {
      await insights.take('a', body).then(
        () => (kept += 1),
        () => {},
      );
    }
    expect([kept, insights.state.turnedAway]).toEqual([taken, 4 - taken]);
  });

  it('is counted in bytes, of which a letter may have three, before and after a restart', async () => {
    const files = new MemoryFiles();
    const { insights, upstream } = aWorld({ files, maxBytes: 700 });
    upstream.answer = () => AWAY;
    const large = ['日'.repeat(100)];
    await insights.take('a', large);
    await insights.take('a', large);
    await expect(insights.take('a', large)).rejects.toMatchObject({ code: 'busy' });
    const { waitingBytes } = insights.state;
    expect(waitingBytes).toBeGreaterThan(600);
    const after = aWorld({ files });
    after.upstream.answer = () => AWAY;
    await after.insights.open();
    expect(after.insights.state.waitingBytes).toBe(waitingBytes);
  });

  it('is shared by all secrets', async () => {
    const { insights, upstream } = aWorld({ maxBytes: 150 });
    upstream.answer = () => AWAY;
    await insights.take('a', body);
    await expect(insights.take('b', body)).rejects.toMatchObject({
      code: 'busy',
      message: 'The server behind this relay is away and no more insights can wait: send these later.',
    });
  });

  it('that is full is logged once, and once more when it was free in between', async () => {
    const { insights, upstream, log, clock } = aWorld({ maxBytes: 150 });
    for (let round = 0; round < 2; round++) {
      upstream.answer = () => AWAY;
      await insights.take('a', body);
      for (let attempt = 0; attempt < 3; attempt++) await insights.take('a', body).catch(() => {});
      upstream.answer = () => DONE;
      await clock.advance(60_000);
    }
    expect(log.lines.filter((line) => line.startsWith('error no more insights'))).toHaveLength(2);
    expect(insights.state).toMatchObject({ turnedAway: 6, sent: 2, waitingBytes: 0 });
  });

  it('is not taken by insights that are turned away, nor by none', async () => {
    const { insights, upstream } = aWorld({ maxBytes: 150 });
    upstream.answer = () => AWAY;
    await insights.take('a', ['x'.repeat(500)]).catch(() => {});
    await insights.take('a', []);
    await insights.take('a', body);
    expect(insights.state.waitingBytes).toBeGreaterThanOrEqual(100);
    expect(insights.state.waitingBytes).toBeLessThanOrEqual(150);
  });
});

describe('an upstream that is away for a minute', () => {
  const MINUTE = 60_000;

  /** One insight a second from each of two secrets, while upstream is away and afterwards until all is sent. */
  async function anOutage(parts: Partial<InsightRelayParts>, answer: Delivered) {
    const world = aWorld(parts);
    const { insights, upstream, clock } = world;
    const delivered: unknown[] = [];
    let isAway = false;
    upstream.answer = (_, list) => {
      if (isAway) return answer;
      delivered.push(...list);
      return DONE;
    };
    const taken: string[] = [];
    const second = async () => {
      for (const secret of ['a', 'b']) {
        const insight = `${secret}${taken.length}`;
        await insights.take(secret, [insight]);
        taken.push(insight);
      }
      await clock.advance(1_000);
    };
    await second();
    isAway = true;
    while (clock.elapsed() < MINUTE + 1_000) await second();
    const attempts = world.requests.length - 2;
    const waiting = insights.state.waitingBytes;
    isAway = false;
    insights.retryNow();
    await second();
    await clock.advance(MINUTE);
    return { ...world, taken, delivered, attempts, waiting };
  }

  it.each<[what: string, disk: 'in order' | 'full' | 'none', answer: Delivered]>([
    ['cannot be reached, with a disk', 'in order', AWAY],
    ['cannot be reached, with a disk that is full', 'full', AWAY],
    ['cannot be reached, without a disk', 'none', AWAY],
    ['answers 503, with a disk', 'in order', failed('busy', 'HTTP status 503')],
    ['answers 503, with a disk that is full', 'full', failed('busy', 'HTTP status 503')],
  ])('because it %s is sent each insight once, in its order, and is not stormed', async (_, disk, answer) => {
    const files = new MemoryFiles();
    if (disk === 'full') files.failure = MemoryFiles.full();
    const outage = await anOutage(disk === 'none' ? {} : { files }, answer);
    const { insights, taken, delivered, attempts, waiting, log } = outage;
    expect(taken).toHaveLength(2 * 62);
    for (const secret of ['a', 'b']) {
      const own = (list: readonly unknown[]) => list.filter((insight) => String(insight).startsWith(secret));
      expect(own(delivered)).toEqual(own(taken));
    }
    expect(insights.state).toMatchObject({ sent: taken.length, refused: 0, unanswered: 0, turnedAway: 0 });
    expect([waiting > 0, insights.state.waitingBytes, insights.state.isOnDisk]).toEqual([true, 0, disk === 'in order']);
    // With waits that double from half a second to fifteen, of each secret.
    expect(attempts).toBeLessThan(2 * 12);
    const problems = log.lines.filter((line) => line.includes('cannot be kept on disk'));
    expect(problems).toHaveLength(disk === 'full' ? 1 : 0);
    // What was sent is on no disk any more, which would send it again after a restart.
    expect([...files.files.keys()]).toEqual([]);
  });

  it('costs nothing but what no disk has taken when the relay is killed in it', async () => {
    for (const [isFull, left] of [
      [false, 5],
      [true, 0],
    ] as const) {
      const files = new MemoryFiles();
      if (isFull) files.failure = MemoryFiles.full();
      const killed = aWorld({ files });
      killed.upstream.answer = () => AWAY;
      for (let count = 0; count < 5; count++) {
        await killed.insights.take('a', [count]);
        await killed.clock.advance(1_000);
      }
      files.failure = undefined;
      const { insights, requests } = aWorld({ files });
      await insights.open();
      await settled();
      expect(requests.flatMap(({ insights: list }) => list)).toHaveLength(left);
      expect(insights.state.sent).toBe(left);
    }
  });
});

describe('insights, whatever fails', () => {
  it('are each sent, refused, turned away, or still waiting, and sent once', async () => {
    const secret = fc.constantFrom('a', 'b');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), secret, count: fc.integer({ min: 0, max: 4 }) }),
      fc.record({
        kind: fc.constant('upstream' as const),
        answer: fc.constantFrom(DONE, AWAY, failed('malformed'), failed('too-large'), failed('unauthorized')),
      }),
      fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean() }),
      fc.record({ kind: fc.constant('time' as const), milliseconds: fc.constantFrom(1, 1_000, 20_000) }),
    );
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, hasDisk) => {
        const files = new MemoryFiles();
        const { insights, upstream, requests, clock } = aWorld({ maxBytes: 60, ...(hasDisk ? { files } : {}) });
        const accepted: unknown[] = [];
        const done: unknown[] = [];
        let answer: Delivered = DONE;
        upstream.answer = (_, list) => {
          if (answer.kind === 'done') done.push(...list);
          return answer;
        };
        let number = 0;
        let turnedAway = 0;
        for (const one of steps) {
          if (one.kind === 'upstream') answer = one.answer;
          else if (one.kind === 'disk') files.failure = one.isFull ? MemoryFiles.full() : undefined;
          else if (one.kind === 'time') await clock.advance(one.milliseconds);
          else {
            const list = Array.from({ length: one.count }, () => number++);
            const isTaken = await insights.take(one.secret, list).then(
              () => true,
              () => false,
            );
            if (isTaken) accepted.push(...list);
            else turnedAway += 1;
          }
          expect(insights.state.waitingBytes).toBeLessThanOrEqual(80);
        }
        expect(insights.state.turnedAway).toBe(turnedAway);
        answer = DONE;
        files.failure = undefined;
        await clock.advance(7_200_000);
        const { sent, refused, unanswered, waitingBytes } = insights.state;
        expect([sent + refused, unanswered, waitingBytes]).toEqual([accepted.length, 0, 0]);
        expect(done).toHaveLength(sent);
        expect(new Set(done).size).toBe(done.length);
        expect(requests.every(({ insights: list }) => list.every((insight) => accepted.includes(insight)))).toBe(true);
      }),
      40,
    );
  });
});
