import type { Delivered, RefusalKind } from 'fbclient/upstream';
import { describe, expect, it } from 'vitest';
import { Forwarder } from '../../src/relay/forwarder.js';
import { SpoolLane } from '../../src/relay/spool-lane.js';
import { FakeTimers, settled } from '../support/fake-timers.js';
import { memoryLogger } from '../support/memory-logger.js';

const DONE: Delivered = { kind: 'done', body: '' };
const refusal = (kind: RefusalKind, problem: string = kind, retryAfter?: number): Delivered => ({
  kind,
  problem,
  retryAfter,
});

/** A forwarder whose upstream answers as a test says, each request in its turn. */
function aWorld(answer: (names: readonly string[], request: number) => Delivered | Promise<Delivered>) {
  const clock = new FakeTimers();
  const log = memoryLogger();
  const lane = new SpoolLane('s', { files: undefined, elapsed: () => clock.elapsed(), onDisk: () => {} });
  const requests: { readonly at: number; readonly names: readonly string[] }[] = [];
  const forwarder = new Forwarder(lane, {
    send: async (text) => {
      const names = JSON.parse(text).map(({ name }: { name: string }) => name);
      requests.push({ at: clock.elapsed(), names });
      return answer(names, requests.length);
    },
    clock,
    random: () => 0,
    log,
  });
  const add = async (...names: readonly string[]) => {
    for (const name of names) await lane.add({ events: 1, text: JSON.stringify([{ name }]) });
    forwarder.start();
    await settled();
  };
  const namesSent = () => requests.map(({ names }) => names.join(' '));
  return { clock, log, lane, forwarder, requests, add, namesSent };
}

describe('what waits', () => {
  it('goes in one request when it is there at once, and each body once', async () => {
    const { add, namesSent, forwarder, lane } = aWorld(() => DONE);
    await add('a', 'b', 'c');
    await add('d');
    expect(namesSent()).toEqual(['a b c', 'd']);
    expect(forwarder.counts).toEqual({ sent: 4, refused: 0, unanswered: 0 });
    expect(lane.bytes).toBe(0);
  });

  it('goes by the hundred', async () => {
    const { add, requests } = aWorld(() => DONE);
    await add(...Array.from({ length: 250 }, (_, index) => `${index}`));
    expect(requests.map(({ names }) => names.length)).toEqual([100, 100, 50]);
  });

  it('goes one request after the other: the next waits for the answer', async () => {
    let answer: (delivered: Delivered) => void = () => {};
    const { add, namesSent } = aWorld(
      (names) =>
        new Promise((resolve) => {
          if (names.includes('a')) answer = resolve;
          else resolve(DONE);
        }),
    );
    await add('a');
    await add('b', 'c');
    expect(namesSent()).toEqual(['a']);
    answer(DONE);
    await settled();
    expect(namesSent()).toEqual(['a', 'b c']);
  });
});

