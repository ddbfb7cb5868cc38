import { beforeEach, describe, expect, it } from 'vitest';
import type { Difference } from '../../src/flags/store.js';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import { Log } from '../../src/runtime/log.js';
import { MAX_BACKLOG } from '../../src/sync/backlog.js';
import { StreamingSource } from '../../src/sync/streaming.js';
import type { StreamingTimes } from '../../src/sync/streaming-state.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakePlatform } from '../support/fake-network.js';
import { FakeSink } from '../support/fake-sink.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { STREAMING_TIMES } from '../support/times.js';
import { full, patch, updatedAt, versionOf, wireFlag, wireSegment } from '../support/wire.js';

const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
const REQUEST = '{"messageType":"data-sync","data":{"timestamp":0}}';
const PING = '{"messageType":"ping","data":{}}';
const PONG = { messageType: 'pong', data: {} };

let platform: FakePlatform;
let logger: RecordingLogger;
let sink: FakeSink;

beforeEach(() => {
  platform = new FakePlatform();
  logger = new RecordingLogger();
  sink = new FakeSink();
});

function start(url = 'http://featbit.test/prefix', times = STREAMING_TIMES): StreamingSource {
  // A clock of its own: the timers that are counted are the source's.
  const log = new Log(logger, new FakeClock());
  const source = new StreamingSource({ url, secret: SECRET, times }, platform, platform.net, log);
  source.start(sink);
  return source;
}

/** Opens the newest socket and answers its request for data. */
async function goLive(): Promise<void> {
  platform.net.socket.open();
  platform.net.socket.message(full());
  await platform.clock.settle();
}

const urls = (): URL[] => platform.net.sockets.map(({ url }) => new URL(url));

describe('a connection attempt', () => {
  it.each([
    ['http://featbit.test', 'ws://featbit.test/streaming'],
    ['https://featbit.test', 'wss://featbit.test/streaming'],
    ['ws://featbit.test/prefix', 'ws://featbit.test/prefix/streaming'],
    ['wss://featbit.test:5100', 'wss://featbit.test:5100/streaming'],
  ])('goes to the streaming path below the base: %s', (base, expected) => {
    start(base);
    const { protocol, host, pathname, searchParams } = must(urls()[0]);
    expect(`${protocol}//${host}${pathname}`).toBe(expected);
    expect([...searchParams.keys()]).toEqual(['type', 'token']);
    expect(searchParams.get('type')).toBe('server');
  });

  it('bears a token of its own, made at its time', async () => {
    start();
    const moments = [platform.clock.now()];
    for (let attempt = 0; attempt < 3; attempt++) {
      platform.net.socket.drop(1006, 'ECONNREFUSED');
      await platform.clock.advance(must(platform.clock.untilNext));
      moments.push(platform.clock.now());
    }
    const tokens = urls().map((url) => must(url.searchParams.get('token')));
    expect(new Set(tokens).size).toBe(4);
    expect(tokens.map((token) => decodeConnectionToken(token))).toEqual(
      moments.map((timestamp) => ({ secret: SECRET, timestamp: Math.trunc(timestamp) })),
    );
  });

  it('asks for data as soon as it is open, from the cursor of that moment', async () => {
    start();
    platform.net.socket.open();
    expect(platform.net.socket.sent).toEqual([REQUEST]);
    platform.net.socket.message(full());
    await platform.clock.settle();
    platform.net.socket.drop();
    await platform.clock.advance(1_000);
    sink.cursor = 5;
    platform.net.socket.open();
    expect(platform.net.socket.sent).toEqual(['{"messageType":"data-sync","data":{"timestamp":5}}']);
  });

  it('that is slow to open is given up in time, and what becomes of it later does not matter', async () => {
    start();
    await platform.clock.advance(4_999);
    expect(platform.net.socket.state).toBe('connecting');
    await platform.clock.advance(1);
    expect(platform.net.socket.state).toBe('gone');
    expect(sink.calls).toEqual([['interrupted', 'connect-timeout']]);
    must(platform.net.sockets[0]).open();
    await platform.clock.advance(500);
    expect(platform.net.sockets.length).toBe(2);
    expect(must(platform.net.sockets[0]).sent).toEqual([]);
  });
});

