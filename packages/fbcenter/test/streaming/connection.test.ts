import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Push, Reader, SyncAnswer, SyncStream } from '../../src/live/stream.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { Bytes } from '../../src/runtime/bytes.js';
import { Connection } from '../../src/streaming/connection.js';
import { serverDialogue } from '../../src/streaming/dialogue.js';
import { STREAMING_LIMITS } from '../../src/streaming/limits.js';
import { FakeSocket } from '../support/fake-socket.js';

/** A stream whose answers are given by the test. */
class ScriptedStream implements SyncStream {
  readonly readers = new Set<Reader>();
  readonly asked: {
    readonly cursor: number;
    readonly give: (answer: SyncAnswer) => void;
    readonly fail: () => void;
  }[] = [];
  pushes: Push[] = [];
  /** Readers before this cursor need an answer. */
  keptSince = 0;
  expected = 0;

  join(reader: Reader): () => void {
    this.readers.add(reader);
    return () => void this.readers.delete(reader);
  }

  next(cursor: number): Push | 'behind' | undefined {
    return cursor < this.keptSince ? 'behind' : this.pushes.find(({ version }) => version > cursor);
  }

  expectedBytes(): number {
    return this.expected;
  }

  answer(cursor: number): Promise<SyncAnswer> {
    return new Promise((give, reject) => {
      this.asked.push({ cursor, give, fail: () => reject(new Error('on purpose')) });
    });
  }

  /** Gives the oldest answer that is waited for. */
  async give(cursor: number, text = `answer to ${cursor}`): Promise<void> {
    await setImmediate();
    this.asked.shift()?.give({ cursor, message: Bytes.of(Buffer.from(text)), isEmpty: false });
    await setImmediate();
  }

  push(version: number, text = `push ${version}`): void {
    this.pushes.push({ version, message: Buffer.from(text) });
    for (const reader of this.readers) reader.wake();
  }
}

const PONG = '{"messageType":"pong","data":{}}';
const BIG = 'x'.repeat(200);
const limits = { ...STREAMING_LIMITS, maxBufferedBytes: 100, stallTimeout: 1_000 };
const budgetLimits = { maxBytes: 10_000, freeBytes: 100, peerBytes: 1_000 };

let socket: FakeSocket;
let stream: ScriptedStream;
let connection: Connection;
let errors: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  socket = new FakeSocket();
  stream = new ScriptedStream();
  errors = [];
  const onError = (error: unknown) => void errors.push(error);
  connection = new Connection(
    socket.asWebSocket,
    socket.asRawSocket,
    serverDialogue({ feed: stream }),
    new ByteBudget(budgetLimits),
    limits,
    { cut: () => socket.terminate() },
    onError,
  );
});
afterEach(() => void vi.useRealTimers());