describe('an upstream that is away', () => {
  it.each<[what: string, kind: RefusalKind, problem: string]>([
    ['nobody listens', 'unreachable', 'ECONNREFUSED'],
    ['a gateway answers for it', 'busy', 'HTTP status 503'],
    ['it has too much to do', 'busy', 'HTTP status 429'],
  ])('gets everything once when it is back after 60 s: %s', async (_, kind, problem) => {
    const world = aWorld(() => (world.clock.elapsed() < 60_000 ? refusal(kind, problem) : DONE));
    const { clock, add, requests, forwarder } = world;
    const names: string[] = [];
    for (let second = 0; second < 70; second++) {
      names.push(`n${second}`);
      await add(`n${second}`);
      await clock.advance(1_000);
    }
    const taken = requests.filter(({ at }) => at >= 60_000).flatMap((request) => request.names);
    expect(taken).toEqual(names);
    expect(forwarder.counts).toEqual({ sent: 70, refused: 0, unanswered: 0 });
    // It was not asked more often than the growing waits allow.
    expect(requests.filter(({ at }) => at < 60_000).length).toBeLessThan(12);
  });

  it('is asked after waits that double, up to fifteen seconds', async () => {
    const { clock, add, requests } = aWorld(() => refusal('unreachable'));
    await add('a');
    await clock.advance(90_000);
    const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(waits.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it('is asked at once when something else has shown that it is back', async () => {
    let isAway = true;
    const { clock, add, forwarder, namesSent } = aWorld(() => (isAway ? refusal('unreachable') : DONE));
    await add('a');
    await clock.advance(20_000);
    isAway = false;
    const before = namesSent().length;
    forwarder.retryNow();
    await settled();
    expect(namesSent().slice(before)).toEqual(['a']);
  });

  it('is not asked earlier than it wants to be', async () => {
    const { clock, add, requests } = aWorld((_, request) =>
      request === 1 ? refusal('busy', 'HTTP status 503', 20_000) : DONE,
    );
    await add('a');
    await clock.advance(19_999);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(requests).toHaveLength(2);
  });
});

describe('an answer that is lost', () => {
  it.each<[what: string, answer: Delivered, wait: number]>([
    ['the connection was cut', refusal('cut', 'ECONNRESET'), 500],
    ['no answer came in time', refusal('unanswered', 'no complete answer in 60000 ms'), 30_000],
    ['a gateway has given up', refusal('busy', "HTTP status 504, a gateway's"), 30_000],
  ])('makes the same request go once more, and no more than that: %s', async (_, answer, wait) => {
    const { clock, add, requests, forwarder, log } = aWorld((names) => (names.includes('a') ? answer : DONE));
    await add('a');
    await clock.advance(wait - 1);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(requests.map(({ names }) => names)).toEqual([['a'], ['a']]);
    await clock.advance(600_000);
    expect(requests).toHaveLength(2);
    expect(forwarder.counts).toEqual({ sent: 0, refused: 0, unanswered: 1 });
    expect(log.lines).toEqual(['error insights were not answered by upstream: whether they count is not known']);
    await add('b');
    expect(forwarder.counts.sent).toBe(1);
  });

  it('is not made up for sooner because upstream is there: it may still be working on it', async () => {
    const { add, forwarder, requests } = aWorld(() => refusal('unanswered'));
    await add('a');
    forwarder.retryNow();
    await settled();
    expect(requests).toHaveLength(1);
  });
});

describe('a request that upstream does not take', () => {
  it.each<[RefusalKind, string]>([
    ['malformed', 'HTTP status 400'],
    ['too-large', 'HTTP status 413'],
  ])('is sent body by body, so that one does not cost the others (%s)', async (kind, problem) => {
    const { add, namesSent, forwarder, log } = aWorld((names) =>
      names.includes('bad') ? refusal(kind, problem) : DONE,
    );
    await add('a', 'bad', 'c');
    expect(namesSent()).toEqual(['a bad c', 'a', 'bad', 'c']);
    expect(forwarder.counts).toEqual({ sent: 2, refused: 1, unanswered: 0 });
    expect(log.lines).toEqual(['error upstream does not take the insights of a request: they are dropped']);
    await add('d', 'e');
    expect(namesSent().slice(4)).toEqual(['d e']);
  });

  it('because it fails each time with 500 is taken for the reason in the end', async () => {
    const { clock, add, namesSent, forwarder } = aWorld((names) =>
      names.includes('bad') ? refusal('busy', 'HTTP status 500') : DONE,
    );
    await add('a', 'bad', 'c');
    await clock.advance(300_000);
    expect(forwarder.counts).toEqual({ sent: 2, refused: 1, unanswered: 0 });
    expect(namesSent().filter((names) => names === 'a bad c')).toHaveLength(6);
    expect(namesSent().filter((names) => names === 'bad')).toHaveLength(6);
  });
});

describe('a secret that upstream refuses', () => {
  it.each<RefusalKind>(['unauthorized', 'redirected', 'rejected'])(
    'makes everything wait, a minute at first and ten at most (%s)',
    async (kind) => {
      let isRefused = true;
      const { clock, add, requests, forwarder, log } = aWorld(() =>
        isRefused ? refusal(kind, 'HTTP status 401') : DONE,
      );
      await add('a');
      expect(forwarder.isRefused).toBe(true);
      await clock.advance(59_999);
      expect(requests).toHaveLength(1);
      await clock.advance(1);
      await clock.advance(3_600_000);
      const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
      expect(waits.slice(0, 6)).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
      expect(log.lines[0]).toBe('error upstream takes no insights: they wait');
      isRefused = false;
      await clock.advance(600_000);
      expect(forwarder.counts.sent).toBe(1);
      expect(forwarder.isRefused).toBe(false);
    },
  );
});

describe('a forwarder that is stopped', () => {
  it('sends nothing more, and leaves what it has not sent', async () => {
    const { clock, add, requests, forwarder, lane } = aWorld(() => refusal('unreachable'));
    await add('a');
    await forwarder.stop();
    expect(clock.waiting).toBe(0);
    await add('b');
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
    expect((await lane.next(10, 1e6)).length).toBe(2);
  });

  it('waits for the answer to what is on its way', async () => {
    let answer: (delivered: Delivered) => void = () => {};
    const { add, forwarder, lane } = aWorld(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await add('a');
    let isStopped = false;
    const stopping = forwarder.stop().then(() => {
      isStopped = true;
    });
    await settled();
    expect(isStopped).toBe(false);
    answer(DONE);
    await stopping;
    expect(lane.bytes).toBe(0);
  });
});