describe('a live connection', () => {
  it('pings at once and at intervals, and confirms the data at each answer but the first', async () => {
    start();
    await goLive();
    expect(platform.net.socket.sent).toEqual([REQUEST, PING]);
    platform.net.socket.message(PONG);
    for (let interval = 1; interval <= 3; interval++) {
      await platform.clock.advance(15_000);
      platform.net.socket.message(PONG);
    }
    expect(platform.net.socket.sent).toEqual([REQUEST, PING, PING, PING, PING]);
    expect(sink.calls.filter(([call]) => call === 'current').length).toBe(3);
  });

  it('that falls silent right after its answer is given up as well', async () => {
    start();
    await goLive();
    // The first connection there is, and the last that is heard of it: the server answers the pings that have come.
    for (const sent of platform.net.socket.sent) if (sent === PING) platform.net.socket.message(PONG);
    await platform.clock.advance(30_000);
    expect(sink.calls.at(-1)).toEqual(['interrupted', 'silent']);
    expect(platform.net.sockets[0]?.state).toBe('gone');
  });

  it('passes changes on in order', async () => {
    start();
    await goLive();
    const [first, second] = [patch([{ key: 'a' }]), patch([{ key: 'b' }])];
    platform.net.socket.message(first);
    platform.net.socket.message(second);
    expect(sink.calls.slice(-2)).toEqual([
      ['accept', first],
      ['accept', second],
    ]);
  });

  it('that falls silent is given up and made again, of a server that answers pings', async () => {
    start();
    await goLive();
    await platform.clock.advance(15_000);
    platform.net.socket.message(PONG);
    await platform.clock.advance(30_000);
    expect(platform.net.liveSockets).toEqual([]);
    expect(sink.calls.at(-1)).toEqual(['interrupted', 'silent']);
    await platform.clock.advance(500);
    expect(platform.net.liveSockets.length).toBe(1);
  });

  it('of a server that answers no pings is kept', async () => {
    start();
    await goLive();
    await platform.clock.advance(3_600_000);
    expect(platform.net.sockets.length).toBe(1);
    expect(platform.net.socket.state).toBe('open');
  });
});

describe('a request for data', () => {
  const PUSH = patch([{ key: 'a' }]);

  /** Interrupts the connection. @returns the cursor that the next one asks with. */
  async function nextRequest(): Promise<unknown> {
    platform.net.socket.drop();
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    return JSON.parse(must(platform.net.socket.sent[0]));
  }
  const asking = (timestamp: number): unknown => ({ messageType: 'data-sync', data: { timestamp } });

  /** A connection that has asked from cursor 5. */
  async function askedFromFive(): Promise<void> {
    start();
    await goLive();
    platform.net.socket.message(PONG);
    sink.cursor = 5;
    expect(await nextRequest()).toEqual(asking(5));
  }

  it.each<[string, readonly unknown[]]>([
    ['everything', [full([{ key: 'a' }])]],
    ['nothing new, which is no push', [patch()]],
    ['a change and then everything', [PUSH, full([{ key: 'a' }])]],
  ])(
    'has been answered with %s: the next one asks for what is newer than all that is held',
    async (_name, messages) => {
      await askedFromFive();
      for (const message of messages) {
        platform.net.socket.message(message);
        await platform.clock.settle();
      }
      sink.cursor = 9;
      expect(await nextRequest()).toEqual(asking(9));
    },
  );

  it.each<[string, readonly unknown[]]>([
    ['nothing', []],
    ['a change', [PUSH]],
    ['two changes', [PUSH, PUSH]],
    ['an answer to a ping that was not sent', [PONG]],
    ['a change and the answer to a ping: a server that cannot read its store answers pings all the same', [PUSH, PONG]],
    ['a change, the answer to a ping, and another change', [PUSH, PONG, PUSH]],
  ])(
    'may not have been answered with %s, which a push may have overtaken: the next one asks for the same again',
    async (_name, messages) => {
      await askedFromFive();
      for (const message of messages) {
        platform.net.socket.message(message);
        await platform.clock.settle();
      }
      sink.cursor = 9;
      expect(await nextRequest()).toEqual(asking(5));
      expect(await nextRequest()).toEqual(asking(5));
      platform.net.socket.message(full());
      await platform.clock.settle();
      expect(await nextRequest()).toEqual(asking(9));
    },
  );

  it('has been answered with an answer that is taken in while no connection is there', async () => {
    await askedFromFive();
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    platform.net.socket.message(full());
    platform.net.socket.drop();
    finish(true);
    await platform.clock.settle();
    sink.cursor = 9;
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    expect(JSON.parse(must(platform.net.socket.sent[0]))).toEqual(asking(9));
  });

  it('has not been answered with what comes from the connection before', async () => {
    await askedFromFive();
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    platform.net.socket.message(full());
    const ofTheFirst = finish;
    expect(await nextRequest()).toEqual(asking(5));
    ofTheFirst(true);
    await platform.clock.settle();
    sink.cursor = 9;
    expect(await nextRequest()).toEqual(asking(5));
  });

  it('has not been answered with what cannot be used', async () => {
    await askedFromFive();
    sink.answer = () => Promise.resolve(false);
    platform.net.socket.message(full());
    await platform.clock.settle();
    sink.cursor = 9;
    expect(await nextRequest()).toEqual(asking(5));
  });
});

