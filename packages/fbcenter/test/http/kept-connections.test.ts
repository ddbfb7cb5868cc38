import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeptConnections } from '../../src/http/kept-connections.js';

/** So long that a test that waits for it fails. */
const LONG = 600_000;

/** A server whose answers the test gives, and a client that keeps one connection. */
async function aServer() {
  const server = createServer();
  const kept = new KeptConnections(server);
  const responses: ServerResponse[] = [];
  server.on('request', (_request, response: ServerResponse) => void responses.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  /** Sends a request; fulfils when the server has it. */
  const send = async () => {
    const arrived = once(server, 'request');
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent }, (answer) => {
        answer.resume().once('end', () => resolve(answer));
      }).once('error', reject);
    });
    await arrived;
    const response = responses.at(-1);
    if (response === undefined) throw new Error('no request');
    return { response, answered, socket: response.socket as Socket };
  };
  return { kept, send };
}

/** Whether something is over already, once everything had its turn that waits for nothing. */
async function isOver(what: Promise<unknown>): Promise<boolean> {
  let over = false;
  void what.then(() => {
    over = true;
  });
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => void setImmediate(resolve));
  return over;
}

describe('connections that are kept for the next request', () => {
  it('are quiet at once where there are none', async () => {
    const { kept } = await aServer();
    await kept.quiet(LONG);
  });

  it('are waited for as long as a request runs; its answer says that the connection closes', async () => {
    const { kept, send } = await aServer();
    const { response, answered, socket } = await send();
    const quiet = kept.quiet(LONG);
    expect(await isOver(quiet)).toBe(false);
    const closed = once(socket, 'close');
    response.end('done');
    expect((await answered).headers.connection).toBe('close');
    await closed;
    await quiet;
  });

  it('are waited for when a request has arrived that nobody has read yet', async () => {
    const { kept, send } = await aServer();
    const first = await send();
    first.response.end();
    await first.answered;
    await kept.quiet(30);
    // In the same turn of the event loop: the request is on its way when it is asked.
    const next = send();
    let isQuiet = false;
    const quiet = kept.quiet(30_000).then(() => {
      isQuiet = true;
    });
    const { response, answered } = await next;
    expect(isQuiet).toBe(false);
    response.setHeader('connection', 'close');
    response.end();
    await Promise.all([answered, quiet]);
  });

  it('are waited for when an answer has been begun before, whose connection stays open', async () => {
    const { kept, send } = await aServer();
    const { response, answered } = await send();
    response.write('begun');
    const quiet = kept.quiet(30);
    response.end();
    expect((await answered).headers.connection).toBe('keep-alive');
    await quiet;
  });

  it('are waited for when one was used a moment ago, until it closes', async () => {
    const { kept, send } = await aServer();
    const first = await send();
    first.response.end();
    await first.answered;
    const quiet = kept.quiet(LONG);
    expect(await isOver(quiet)).toBe(false);
    const next = await send();
    expect(next.socket).toBe(first.socket);
    next.response.setHeader('connection', 'close');
    next.response.end();
    await next.answered;
    await quiet;
  });

  it('are not waited for when they were quiet for a while', async () => {
    const { kept, send } = await aServer();
    const { response, answered, socket } = await send();
    response.end();
    await answered;
    // It ends by itself, long before its time is over.
    await kept.quiet(150);
    expect(socket.destroyed).toBe(false);
  });

  it('are waited for no longer than the time that there is', async () => {
    const { kept, send } = await aServer();
    const { response, answered } = await send();
    await kept.quiet(0);
    await kept.quiet(20);
    response.end();
    await answered;
  });
});
