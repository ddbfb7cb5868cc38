/**
 * Asks whether the center is alive, and hears of changes, in a process that has nothing else to do: what it sees is the center, and not
 * who shares a process with whom. What it is to watch comes as the only argument.
 */
import { setTimeout } from 'node:timers/promises';
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import { wallClock } from './clock.js';
import type { ProbeMessage, Watched } from './messages.js';

const { url, serverSecret }: Watched = JSON.parse(process.argv[2] ?? '{}');
/** How long a center that does not answer is waited for, in milliseconds. */
const PATIENCE = 10_000;

function say(message: ProbeMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const token = encodeURIComponent(encodeConnectionToken(serverSecret, Date.now(), Math.random()));
const stream = new WebSocket(`${url.replace('http', 'ws')}/streaming?type=server&token=${token}`);
stream.on('error', () => undefined);
stream.on('open', () => stream.send('{"messageType":"data-sync","data":{"timestamp":0}}'));
stream.on('message', (data) => {
  const at = wallClock();
  const text = String(data);
  // The answer has all flags, a push has one.
  if (text.includes('"full"')) return;
  const [, updatedAt = ''] = /"updatedAt":"([^"]+)"/.exec(text) ?? [];
  say({ kind: 'heard', version: Date.parse(updatedAt), at });
});

while (process.connected) {
  const start = performance.now();
  const isAlive = await fetch(`${url}/health/liveness`, { signal: AbortSignal.timeout(PATIENCE) })
    .then((answer) => answer.text())
    .then(
      () => true,
      () => false,
    );
  say({ kind: 'life', took: isAlive ? performance.now() - start : null });
  await setTimeout(10);
}
stream.terminate();