describe('changes before the first answer', () => {
  const PUSH = patch([wireFlag('a', 'on', { updatedAt: updatedAt(9) })]);

  it('do not make the connection live: a ping is sent, and its answer does', async () => {
    start();
    platform.net.socket.open();
    platform.net.socket.message(PUSH);
    await platform.clock.settle();
    platform.net.socket.message(PUSH);
    await platform.clock.settle();
    expect(platform.net.socket.sent).toEqual([REQUEST, PING]);
    platform.net.socket.message(PONG);
    expect(sink.calls.at(-1)).toEqual(['current']);
    // A live connection pings.
    await platform.clock.advance(15_000);
    expect(platform.net.socket.sent).toEqual([REQUEST, PING, PING]);
  });

  it('are given up with the connection when neither an answer nor a pong comes', async () => {
    start();
    platform.net.socket.open();
    platform.net.socket.message(PUSH);
    await platform.clock.advance(60_000);
    expect(sink.calls.at(-1)).toEqual(['interrupted', 'no-data']);
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    expect(platform.net.socket.sent).toEqual([REQUEST]);
  });

  it('are no more than that while the answer is still being taken in, although a pong came after it', async () => {
    const takeIn: (() => void)[] = [];
    start();
    platform.net.socket.open();
    platform.net.socket.message(PUSH);
    await platform.clock.settle();
    sink.answer = () => new Promise((resolve) => takeIn.push(() => resolve(true)));
    platform.net.socket.message(full([wireFlag('a', 'on', { updatedAt: updatedAt(9) })]));
    platform.net.socket.message(PONG);
    await platform.clock.settle();
    expect(sink.calls.at(-1)?.[0]).toBe('accept');
    for (const one of takeIn) one();
    await platform.clock.settle();
    // The first pong of a live connection confirms nothing.
    expect(sink.calls.filter(([call]) => call === 'current')).toEqual([]);
    expect(platform.net.socket.sent).toEqual([REQUEST, PING]);
  });
});

