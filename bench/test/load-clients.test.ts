import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { EventClient } from '../src/load/event-client.js';
import { EventCounter } from '../src/load/event-counter.js';

const STREAM = 'id: \ndata: {"a":"b\\n\\nc"}\n\nid: \ndata: x\n\n: comment\n\n';

it('events are counted by their ends, wherever the bytes are parted', () => {
  for (let first = 0; first <= STREAM.length; first++) {
    for (let second = first; second <= STREAM.length; second++) {
      const counter = new EventCounter();
      const parts = [STREAM.slice(0, first), STREAM.slice(first, second), STREAM.slice(second)];
      const counted = parts.map((part) => counter.take(Buffer.from(part)));
      expect([first, second, counted.reduce((sum, count) => sum + count)]).toEqual([first, second, 3]);
    }
  }
});

it('an event that has not ended is not counted', () => {
  const counter = new EventCounter();
  expect(['data: x\n', 'data: y', '\n', '\n'].map((part) => counter.take(Buffer.from(part)))).toEqual([0, 0, 0, 1]);
});

/** What a client hears of a server that answers its request, and then ends the connection. */
async function heardFrom(answer: string): Promise<readonly string[]> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const finished = new Promise<void>((resolve) => {
    new EventClient(
      { port, path: '/stream', localAddress: '127.0.0.1' },
      {
        synced: (bytes) => heard.push(`synced ${bytes}`),
        pushed: () => heard.push('pushed'),
        ended: (reason) => {
          heard.push(reason);
          resolve();
        },
      },
    );
  });
  await finished;
  await new Promise((resolve) => server.close(resolve));
  return heard;
}

it('a client of events is there with the head of the answer, and notes each event', async () => {
  // All of it may come at once.
  const answer = 'HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n';
  expect(await heardFrom(answer)).toEqual(['synced 0', 'pushed', 'the server has ended a stream']);
});

it('a client of events says why it was not let in', async () => {
  expect(await heardFrom('HTTP/1.0 401 Unauthorized\r\n\r\n')).toEqual(['HTTP/1.0 401 Unauthorized']);
});
