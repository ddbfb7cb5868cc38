import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Victim } from './messages.js';

/** Others come from elsewhere: an address of this machine that is not the one of the good. */
const ELSEWHERE = '127.0.0.2';

export function upgrade(path: string, key: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}==\r\n\r\n`;
}

/** A text frame, masked with nothing. */
export function frame(text: string): Buffer {
  const length = text.length < 126 ? [0x80 | text.length] : [0x80 | 126, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** A ping frame with as much in it as there may be. */
export const PING = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)]);

export function request(method: string, path: string, authorization: string, length = 0): string {
  const body = length === 0 ? '' : `Content-Length: ${length}\r\n`;
  const credential = authorization === '' ? '' : `Authorization: ${authorization}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${credential}${body}\r\n`;
}

export function open({ url }: Victim, messages: readonly (string | Buffer)[], address = ELSEWHERE): Socket {
  const { port, hostname } = new URL(url);
  // Of all systems Linux alone has the whole network on its loopback.
  const from = process.platform === 'linux' ? { localAddress: address } : {};
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true, ...from });
  socket.on('error', () => socket.destroy());
  for (const message of messages) socket.write(message);
  return socket;
}

/** Keeps connections open that are never read; each that is cut is made again. */
export async function keepOpen(
  howMany: number,
  victim: Victim,
  random: Random,
  signal: AbortSignal,
  count: () => void,
  messages: () => string | readonly (string | Buffer)[],
): Promise<void> {
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(random.between(0, 500), signal);
      if (signal.aborted) return;
      const written = messages();
      const socket = open(victim, typeof written === 'string' ? [written] : written);
      socket.pause();
      count();
      await new Promise<void>((resolve) => {
        // A paused socket does not notice that its peer is gone, but a write on it does.
        const probing = setInterval(() => socket.write(''), 500);
        signal.addEventListener('abort', () => socket.destroy(), { once: true });
        socket.once('close', () => {
          clearInterval(probing);
          resolve();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: howMany }, one));
}

/** Does something again and again. */
export async function again(
  signal: AbortSignal,
  interval: number,
  count: () => void,
  attempt: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await attempt().catch(() => undefined);
    count();
    await pause(interval, signal);
  }
}

export function answered(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once('data', () => socket.destroy());
    socket.once('close', resolve);
  });
}

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
