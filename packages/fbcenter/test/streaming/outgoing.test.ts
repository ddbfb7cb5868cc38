import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../../../soak/random.js';
import { Bytes } from '../../src/runtime/bytes.js';
import { asDeflatedMessage } from '../../src/runtime/compressed-bytes.js';
import { Outgoing } from '../../src/streaming/outgoing.js';
import { FakeSocket } from '../support/fake-socket.js';

const MOST = 100;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function opened() {
  const socket = new FakeSocket();
  let taken = 0;
  const onTaken = () => {
    taken += 1;
  };
  const outgoing = new Outgoing(socket.asWebSocket, socket.asRawSocket, MOST, { onTaken });
  return { socket, outgoing, taken: () => taken };
}

/** Hardly compressible, so that it goes in several frames. */
const randomText = (length: number) => {
  const random = new Random(1);
  return Buffer.from(Array.from({ length }, () => random.between(32, 126)));
};

const text = (length: number) => Buffer.from('x'.repeat(length));

describe('what leaves', () => {
  it('is reported once it has left, one message after the other', () => {
    const { socket, outgoing, taken } = opened();
    outgoing.send(text(10));
    outgoing.send(text(20));
    expect([socket.sent.map(({ length }) => length), taken()]).toEqual([[10, 20], 0]);
    socket.flush(1);
    expect(taken()).toBe(1);
    socket.flush();
    expect(taken()).toBe(2);
  });

  it.each([
    [MOST - 3, false],
    [MOST - 2, false],
    [MOST - 1, true],
  ])('is too much for the peer when so many bytes wait, and the two of its header: %i, %s', (bytes, isFull) => {
    const { outgoing, socket } = opened();
    outgoing.send(text(bytes));
    expect(outgoing.isFull).toBe(isFull);
    socket.flush();
    expect(outgoing.isFull).toBe(false);
  });

  it('is for an open socket', () => {
    const { outgoing, socket } = opened();
    expect(outgoing.isOpen).toBe(true);
    socket.close(1000, '');
    expect(outgoing.isOpen).toBe(false);
  });
});

describe('a push', () => {
  function measured() {
    const socket = new FakeSocket();
    const pushed: number[] = [];
    const outgoing = new Outgoing(socket.asWebSocket, socket.asRawSocket, MOST, { onTaken: () => {} }, (committedAt) =>
      pushed.push(committedAt),
    );
    return { socket, outgoing, pushed };
  }

  it('is reported by the time of its commit once it was written; other messages are not', () => {
    const { socket, outgoing, pushed } = measured();
    outgoing.send(text(10), 5);
    outgoing.send(text(10));
    outgoing.send(text(10), 7);
    expect(pushed).toEqual([]);
    socket.flush();
    expect(pushed).toEqual([5, 7]);
  });

  it('in pieces is reported once, after the last of them', async () => {
    const { socket, outgoing, pushed } = measured();
    const sent = outgoing.sendInPieces(Bytes.of(text(3 * 64 * 1024)), { committedAt: 5 });
    for (let count = 0; count < 3; count++) {
      expect(pushed).toEqual([]);
      // A header and what it is of.
      socket.flush(2);
      await Promise.resolve();
      await Promise.resolve();
    }
    await sent;
    expect(pushed).toEqual([5]);
  });

  it('that could not be written is not reported', () => {
    const { outgoing, pushed } = measured();
    const failing = new Outgoing(
      { readyState: 1, OPEN: 1 },
      { writableLength: 0, write: (_: unknown, done: (error: Error) => void) => done(new Error('closed')) } as never,
      MOST,
      { onTaken: () => {} },
      (committedAt) => pushed.push(committedAt),
    );
    failing.send(text(10), 5);
    expect([outgoing.isFull, pushed]).toEqual([false, []]);
  });
});

describe('a message in pieces', () => {
  it('is one message for the peer, each piece after the one before was taken', async () => {
    const { outgoing, socket } = opened();
    const message = Buffer.from(Array.from({ length: 300_000 }, (_, index) => 97 + (index % 26)));
    let moves = 0;
    const sent = outgoing.sendInPieces(Bytes.of(message), {
      moved: () => {
        moves += 1;
      },
    });
    for (let turn = 0; turn < 100 && outgoing.waitingFor(performance.now()) !== undefined; turn++) {
      socket.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sent;
    expect(socket.sent).toEqual([String(message)]);
    expect(moves).toBeGreaterThan(1);
    expect(outgoing.waitingFor(performance.now())).toBeUndefined();
  });

  it('that is small goes as a whole, and nobody waits for it', async () => {
    const { outgoing, socket, taken } = opened();
    let moves = 0;
    await outgoing.sendInPieces(Bytes.of(text(MOST)), {
      moved: () => {
        moves += 1;
      },
    });
    expect([socket.sent.length, moves, taken()]).toEqual([1, 0, 0]);
    socket.flush();
    expect(taken()).toBe(1);
  });

  it('is given up with the connection', async () => {
    const { outgoing, socket } = opened();
    const sent = outgoing.sendInPieces(Bytes.of(text(500_000)));
    socket.terminate();
    await sent;
    expect(socket.sent).toEqual([]);
    expect(socket.written).toBeLessThan(500_000);
    outgoing.send(text(10));
    expect(socket.sent, 'nothing comes after it').toEqual([]);
  });

  it('that is compressed says so in its first frame, however short it is, and is the same for the peer', async () => {
    const { outgoing, socket } = opened();
    const message = Bytes.of(text(200_000));
    for (const sent of [await asDeflatedMessage(message), await asDeflatedMessage(Bytes.of(randomText(300_000)))]) {
      const sending = outgoing.sendInPieces(sent, { isDeflated: true });
      for (let turn = 0; turn < 100 && outgoing.waitingFor(performance.now()) !== undefined; turn++) {
        socket.flush();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await sending;
    }
    expect(socket.sent).toEqual([String(text(200_000)), String(randomText(300_000))]);
  });
});

describe('how long the peer has taken nothing', () => {
  it('is nothing where nothing waits', () => {
    expect(opened().outgoing.waitingFor(performance.now())).toBeUndefined();
  });

  it('begins with what it is sent after it had taken everything, not with the last of many', () => {
    const { outgoing } = opened();
    vi.advanceTimersByTime(1_000);
    outgoing.send(text(10));
    vi.advanceTimersByTime(400);
    outgoing.send(text(10));
    expect(outgoing.waitingFor(performance.now())).toBe(400);
  });

  it('begins anew whenever it takes something', () => {
    const { outgoing, socket } = opened();
    outgoing.send(text(10));
    outgoing.send(text(10));
    vi.advanceTimersByTime(700);
    socket.flush(1);
    vi.advanceTimersByTime(300);
    expect(outgoing.waitingFor(performance.now())).toBe(300);
    socket.flush();
    expect(outgoing.waitingFor(performance.now())).toBeUndefined();
  });

  it('begins anew with each piece', async () => {
    const { outgoing, socket } = opened();
    void outgoing.sendInPieces(Bytes.of(text(500_000)));
    vi.advanceTimersByTime(700);
    expect(outgoing.waitingFor(performance.now())).toBe(700);
    // A header and what it is of.
    socket.flush(2);
    await Promise.resolve();
    await Promise.resolve();
    expect(outgoing.waitingFor(performance.now())).toBe(0);
    socket.terminate();
  });
});