describe('a full message that is older than a push before it', () => {
  const at = (key: string, version: number) => wireFlag(key, 'on', { updatedAt: updatedAt(version) });
  const segmentAt = (id: string, version: number) => wireSegment(id, [], { updatedAt: updatedAt(version) });
  const asking = (timestamp: number) => `{"messageType":"data-sync","data":{"timestamp":${timestamp}}}`;

  async function receive(...messages: readonly unknown[]): Promise<void> {
    for (const message of messages) {
      platform.net.socket.message(message);
      await platform.clock.settle();
    }
  }
  /** What was asked after the first request. */
  const askedAgain = (): readonly string[] =>
    platform.net.socket.sent.filter((sent) => sent.includes('data-sync')).slice(1);

  it.each<[string, unknown, unknown, number | undefined]>([
    ['has it older', patch([at('a', 9)]), full([at('a', 3), at('b', 5)]), 5],
    ['does not have it, a new flag', patch([at('a', 9)]), full([at('b', 5)]), 5],
    ['does not have it, and nothing else', patch([at('a', 9)]), full(), undefined],
    [
      'has it not archived',
      patch([wireFlag('a', '', { isArchived: true, updatedAt: updatedAt(9) })]),
      full([at('a', 3)]),
      3,
    ],
    ['has a segment older', patch([], [segmentAt('s', 9)]), full([at('b', 5)], [segmentAt('s', 2)]), 5],
    ['has it older, and another one newer than the push', patch([at('a', 9)]), full([at('a', 3), at('b', 12)]), 8],
  ])('because it %s, is asked about again from where nothing can be missed', async (_name, push, answer, from) => {
    start();
    platform.net.socket.open();
    await receive(push, answer);
    expect(askedAgain()).toEqual([asking(from === undefined ? 0 : versionOf(from))]);
  });

  it.each<[string, unknown]>([
    ['has the same version', full([at('a', 9)])],
    ['has a newer one', full([at('a', 10)])],
  ])('is none when it %s', async (_name, answer) => {
    start();
    platform.net.socket.open();
    await receive(patch([at('a', 9)]), answer);
    expect(askedAgain()).toEqual([]);
  });

  it('is none because of what an earlier connection brought', async () => {
    start();
    platform.net.socket.open();
    await receive(full([at('a', 1)]), patch([at('a', 9)]));
    platform.net.socket.drop();
    await platform.clock.advance(1_000);
    platform.net.socket.open();
    await receive(full([at('a', 3)]));
    expect(askedAgain()).toEqual([]);
  });

  it('is asked about again on the next connection when the answer did not come', async () => {
    start();
    platform.net.socket.open();
    await receive(patch([at('a', 9)]), full([at('a', 3), at('b', 5)]));
    sink.cursor = versionOf(5);
    await receive(patch([at('c', 7)]));
    sink.cursor = versionOf(7);
    platform.net.socket.drop();
    await platform.clock.advance(1_000);
    platform.net.socket.open();
    expect(platform.net.socket.sent).toEqual([asking(versionOf(5))]);
  });

  it('is asked about once, when the server answers that it is so', async () => {
    start();
    platform.net.socket.open();
    await receive(patch([at('a', 9)]), full([at('b', 5)]), patch(), full([at('b', 6)]));
    expect(askedAgain().length).toBe(1);
  });

  it('is asked about three times in a row at most, when the server answers with the like of it', async () => {
    start();
    platform.net.socket.open();
    await receive(patch([at('a', 9)]));
    for (let answer = 0; answer < 10; answer++) await receive(full([at('b', 5)]));
    expect(askedAgain().length).toBe(3);
  });

  it('is asked about again when it is another push, although one was given up', async () => {
    start();
    platform.net.socket.open();
    await receive(patch([at('a', 9)]));
    for (let answer = 0; answer < 10; answer++) await receive(full([at('b', 5)]));
    await receive(patch([at('c', 12)]), full([at('b', 5)]));
    expect(askedAgain().length).toBe(4);
    await receive(full([at('b', 5), at('c', 12)]));
    expect(askedAgain().length).toBe(4);
  });
});

