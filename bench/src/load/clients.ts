/** Clients in a process of their own, thousands of them. */
import { encodeConnectionToken } from 'fbclient/core';
import { EventClient } from './event-client.js';
import { type FromClients, monotonic, type ToClients } from './messages.js';
import { type ClientListener, RawClient } from './raw-client.js';

/** Clients that connect at a time. */
const AT_A_TIME = 100;
/** Before a client comes back that was cut, in milliseconds. */
const AGAIN = 500;
/** Connections from one address: it has 28,000 ports. */
const OF_AN_ADDRESS = 20_000;

const tell = (message: FromClients) => process.send?.(message);
let clients = 0;
let arrivals: number[] = [];
let isAsked = false;

function connect({ count, address, stream, port, offersDeflate }: Extract<ToClients, { kind: 'connect' }>): void {
  const begun = monotonic();
  let [opened, synced, bytes, messageBytes, cut] = [0, 0, 0, 0, 0];
  clients = count;
  const open = (index: number) => {
    const localAddress = `127.0.0.${address + Math.floor(index / OF_AN_ADDRESS)}`;
    let isSynced = false;
    const listener: ClientListener = {
      synced: (length) => {
        isSynced = true;
        bytes += length;
        messageBytes = length;
        synced += 1;
        next();
        if (synced < count) return;
        tell({ kind: 'synced', bytes, messageBytes, cut, seconds: (monotonic() - begun) / 1_000 });
      },
      pushed: () => {
        arrivals.push(monotonic());
        report();
      },
      ended: (reason) => {
        // On a machine that is busy a client may take nothing for so long that the center cuts it: it comes back, as SDKs do.
        cut += 1;
        if (!isSynced && cut < count) setTimeout(() => open(index), AGAIN);
        else tell({ kind: 'failed', reason });
      },
    };
    if (stream.kind === 'events') {
      new EventClient({ port, path: stream.path, localAddress }, listener);
      return;
    }
    // Each has a token of its own: the center takes none that is older than half a minute, and the last one may connect later than that.
    const token = encodeConnectionToken(stream.secret, Date.now(), Math.random());
    const path = `/streaming?type=server&version=2&token=${token}`;
    new RawClient({ port, path, localAddress, offersDeflate }, listener);
  };
  const next = () => {
    if (opened < count) open(opened++);
  };
  for (let index = 0; index < AT_A_TIME; index += 1) next();
}

/** Says when a push has come to everybody, once that is asked for and has happened. */
function report(): void {
  if (!isAsked || arrivals.length < clients) return;
  isAsked = false;
  tell({ kind: 'pushed', at: arrivals });
  arrivals = [];
}

process.on('message', (message: ToClients) => {
  if (message.kind === 'connect') {
    connect(message);
    return;
  }
  isAsked = true;
  report();
});
process.once('disconnect', () => process.exit());