describe('a connection', () => {
  it('joins its stream at once and leaves it when it is closed', () => {
    expect([...stream.readers]).toEqual([connection]);
    socket.emit('close');
    expect(stream.readers.size).toBe(0);
  });

  it('has no listeners of its own: all sockets share them', () => {
    const other = new FakeSocket();
    new Connection(
      other.asWebSocket,
      other.asRawSocket,
      serverDialogue({ feed: new ScriptedStream() }),
      new ByteBudget(budgetLimits),
      limits,
      { cut: () => other.terminate() },
      () => {},
    );
    expect(socket.eventNames()).toEqual(['message', 'ping', 'pong', 'close']);
    for (const event of socket.eventNames()) expect(other.listeners(event)).toEqual(socket.listeners(event));
  });

  it('sends nothing before it is asked', () => {
    stream.push(1);
    expect(socket.sent).toEqual([]);
    expect(stream.asked).toEqual([]);
  });

  it.each<[string, (own: { socket: FakeSocket; stream: ScriptedStream }) => void]>([
    ['a message', ({ socket }) => socket.receive('anything')],
    ['a change', ({ stream }) => stream.push(1)],
  ])('ends by itself when a fault of ours comes of %s: whoever else is connected hears nothing of it', (_, act) => {
    const [faulty, other] = [new FakeSocket(), new FakeSocket()];
    const own = new ScriptedStream();
    const fault = () => {
      throw new RangeError('on purpose');
    };
    for (const one of [faulty, other]) {
      const dialogue = { ...serverDialogue({ feed: own }), ...(one === faulty ? { read: fault } : {}) };
      new Connection(
        one.asWebSocket,
        one.asRawSocket,
        dialogue,
        new ByteBudget(budgetLimits),
        limits,
        { cut: () => one.terminate() },
        (error) => void errors.push(error),
      );
    }
    const terminate = vi.spyOn(faulty, 'terminate').mockImplementation(() => {});
    Object.defineProperty(faulty, 'readyState', { get: fault });
    act({ socket: faulty, stream: own });
    expect(errors).toEqual([new RangeError('on purpose')]);
    expect(terminate).toHaveBeenCalledOnce();
    expect(other.terminated).toBe(false);
  });

  it('answers a request, then sends each push after the cursor of the answer', async () => {
    stream.push(1);
    socket.requestSync(7);
    await setImmediate();
    expect(stream.asked.map(({ cursor }) => cursor)).toEqual([7]);
    stream.push(2);
    stream.push(3);
    await stream.give(2);
    expect(socket.sent).toEqual(['answer to 2', 'push 3']);
    stream.push(4);
    expect(socket.sent).toEqual(['answer to 2', 'push 3', 'push 4']);
  });

  it('answers each of several requests that came while one was being answered, in their order', async () => {
    for (const cursor of [1, 2, 3]) socket.requestSync(cursor);
    await stream.give(10, 'first');
    expect(stream.asked.map(({ cursor }) => cursor)).toEqual([2]);
    await stream.give(10, 'second');
    await stream.give(10, 'third');
    expect(socket.sent).toEqual(['first', 'second', 'third']);
    expect(stream.asked).toEqual([]);
  });

  it('reads no more while sixteen messages wait, and goes on once there are fewer', async () => {
    for (let cursor = 0; cursor < 16; cursor++) socket.requestSync(cursor);
    expect(socket.isPaused).toBe(false);
    socket.requestSync(16);
    expect(socket.isPaused).toBe(true);
    // They had come with the last that was read.
    for (let cursor = 17; cursor < 30; cursor++) socket.requestSync(cursor);
    // The peer does not take the first answer: nothing is read meanwhile.
    await stream.give(0, BIG);
    expect(socket.isPaused).toBe(true);
    for (let cursor = 1; cursor < 30; cursor++) {
      socket.flush();
      await setImmediate();
      socket.flush();
      await setImmediate();
      // The request itself is not among those that wait any more.
      expect(socket.isPaused, `${cursor}`).toBe(29 - cursor >= 16);
      await stream.give(cursor, `answer ${cursor}`);
    }
    expect(socket.sent).toEqual([BIG, ...Array.from({ length: 29 }, (_, index) => `answer ${index + 1}`)]);
  });

  it('reads no more pings of a peer that does not read, and answers each that was read', async () => {
    socket.requestSync(0);
    await stream.give(1, BIG);
    for (let count = 0; count < 20; count++) socket.receive({ messageType: 'ping', data: {} });
    expect([socket.isPaused, socket.sent]).toEqual([true, [BIG]]);
    for (let turn = 0; socket.sent.length < 21 && turn < 100; turn++) {
      socket.flush();
      await setImmediate();
    }
    expect([socket.isPaused, socket.sent]).toEqual([false, [BIG, ...Array(20).fill(PONG)]]);
  });

  it('answers pings and echoes when it is their turn', async () => {
    const echo = { messageType: 'echo', data: { a: 1 } };
    socket.receive(echo);
    socket.requestSync(1);
    socket.receive({ messageType: 'ping', data: {} });
    socket.receive({ messageType: 'ping', data: {} });
    socket.receive(echo);
    socket.requestSync(2);
    socket.receive({ messageType: 'ping', data: {} });
    await stream.give(1);
    socket.flush();
    await stream.give(2);
    const echoed = JSON.stringify(echo);
    expect(socket.sent).toEqual([echoed, 'answer to 1', PONG, PONG, echoed, 'answer to 2', PONG]);
  });

  it('sends what has changed after the answers to what was asked before', async () => {
    socket.requestSync(1);
    socket.receive({ messageType: 'ping', data: {} });
    stream.push(2);
    await stream.give(1);
    expect(socket.sent).toEqual(['answer to 1', PONG, 'push 2']);
  });

  it('answers a request again that comes again', async () => {
    socket.requestSync(0);
    await stream.give(5, 'one');
    socket.requestSync(0);
    await stream.give(5, 'two');
    expect(socket.sent).toEqual(['one', 'two']);
  });

  it('asks for an answer by itself when the pushes after its cursor are not kept any more', async () => {
    socket.requestSync(0);
    await stream.give(5);
    stream.keptSince = 8;
    stream.push(9);
    await setImmediate();
    expect(stream.asked.map(({ cursor }) => cursor)).toEqual([5]);
    await stream.give(9);
    expect(socket.sent).toEqual(['answer to 5', 'answer to 9']);
  });

  it('is closed with 1001 when a request cannot be answered', async () => {
    socket.requestSync(0);
    await setImmediate();
    stream.asked[0]?.fail();
    await setImmediate();
    expect(socket.closed).toEqual({ code: 1001, reason: expect.stringContaining('storage') });
    expect(errors).toMatchObject([{ message: 'on purpose' }]);
    stream.push(1);
    expect(socket.sent).toEqual([]);
  });

  it('that was closed while an answer was read sends nothing, and gives its bytes back', async () => {
    const budget = new ByteBudget(budgetLimits);
    stream.expected = 500;
    const other = new Connection(
      socket.asWebSocket,
      socket.asRawSocket,
      serverDialogue({ feed: stream }),
      budget,
      limits,
      { cut: () => {} },
      () => {},
    );
    socket.requestSync(0);
    await setImmediate();
    expect(budget.taken).toBe(500);
    socket.readyState = 3;
    await stream.give(1);
    await stream.give(1);
    expect(socket.sent).toEqual([]);
    expect(budget.taken).toBe(0);
    expect(other.beat(0)).toBeUndefined();
  });
});

