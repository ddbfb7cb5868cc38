import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { boundWaiting } from '../../src/http/waiting-connections.js';

/** A server that lets two connections wait, and answers what is asked, once the body is there. */
async function aServer() {
  const server = createServer((request, response) => {
    if (request.url === '/slow') return;
    request.resume();
    request.once('end', () => response.end(request.url));
  });
  boundWaiting(server, 2);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const open = async (text = ''): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    const accepted = once(server, 'connection');
    await Promise.all([once(socket, 'connect'), accepted]);
    socket.write(text);
    return socket;
  };
  const answer = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);
  return { server, open, answer };
}

/** A connection that is reset reports an error first. */
const closeOf = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

const GET = 'GET /here HTTP/1.1\r\nHost: x\r\n\r\n';

describe('connections that wait for their peers', () => {
  it.each<[string, string]>([
    ['no request', ''],
    ['half a head', 'GET / HTTP/1.1\r\nHo'],
    ['half a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab'],
    [
      'a body in chunks that does not end',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
    ],
  ])('are bounded: of more, the one goes that has waited for longest, with %s', async (_, text) => {
    const { open, answer } = await aServer();
    const first = await open(text);
    const gone = closeOf(first);
    const others = [await open(text), await open(GET)];
    await gone;
    expect(await answer(others[1] as Socket)).toContain('/here');
    expect(others[0]?.destroyed).toBe(false);
  });

  it('do not wait while they are answered, and wait again afterwards', async () => {
    const { open, answer, server } = await aServer();
    const asked = once(server, 'request');
    const busy = await open('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await asked;
    const idle = await open(GET);
    expect(await answer(idle)).toContain('/here');
    const gone = closeOf(idle);
    const [second, third] = [await open(), await open()];
    // The three others wait now; the one that is being answered is none of them.
    await gone;
    expect([busy.destroyed, second.destroyed, third.destroyed]).toEqual([false, false, false]);
  });

  it('of one that has gone is free', async () => {
    const { open, server } = await aServer();
    const first = await open();
    const accepted = new Promise<void>((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    const leaving = await open();
    leaving.destroy();
    await accepted;
    const third = await open(GET);
    expect(String((await once(third, 'data'))[0])).toContain('/here');
    expect(first.destroyed).toBe(false);
  });
});