describe('healing', () => {
  const HEALING = { ...STREAMING_TIMES, resyncInterval: 40_000, fullResyncInterval: 100_000 };
  const flagAt = (key: string, version: number) => wireFlag(key, 'on', { updatedAt: updatedAt(version) });
  const different = (key: string, version: number): Difference => ({
    kind: 'flag',
    key,
    before: versionOf(1),
    after: versionOf(version),
    visible: true,
  });
  const requests = (): number[] =>
    platform.net.socket.sent
      .map((sent) => JSON.parse(sent) as { messageType: string; data: { timestamp: number } })
      .filter(({ messageType }) => messageType === 'data-sync')
      .map(({ data }) => data.timestamp);
  let ponged: number;
  /** Answers the pings that have come. */
  function pong(): void {
    const pings = platform.net.socket.sent.filter((sent) => sent === PING).length;
    for (; ponged < pings; ponged++) platform.net.socket.message(PONG);
  }
  /** Lets time pass, in which the server answers pings. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      pong();
      await platform.clock.advance(1_000);
    }
  }

  beforeEach(() => {
    // Periods as they are configured.
    platform.chance = 0.5;
    ponged = 0;
  });

  /** A live connection of a server that answers pings, whose data reaches to version 5. */
  async function live(times: StreamingTimes = HEALING): Promise<void> {
    start('http://featbit.test', times);
    await goLive();
    sink.cursor = 5;
    pong();
  }

  it('asks again on the open stream, for what is newer and now and then for everything', async () => {
    await live();
    for (let second = 1; second <= 250; second++) {
      await pass(1);
      platform.net.socket.message(patch());
      await platform.clock.settle();
    }
    expect(requests()).toEqual([0, 5, 5, 0, 5, 5, 0, 5]);
    expect(sink.calls.filter(([call]) => call === 'asked').length).toBe(7);
    expect(platform.net.sockets.length).toBe(1);
  });

  it('asks for everything alone, one period after the other, where the rest is switched off', async () => {
    await live({ ...HEALING, resyncInterval: false });
    for (let second = 1; second <= 250; second++) {
      const before = requests().length;
      await pass(1);
      if (requests().length === before) continue;
      platform.net.socket.message(full());
      await platform.clock.settle();
    }
    expect(requests()).toEqual([0, 0, 0]);
  });

  it('is off where it is switched off', async () => {
    await live(STREAMING_TIMES);
    await pass(1_200);
    expect(requests()).toEqual([0]);
  });

  it('asks for everything first on a connection that comes long after the last full message', async () => {
    /** A new connection, after so many milliseconds without one at least. */
    async function reconnect(milliseconds: number): Promise<void> {
      platform.net.socket.drop();
      await platform.clock.advance(milliseconds);
      if (platform.net.liveSockets.length === 0) await platform.clock.advance(must(platform.clock.untilNext));
      platform.net.socket.open();
    }
    await live();
    await reconnect(1_000);
    expect(requests()).toEqual([5]);
    await reconnect(100_000);
    expect(requests()).toEqual([0]);
  });

  it('goes on asking for what is newer of a server that does not answer with everything any more', async () => {
    await live();
    const answered: number[] = [];
    for (let second = 1; second <= 1_000; second++) {
      const before = requests().length;
      await pass(1);
      if (requests().length === before || requests().at(-1) === 0) continue;
      answered.push(second);
      platform.net.socket.message(patch());
      await platform.clock.settle();
    }
    const gaps = answered.map((second, index) => second - (answered[index - 1] ?? 0));
    expect(answered.length).toBeGreaterThan(10);
    // A question for everything that is not answered keeps the next one waiting for a minute.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(110);
    expect(platform.net.sockets.length).toBe(1);
  });

  it('goes on with that on the next connection when it ends with everything unanswered', async () => {
    await live();
    await pass(100);
    expect(requests().at(-1)).toBe(0);
    platform.net.socket.drop();
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    expect(requests()).toEqual([5]);
  });

  it('asks from there until that is answered for certain: a change that overtook a lost request hides nothing', async () => {
    await live();
    platform.net.socket.drop();
    await platform.clock.advance(must(platform.clock.untilNext));
    ponged = 0;
    platform.net.socket.open();
    // The request is lost, a change is pushed, and pings are answered.
    platform.net.socket.message(patch([flagAt('c', 9)]));
    await platform.clock.settle();
    sink.cursor = 9;
    await pass(40);
    expect(requests()).toEqual([5, 5]);
    // The changes are no proof, for they may be pushes again: the next question has the same, which is.
    platform.net.socket.message(patch([flagAt('b', 7), flagAt('c', 10)]));
    await pass(40);
    expect(requests()).toEqual([5, 5, 5]);
    expect(sink.calls.filter(([call]) => call === 'answered')).toEqual([]);
    sink.repeats = true;
    platform.net.socket.message(patch([flagAt('b', 7), flagAt('c', 10)]));
    await pass(40);
    expect(requests().at(-1)).toBe(0);
    expect(sink.calls.filter(([call]) => call === 'answered').length).toBe(1);
    await pass(100);
    expect(requests().slice(4)).not.toContain(5);
  });

  it('is asked for again from there on the next connection when its answer did not come', async () => {
    await live();
    await pass(40);
    expect(requests()).toEqual([0, 5]);
    // A push, and the connection is gone before the answer.
    platform.net.socket.message(patch([flagAt('c', 9)]));
    await platform.clock.settle();
    sink.cursor = 9;
    platform.net.socket.drop();
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    expect(requests()).toEqual([5]);
  });

  it('loses nothing but that with a server that answers no repeated request', async () => {
    await live();
    await pass(600);
    expect(platform.net.sockets.length).toBe(1);
    expect(sink.calls.filter(([call]) => call === 'interrupted')).toEqual([]);
    // A request that may still be worked on keeps the next one waiting.
    expect(requests().length).toBeLessThan(12);
  });

  it('asks a server more rarely that answers with everything, and needs long for that', async () => {
    await live({ ...HEALING, fullResyncInterval: false });
    await pass(40);
    expect(requests()).toEqual([0, 5]);
    await pass(3);
    platform.net.socket.message(full());
    await platform.clock.settle();
    await pass(59);
    expect(requests()).toEqual([0, 5]);
    await pass(1);
    expect(requests()).toEqual([0, 5, 5]);
  });

  it('has what it brings compared with what is held, and nothing else', async () => {
    await live();
    await pass(40);
    for (const message of [patch([flagAt('a', 9)]), patch(), patch([flagAt('b', 9)])]) {
      platform.net.socket.message(message);
      await platform.clock.settle();
    }
    expect(sink.repeated).toEqual([false, true, true, false]);
  });

  describe('counts what it has put right', () => {
    const answer = patch([flagAt('a', 9)]);

    /** Lets the time pass after which a late push is no excuse any more. */
    async function settled(): Promise<number> {
      await pass(15);
      return sink.calls.filter(([call]) => call === 'repaired').reduce((sum, [, count]) => sum + Number(count), 0);
    }

    async function receive(message: unknown, ...differences: readonly Difference[]): Promise<void> {
      sink.differences = [...differences];
      platform.net.socket.message(message);
      await platform.clock.settle();
    }

    it('with changes before the answer to the ping that was sent after the request', async () => {
      await live();
      await pass(40);
      await receive(answer, different('a', 9), different('b', 9));
      pong();
      await expect(settled()).resolves.toBe(2);
    });

    it('with a full message', async () => {
      await live();
      await pass(40);
      await receive(full([flagAt('a', 9)]), different('a', 9), { ...different('gone', 0), after: undefined });
      await expect(settled()).resolves.toBe(2);
    });

    it('but not what was pushed meanwhile: nothing newer was the answer', async () => {
      await live();
      await pass(40);
      await receive(answer, different('a', 9));
      await receive(patch());
      await expect(settled()).resolves.toBe(0);
    });

    it('but not what is pushed as well, a little later', async () => {
      await live();
      await pass(40);
      await receive(answer, different('a', 9));
      pong();
      await pass(2);
      await receive(answer);
      await expect(settled()).resolves.toBe(0);
    });

    it('but not the pushes of a server that answers no repeated request', async () => {
      await live();
      await pass(40);
      pong();
      await receive(answer, different('a', 9));
      pong();
      await expect(settled()).resolves.toBe(0);
    });

    it('but not what the answer has undone: that is asked about again', async () => {
      await live();
      await receive(patch([flagAt('a', 9)]));
      await pass(40);
      await receive(full([flagAt('b', 7)]), { ...different('a', 9), after: undefined }, different('b', 7));
      await expect(settled()).resolves.toBe(1);
    });

    it('but not what the first request of a connection brings', async () => {
      await live();
      platform.net.socket.drop();
      await platform.clock.advance(1_000);
      ponged = 0;
      platform.net.socket.open();
      await receive(answer, different('a', 9));
      pong();
      await expect(settled()).resolves.toBe(0);
    });
  });
});