describe('a slow peer', () => {
  beforeEach(async () => {
    socket.requestSync(0);
    await stream.give(1, BIG);
  });

  it('gets nothing more before it has taken what was sent, then goes on from its cursor', async () => {
    for (const version of [2, 3]) stream.push(version);
    expect(socket.sent).toEqual([BIG]);
    socket.flush();
    await setImmediate();
    expect(socket.sent).toEqual([BIG, 'push 2', 'push 3']);
  });

  it('gets its next request answered once it has taken the answer before', async () => {
    socket.requestSync(5);
    expect(stream.asked).toEqual([]);
    socket.flush();
    await setImmediate();
    expect(stream.asked.map(({ cursor }) => cursor)).toEqual([5]);
  });

  it('that sends pings gets its pongs, once it has taken what was sent', async () => {
    for (let count = 0; count < 3; count++) socket.receive({ messageType: 'ping' });
    expect(socket.sent).toEqual([BIG]);
    socket.flush();
    await setImmediate();
    expect(socket.sent).toEqual([BIG, PONG, PONG, PONG]);
  });

  it('is not pinged, and is stalled once it has taken nothing for its time', () => {
    expect(connection.beat(performance.now() + 1_000)).toBeUndefined();
    expect(connection.beat(performance.now() + 1_001)).toBe('stalled');
    expect(socket.pings).toBe(0);
  });

  it('that has taken everything is pinged again', async () => {
    socket.flush();
    await setImmediate();
    expect(connection.beat(performance.now() + 9_999)).toBeUndefined();
    expect(socket.pings).toBe(1);
  });
});

describe('a peer', () => {
  it('that says nothing from one heartbeat to the next is silent', () => {
    expect(connection.beat(0)).toBeUndefined();
    expect(socket.pings).toBe(1);
    expect(connection.beat(1)).toBe('silent');
  });

  it('that is not read because its requests wait is not silent', async () => {
    for (let cursor = 0; cursor < 17; cursor++) socket.requestSync(cursor);
    for (let beat = 0; beat < 3; beat++) expect(connection.beat(beat)).toBeUndefined();
    for (let cursor = 0; cursor < 17; cursor++) {
      await stream.give(cursor);
      socket.flush();
      await setImmediate();
    }
    expect([connection.beat(4), connection.beat(5)]).toEqual([undefined, 'silent']);
  });

  it.each<[string, () => void]>([
    ['a pong', () => socket.emit('pong')],
    ['a ping of its own', () => socket.emit('ping')],
    ['a ping message', () => socket.receive({ messageType: 'ping' })],
    ['a request', () => socket.requestSync(0)],
    ['something that cannot be understood', () => socket.receive('nonsense')],
  ])('that sends %s between two heartbeats is alive', (_, send) => {
    for (let beat = 0; beat < 3; beat++) {
      expect(connection.beat(beat)).toBeUndefined();
      send();
    }
  });

  it('is answered with a pong for each ping', () => {
    socket.receive({ messageType: 'ping', data: {} });
    socket.receive({ messageType: 'ping' });
    expect(socket.sent).toEqual([PONG, PONG]);
  });

  it.each(['', 'null', '[]', '{}', '{"messageType":"pong"}', '{"messageType":"data-sync","data":{"timestamp":"5"}}'])(
    'that sends %j is not answered',
    (message) => {
      socket.receive(message);
      expect([socket.sent, stream.asked]).toEqual([[], []]);
    },
  );
});

