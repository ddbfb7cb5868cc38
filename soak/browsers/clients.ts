/** Half of the browsers: raw sockets, each with a user of its own, that note when a change reaches them. */
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import type { FromClients, ToClients } from './messages.js';

/** Sockets that are being opened at a time. */
const AT_A_TIME = 100;
const tell = (message: FromClients) => process.send?.(message);

function run({ url, clientSecret, connections, offset }: ToClients): void {
  const begun = performance.now();
  let synced = 0;
  let opened = 0;
  let bytes = 0;
  /** How many have each version, and when the last one got it. */
  const reached = new Map<number, number>();

  const open = () => {
    if (opened >= connections) return;
    const index = offset + opened;
    opened += 1;
    const token = encodeConnectionToken(clientSecret, Date.now(), Math.random());
    const socket = new WebSocket(`${url.replace('http', 'ws')}/streaming?type=client&token=${token}`, {
      perMessageDeflate: false,
    });
    const user = {
      keyId: `user-${index}`,
      name: `User ${index}`,
      customizedProperties: [{ name: 'country', value: ['NZ', 'DE', 'FR'][index % 3] }],
    };
    socket.on('open', () => socket.send(JSON.stringify({ messageType: 'data-sync', data: { timestamp: 0, user } })));
    socket.on('message', (data: Buffer) => {
      const { data: sync } = JSON.parse(String(data));
      if (sync.eventType === 'full') {
        bytes += data.length;
        synced += 1;
        open();
        if (synced === connections) tell({ kind: 'connected', milliseconds: performance.now() - begun, bytes });
        return;
      }
      const version: number = sync.featureFlags[0].timestamp;
      const count = (reached.get(version) ?? 0) + 1;
      reached.set(version, count);
      if (count === connections) tell({ kind: 'reached', version, last: Date.now() });
    });
    socket.on('error', (error) => {
      console.error(`a browser failed: ${error.message}`);
      process.exit(1);
    });
  };
  for (let index = 0; index < AT_A_TIME; index += 1) open();
}

process.once('message', (message: ToClients) => run(message));
process.once('disconnect', () => process.exit());