describe('connections that are cut when they are idle', () => {
  it('are pinged in time from the third on, and that is logged once', async () => {
    start();
    for (let connection = 0; connection < 3; connection++) {
      await goLive();
      platform.net.socket.message(PONG);
      await platform.clock.advance(10_000);
      platform.net.socket.drop(1006);
      await platform.clock.advance(must(platform.clock.untilNext));
    }
    await goLive();
    expect(platform.net.socket.sent.filter((sent) => sent === PING).length).toBe(1);
    await platform.clock.advance(5_000);
    expect(platform.net.socket.sent.filter((sent) => sent === PING).length).toBe(2);
    expect(logger.entries.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'streaming: connections end after 10 s without traffic: something on the way (a proxy, a load balancer) cuts them; from now on they are pinged every 5 s; raise its idle time-out (nginx: proxy_read_timeout)',
    ]);
  });
});

describe('a server that sends faster than data can be taken in', () => {
  /** A change that is as long as that. */
  const push = (length: number): string => `${' '.repeat(length)}${JSON.stringify(patch([{ key: 'a' }]))}`;
  const accepted = (): number => sink.calls.filter(([call]) => call === 'accept').length;

  it('is left before it fills the memory, and asked again; what it sent before is taken in', async () => {
    start();
    await goLive();
    const takeIn: (() => void)[] = [];
    sink.answer = () => new Promise((resolve) => takeIn.push(() => resolve(true)));
    // The first is being taken in, the others wait behind it.
    for (let pushed = 0; pushed < 5; pushed++) platform.net.socket.message(push(MAX_BACKLOG / 4));
    expect(platform.net.liveSockets.length).toBe(1);
    expect(accepted()).toBe(6);
    platform.net.socket.message(push(0));
    expect(platform.net.liveSockets).toEqual([]);
    expect(sink.calls.slice(-2).map(([call]) => call)).toEqual(['accept', 'interrupted']);

    // No more room on the next connection, as long as nothing of it was taken in.
    await platform.clock.advance(must(platform.clock.untilNext));
    platform.net.socket.open();
    expect(platform.net.socket.sent).toEqual([REQUEST]);
    platform.net.socket.message(push(0));
    expect(platform.net.liveSockets).toEqual([]);
    expect(accepted()).toBe(6);

    for (const one of takeIn) one();
    sink.answer = () => Promise.resolve(true);
    await platform.clock.advance(must(platform.clock.untilNext));
    await goLive();
    expect(accepted()).toBe(7);
    expect(platform.net.liveSockets.length).toBe(1);
  });
});

