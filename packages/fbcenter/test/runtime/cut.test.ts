import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cut, cutLater } from '../../src/runtime/cut.js';

/** Both ends of a connection. */
async function aConnection(): Promise<{ here: Socket; there: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const there = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [here] = (await accepted) as [Socket];
  onTestFinished(() => {
    here.destroy();
    there.destroy();
    server.close();
  });
  here.on('error', () => {});
  return { here, there };
}

describe('a connection that is cut', () => {
  it('is reset: the other end is not led to believe that it has everything', async () => {
    const { here, there } = await aConnection();
    const failed = once(there, 'error');
    cut(here);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(here.destroyed).toBe(true);
  });

  it('is gone at once, whatever is still to be sent', async () => {
    const { here, there } = await aConnection();
    there.on('error', () => {}).pause();
    for (let count = 0; count < 100; count++) here.write(Buffer.alloc(1024 * 1024));
    const closed = once(here, 'close');
    cut(here);
    await closed;
    expect(here.destroyed).toBe(true);
  });

  it('may be cut again, after it has ended, and before it was connected', async () => {
    const { here } = await aConnection();
    here.end();
    cut(here);
    cut(here);
    const socket = connect(1, '127.0.0.1');
    socket.on('error', () => {});
    expect(() => cut(socket)).not.toThrow();
  });

  it('that is no socket is destroyed', () => {
    const stream = new PassThrough();
    cut(stream);
    expect(stream.destroyed).toBe(true);
  });
});

describe('a connection that is to end by itself', () => {
  it.each<[string, boolean, boolean]>([
    ['is cut when it has not', false, true],
    ['is left alone when it has', true, false],
  ])('%s', (_, endsItself, isCut) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const socket = new PassThrough();
    const destroy = vi.spyOn(socket, 'destroy');
    cutLater(socket, 1_000);
    vi.advanceTimersByTime(999);
    expect(destroy).not.toHaveBeenCalled();
    if (endsItself) socket.emit('close');
    vi.advanceTimersByTime(1);
    expect(destroy.mock.calls.length > 0).toBe(isCut);
    expect(vi.getTimerCount()).toBe(0);
  });
});