describe('a message that is large', () => {
  const HUGE = 'é'.repeat(100_000);

  it('goes in pieces, and nothing comes between them', async () => {
    socket.requestSync(0);
    await setImmediate();
    await stream.give(1, HUGE);
    stream.push(2);
    socket.receive({ messageType: 'ping' });
    for (const whole of [0, 0, 0, 1]) {
      expect(socket.sent).toHaveLength(whole);
      // A piece and its header.
      expect(socket.writableLength).toBeLessThanOrEqual(64 * 1024 + 10);
      socket.flush();
      await setImmediate();
    }
    expect(socket.sent).toEqual([HUGE, PONG, 'push 2']);
  });

  it('that is a push waits for room like an answer, and is read when there is room', async () => {
    const budget = new ByteBudget({ ...budgetLimits, maxBytes: 400 });
    const own = new FakeSocket();
    const feed = new ScriptedStream();
    new Connection(
      own.asWebSocket,
      own.asRawSocket,
      serverDialogue({ feed }),
      budget,
      limits,
      { cut: () => {} },
      () => {},
    );
    own.requestSync(0);
    await setImmediate();
    await feed.give(1);
    own.flush();
    const elsewhere = await budget.take(400);
    feed.push(2, BIG);
    feed.pushes = [];
    feed.push(3, BIG.toUpperCase());
    expect(own.sent).toEqual(['answer to 1']);
    elsewhere.end();
    await setImmediate();
    expect(own.sent).toEqual(['answer to 1', BIG.toUpperCase()]);
  });
});

describe('an answer to a peer that takes compressed ones', () => {
  const LONG = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => ({ key: `flag-${index}`, isEnabled: true })));

  beforeEach(() => {
    socket.extensions = 'permessage-deflate';
    socket.requestSync(0);
  });

  it('is compressed when it is long, and pushes after it are not', async () => {
    await stream.give(1, LONG);
    await vi.waitFor(() => expect(socket.sent).toEqual([LONG]));
    expect(socket.written).toBeLessThan(LONG.length / 5);
    socket.flush();
    await setImmediate();
    const before = socket.written;
    stream.push(2);
    expect(socket.sent.at(-1)).toBe('push 2');
    expect(socket.written - before).toBe('push 2'.length + 2);
  });

  it('goes as it is when it is short', async () => {
    await stream.give(1, BIG);
    expect(socket.sent).toEqual([BIG]);
    expect(socket.written).toBe(BIG.length + 4);
  });

  it('waits for room by what it has once it is compressed', async () => {
    const budget = new ByteBudget({ ...budgetLimits, maxBytes: 400, peerBytes: 400 });
    const own = new FakeSocket();
    own.extensions = 'permessage-deflate';
    const feed = new ScriptedStream();
    new Connection(
      own.asWebSocket,
      own.asRawSocket,
      serverDialogue({ feed }),
      budget,
      limits,
      { cut: () => {} },
      () => {},
    );
    own.requestSync(0);
    await setImmediate();
    const elsewhere = await budget.take(400);
    await feed.give(1, LONG);
    expect(own.sent).toEqual([]);
    elsewhere.end();
    await vi.waitFor(() => expect(own.sent).toEqual([LONG]));
  });
});

describe('answers of several connections', () => {
  it('share the byte budget: one waits, unread, until another has left the process', async () => {
    const budget = new ByteBudget({ ...budgetLimits, maxBytes: 500 });
    const sockets = [new FakeSocket(), new FakeSocket()];
    stream.expected = BIG.length;
    const elsewhere = await budget.take(200);
    for (const one of sockets) {
      new Connection(
        one.asWebSocket,
        one.asRawSocket,
        serverDialogue({ feed: stream }),
        budget,
        limits,
        { cut: () => {} },
        () => {},
      );
      one.requestSync(0);
    }
    await setImmediate();
    expect(stream.asked).toHaveLength(1);
    await stream.give(1, BIG.slice(0, 150));
    expect(sockets.map(({ sent }) => sent.length)).toEqual([1, 0]);
    elsewhere.end();
    sockets[0]?.flush();
    await setImmediate();
    await stream.give(1, BIG);
    expect(sockets.map(({ sent }) => sent.length)).toEqual([1, 1]);
  });
});