describe('a message', () => {
  it.each([
    ['no JSON', '<html>'],
    ['cut off', '{"messageType":"data-sync","data":{'],
    ['empty', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['without a type', '{"data":{}}'],
  ])('that is %s changes nothing and is told, without being shown', async (_name, text) => {
    start();
    await goLive();
    const before = sink.calls.length;
    platform.net.socket.message(text);
    await platform.clock.settle();
    expect(sink.calls.length).toBe(before);
    expect(platform.net.socket.state).toBe('open');
    expect(logger.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { code: 'bad-message' } },
    ]);
  });

  it.each(['{"messageType":"echo"}', '{"messageType":"ping","data":{}}', '{"messageType":"future","data":[1]}'])(
    'of a type that is not known is ignored: %s',
    async (text) => {
      start();
      await goLive();
      const before = sink.calls.length;
      platform.net.socket.message(text);
      expect(sink.calls.length).toBe(before);
      expect(logger.codes('error')).toEqual([]);
    },
  );

  it('with data that cannot be used does not make the connection live', async () => {
    sink.answer = () => Promise.resolve(false);
    start();
    await goLive();
    await platform.clock.advance(60_000);
    expect(sink.calls.at(-1)).toEqual(['interrupted', 'no-data']);
    expect(platform.net.liveSockets).toEqual([]);
  });

  it('that is taken in slowly counts for its own connection only', async () => {
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    start();
    await goLive();
    const committed = finish;
    platform.net.socket.drop();
    await platform.clock.advance(500);
    platform.net.socket.open();
    committed(true);
    await platform.clock.settle();
    // Live connections ping; this one still waits for its answer.
    await platform.clock.advance(59_999);
    expect(platform.net.socket.sent).toEqual([REQUEST]);
    await platform.clock.advance(1);
    expect(sink.calls.at(-1)).toEqual(['interrupted', 'no-data']);
  });

  it('that is taken in while no connection is there counts for none', async () => {
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    start();
    await goLive();
    platform.net.socket.drop();
    finish(true);
    await platform.clock.settle();
    expect(platform.net.liveSockets).toEqual([]);
    expect(platform.clock.timers('background')).toBe(1);
    await platform.clock.advance(500);
    expect(platform.net.liveSockets.length).toBe(1);
  });
});

