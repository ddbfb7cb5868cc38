import { beforeEach, describe, expect, it } from 'vitest';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import { Log } from '../../src/runtime/log.js';
import { MAX_BACKLOG } from '../../src/sync/backlog.js';
import { StreamingSource } from '../../src/sync/streaming.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakePlatform } from '../support/fake-network.js';
import { FakeSink } from '../support/fake-sink.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch } from '../support/wire.js';

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

function start(url = 'http://featbit.test/prefix'): StreamingSource {
  const times = { connectTimeout: 5_000, firstRetryDelay: 1_000, maxRetryDelay: 60_000, pingInterval: 15_000 };
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
    expect(sink.calls.filter(([call]) => call === 'confirm').length).toBe(3);
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

  /** A connection that has asked from cursor 5, to a server that has answered a ping before or has not. */
  async function askedFromFive(answersPings: boolean): Promise<void> {
    start();
    await goLive();
    if (answersPings) platform.net.socket.message(PONG);
    sink.cursor = 5;
    expect(await nextRequest()).toEqual(asking(5));
  }

  it.each<[string, readonly unknown[]]>([
    ['everything', [full([{ key: 'a' }])]],
    ['nothing new, which is no push', [patch()]],
    ['a change and then everything', [PUSH, full([{ key: 'a' }])]],
    ['a change and the answer to a ping, which was sent after the request', [PUSH, PONG]],
    ['a change, the answer to a ping, and another change', [PUSH, PONG, PUSH]],
  ])(
    'has been answered with %s: the next one asks for what is newer than all that is held',
    async (_name, messages) => {
      await askedFromFive(true);
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
  ])(
    'may not have been answered with %s, which a push may have overtaken: the next one asks for the same again',
    async (_name, messages) => {
      await askedFromFive(true);
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

  it('counts as answered with whatever comes from a server that has not answered a ping yet', async () => {
    await askedFromFive(false);
    platform.net.socket.message(PUSH);
    await platform.clock.settle();
    sink.cursor = 9;
    expect(await nextRequest()).toEqual(asking(9));
  });

  it('has been answered with an answer that is taken in while no connection is there', async () => {
    await askedFromFive(true);
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
    await askedFromFive(true);
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
    await askedFromFive(true);
    sink.answer = () => Promise.resolve(false);
    platform.net.socket.message(full());
    await platform.clock.settle();
    sink.cursor = 9;
    expect(await nextRequest()).toEqual(asking(5));
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
    await platform.clock.advance(30_000);
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
    await platform.clock.advance(29_999);
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
  it.each(['at once', 'after an answer'])('%s is believed: it is told, and no attempt follows', async (when) => {
    start();
    platform.net.socket.open();
    if (when === 'after an answer') platform.net.socket.message(full());
    await platform.clock.settle();
    platform.net.socket.drop(4003);
    expect(sink.calls.at(-1)).toEqual(['failed', 'rejected']);
    await platform.clock.advance(86_400_000);
    expect(platform.net.sockets.length).toBe(1);
    expect(platform.clock.timers()).toBe(0);
  });
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
        times: { connectTimeout: 1, firstRetryDelay: 1, maxRetryDelay: 1, pingInterval: 1 },
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
