/** `npm run bench:browsers`: thousands of browsers, a change for all of them, and polls of a large environment. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FromCenter, FromClients, ToCenter, ToClients } from './messages.js';

const HELP = `npm run bench:browsers [-- OPTIONS]

Starts a flag center and two processes of raw browser connections, all on loopback. Switches a flag several times and measures how long it
takes until the last browser has the change; measures the center's memory; polls all flags of a large environment for one user after the
other. It ends by itself within three minutes, and with code 1 when a bound is missed.

  --connections N   browsers, in two processes together (5000)
  --flags N         flags that each of them gets (300)
  --changes N       changes that are measured (10)
  --help            this text

Bounds: each change reaches everybody within 1 s, the center takes less than 300 MB, half of the polls of 3,000 flags take 10 ms at most.`;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '5000' },
    flags: { type: 'string', default: '300' },
    changes: { type: 'string', default: '10' },
    help: { type: 'boolean' },
  },
});

/** The whole run, in milliseconds. */
const DEADLINE = 180_000;
const MIB = 1024 * 1024;

function start(file: string, ...args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args);
}

/** The next message of a kind from a process. */
function next<T extends { readonly kind: string }, K extends T['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<T, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: T) => {
      if (message.kind !== kind) return;
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(message as Extract<T, { kind: K }>);
    };
    const onExit = () => reject(new Error('a process ended too early'));
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}

/** Polls for one user after the other, as somebody who has nothing yet. */
async function poll(url: string, secret: string): Promise<{ readonly milliseconds: number[]; readonly bytes: number }> {
  const milliseconds: number[] = [];
  let bytes = 0;
  for (let index = 0; index < 100; index += 1) {
    const customizedProperties = [{ name: 'country', value: index % 2 === 0 ? 'NZ' : 'FR' }];
    const begun = performance.now();
    const response = await fetch(`${url}/api/public/sdk/client/latest-all`, {
      method: 'POST',
      headers: { authorization: secret, 'content-type': 'application/json' },
      body: JSON.stringify({ keyId: `user-${index}`, name: 'A user', customizedProperties }),
    });
    bytes = (await response.arrayBuffer()).byteLength;
    milliseconds.push(performance.now() - begun);
  }
  return { milliseconds, bytes };
}

async function main(): Promise<boolean> {
  const connections = Number(values.connections);
  const half = Math.ceil(connections / 2);
  const center = start('./center.ts', values.flags);
  const clients = [start('./clients.ts'), start('./clients.ts')];
  const all = [center, ...clients];
  const stop = () => {
    for (const child of all) if (child.connected) child.disconnect();
  };
  process.once('SIGINT', stop);
  const deadline = setTimeout(() => {
    console.error('it took too long');
    process.exitCode = 1;
    stop();
  }, DEADLINE);
  try {
    const tell = (message: ToCenter) => center.send(message);
    const { url, clientSecret, largeSecret } = await next<FromCenter, 'ready'>(center, 'ready');
    console.log(`${connections} browsers connect, ${values.flags} flags each …`);
    const connected = clients.map((child) => next<FromClients, 'connected'>(child, 'connected'));
    for (const [index, child] of clients.entries()) {
      const message: ToClients = {
        url,
        clientSecret,
        connections: index === 0 ? half : connections - half,
        offset: index * half,
      };
      child.send(message);
    }
    const ready = await Promise.all(connected);
    const bytes = ready.reduce((sum, one) => sum + one.bytes, 0);
    const slowest = Math.max(...ready.map(({ milliseconds }) => milliseconds));
    console.log(
      `all have their flags after ${(slowest / 1_000).toFixed(1)} s, ${(bytes / MIB).toFixed(0)} MiB were sent`,
    );

    const waits: number[] = [];
    for (let change = 0; change < Number(values.changes); change += 1) {
      const reached = clients.map((child) => next<FromClients, 'reached'>(child, 'reached'));
      const switched = next<FromCenter, 'switched'>(center, 'switched');
      tell({ kind: 'switch' });
      const { at } = await switched;
      const last = Math.max(...(await Promise.all(reached)).map((one) => one.last));
      waits.push(last - at);
    }
    waits.sort((a, b) => a - b);
    console.log(`from the request for a change to the last browser: ${waits.join(', ')} ms`);
    tell({ kind: 'memory' });
    const { rss } = await next<FromCenter, 'memory'>(center, 'memory');
    console.log(`the center takes ${(rss / MIB).toFixed(0)} MiB`);

    const polled = await poll(url, largeSecret);
    // The first ones compile: how the environment is read, and how the code of it is optimised.
    const polls = polled.milliseconds.slice(10).sort((a, b) => a - b);
    const median = polls[Math.floor(polls.length / 2)] ?? Number.NaN;
    const worst = polls.at(-1) ?? Number.NaN;
    console.log(
      `a poll of 3,000 flags for one user: ${median.toFixed(1)} ms in the middle, ${worst.toFixed(1)} ms at worst, ${(polled.bytes / MIB).toFixed(1)} MiB`,
    );
    return (waits.at(-1) ?? Number.POSITIVE_INFINITY) <= 1_000 && rss < 300 * MIB && median <= 10;
  } finally {
    clearTimeout(deadline);
    stop();
  }
}

if (values.help === true) console.log(HELP);
else if (!(await main())) {
  console.log('a bound was missed');
  process.exitCode = 1;
}