describe('a server that refuses the secret', () => {
  it.each(['at once', 'after an answer'])('%s is asked again after a long, growing wait', async (when) => {
    start('http://featbit.test', { ...STREAMING_TIMES, refusedRetryDelay: 60_000 });
    platform.net.socket.open();
    if (when === 'after an answer') platform.net.socket.message(full());
    await platform.clock.settle();
    for (const [index, wait] of [67_500, 135_000, 270_000, 540_000, 600_000].entries()) {
      platform.net.socket.drop(4003);
      expect(sink.calls.at(-1)).toEqual(['failed', 'rejected']);
      await platform.clock.advance(wait - 1);
      expect(platform.net.sockets.length).toBe(index + 1);
      await platform.clock.advance(1);
      expect(platform.net.sockets.length).toBe(index + 2);
    }
    // Let in again: the row is over.
    await goLive();
    platform.net.socket.drop(4003);
    await platform.clock.advance(67_500);
    expect(platform.net.sockets.length).toBe(7);
  });

  it('and cannot be reached when it is asked again is tried as any other', async () => {
    start('http://featbit.test', { ...STREAMING_TIMES, refusedRetryDelay: 60_000 });
    platform.net.socket.open();
    platform.net.socket.drop(4003);
    await platform.clock.advance(67_500);
    platform.net.socket.drop(1006, 'ECONNREFUSED');
    await platform.clock.advance(500);
    expect(platform.net.sockets.length).toBe(3);
  });

  it.each(['at once', 'after an answer'])(
    '%s is believed where that is final, and no attempt follows',
    async (when) => {
      start();
      platform.net.socket.open();
      if (when === 'after an answer') platform.net.socket.message(full());
      await platform.clock.settle();
      platform.net.socket.drop(4003);
      expect(sink.calls.at(-1)).toEqual(['failed', 'rejected']);
      await platform.clock.advance(86_400_000);
      expect(platform.net.sockets.length).toBe(1);
      expect(platform.clock.timers()).toBe(0);
    },
  );
});

describe('closing', () => {
  const PHASES: Readonly<Record<string, () => Promise<void>>> = {
    'a connection being made': async () => undefined,
    'an answer expected': async () => platform.net.socket.open(),
    'a live connection': goLive,
    'a wait for the next attempt': async () => platform.net.socket.drop(),
  };

  it.each(Object.entries(PHASES))('with %s ends everything at once', async (_name, reach) => {
    const source = start();
    await reach();
    source.close();
    expect(platform.net.liveSockets).toEqual([]);
    expect(platform.clock.timers()).toBe(0);
    const calls = sink.calls.length;
    source.close();
    await platform.clock.advance(86_400_000);
    expect(platform.net.sockets.length).toBe(1);
    expect(sink.calls.length).toBe(calls);
  });

  it('before the start prevents it', () => {
    const source = new StreamingSource(
      {
        url: 'ws://featbit.test',
        secret: SECRET,
        times: STREAMING_TIMES,
      },
      platform,
      platform.net,
      new Log(undefined, platform.clock),
    );
    source.close();
    source.start(sink);
    expect(platform.net.sockets).toEqual([]);
    expect(platform.clock.timers()).toBe(0);
  });

  it('while the connection’s end is being told leaves no timer behind', () => {
    const source = start();
    platform.net.socket.open();
    sink.interrupted = () => source.close();
    platform.net.socket.drop();
    expect(platform.clock.timers()).toBe(0);
  });

  it('while data is being taken in is not undone when that is done', async () => {
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const source = start();
    await goLive();
    source.close();
    finish(true);
    await platform.clock.advance(86_400_000);
    expect(platform.net.sockets.length).toBe(1);
  });
});

it('neither the secret nor the token is in any log or error', async () => {
  start();
  const told: string[] = [];
  sink.interrupted = (error) => told.push(JSON.stringify(error));
  sink.failed = (error) => told.push(JSON.stringify(error));
  for (const end of [1000, 1006, 1011]) {
    await goLive();
    platform.net.socket.message('{"half');
    platform.net.socket.drop(end, 'ECONNRESET');
    await platform.clock.advance(60_000);
  }
  await platform.clock.advance(60_000);
  platform.net.socket.open();
  platform.net.socket.drop(4003);
  const text = told.join() + logger.text;
  expect(told.length).toBeGreaterThan(3);
  for (const url of urls()) expect(text).not.toContain(must(url.searchParams.get('token')));
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(SECRET.slice(10, 20));
});
