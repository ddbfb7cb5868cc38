import { setTimeout as delay } from 'node:timers/promises';
import { envelope } from '../packages/fbclient/test/support/fault-data.js';
import type { FaultFront, FrontMode } from '../packages/fbclient/test/support/fault-front.js';
import { HTML_PAGE, HTML_WITH_200 } from '../packages/fbclient/test/support/fault-requests.js';
import type { FaultServer } from '../packages/fbclient/test/support/fault-server.js';
import { wireFlag } from '../packages/fbclient/test/support/wire.js';
import type { Random } from './random.js';
import type { Truth } from './truth.js';

/** What a fault can work with. */
interface Scene {
  readonly server: FaultServer;
  readonly truth: Truth;
  readonly random: Random;
}

/** Makes something go wrong for a while; the scheduler heals the server afterwards. */
export type Fault = (scene: Scene) => Promise<void>;

/** How long a fault lasts, in milliseconds: about the time-outs of the SDK's that are being tested. */
const SHORT = [200, 700] as const;
const LONG = [1_200, 1_800] as const;

function hold(random: Random, [least, most]: readonly [number, number]): Promise<void> {
  return delay(random.between(least, most));
}

function fronts({ streamingFront, httpFront }: FaultServer): readonly [FaultFront, FaultFront] {
  return [streamingFront, httpFront];
}

async function bothBecome(server: FaultServer, mode: FrontMode): Promise<void> {
  for (const front of fronts(server)) await front.become(mode);
}

/** The faults, by the names they have in the report. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'refuse connections': async ({ server, random }) => {
    await server.down();
    await hold(random, LONG);
  },
  'accept and stay silent': async ({ server, random }) => {
    await bothBecome(server, { kind: 'silent' });
    for (const front of fronts(server)) front.drop();
    await hold(random, LONG);
  },
  'half-open peer': async ({ server, random }) => {
    await bothBecome(server, { kind: 'silent' });
    await hold(random, LONG);
  },
  'cut in the middle of a frame': async ({ server, truth, random }) => {
    await server.streamingFront.become({ kind: 'cut', after: random.between(1, 200) });
    truth.change();
    await hold(random, SHORT);
  },
  'cut in the middle of a body': async ({ server, random }) => {
    server.requests.fault = { kind: 'cut-body' };
    await hold(random, SHORT);
  },
  'a page with status 200': async ({ server, random }) => {
    server.requests.fault = HTML_WITH_200;
    server.streams.upgradeFault = { kind: 'answer', status: 200, body: HTML_PAGE };
    server.streams.terminate();
    await hold(random, SHORT);
  },
  reset: async ({ server, random }) => {
    await bothBecome(server, { kind: 'reset' });
    for (const front of fronts(server)) front.drop('reset');
    await hold(random, SHORT);
  },
  'close with any code': async ({ server, random }) => {
    const code = random.pick([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4001, 4999]);
    server.streams.upgradeFault = { kind: 'close', code, reason: 'soak' };
    server.streams.close(code, 'soak');
    await hold(random, SHORT);
  },
  'malformed frame': async ({ server, random }) => {
    // A reserved bit, text that is not UTF-8, an unknown opcode, a fragmented ping.
    const bytes = random.pick(['f100', '8102fffe', '8300', '0900']);
    server.streams.sendBytes(Buffer.from(bytes, 'hex'));
    await hold(random, SHORT);
  },
  'slow drip': async ({ server, random }) => {
    await bothBecome(server, { kind: 'drip', bytes: random.between(1, 20), every: 5 });
    server.requests.fault = { kind: 'drip', every: 5 };
    await hold(random, LONG);
  },
  'giant payload': async ({ server, truth, random }) => {
    server.requests.fault = { kind: 'giant', bytes: 4_000_000 };
    truth.changeGiant();
    server.streams.send(server.data.answer(0));
    await hold(random, SHORT);
  },
  'restart on the same port': async ({ server, truth }) => {
    await server.down();
    truth.change();
    await server.up();
  },
  'error statuses': async ({ server, random }) => {
    const status = random.pick([400, 408, 429, 500, 502, 503]);
    server.requests.fault = { kind: 'answer', status, headers: { 'Retry-After': '1' } };
    server.streams.upgradeFault = { kind: 'answer', status: 503, body: '' };
    server.streams.terminate();
    await hold(random, SHORT);
  },
  'bad JSON, envelopes and entities': async ({ server, truth, random }) => {
    const damaged = { ...wireFlag('damaged', 'x', { updatedAt: truth.later }), fallthrough: null };
    server.streams.send('{"messageType":"data-sync","data":');
    server.streams.send('null');
    server.streams.send('{"messageType":"data-sync","data":{"eventType":"half"}}');
    server.streams.send(envelope('patch', [damaged, null, 7], [{}]));
    await hold(random, SHORT);
  },
  'slow handshake': async ({ server, random }) => {
    await bothBecome(server, { kind: 'slow-accept', milliseconds: random.between(100, 1_000) });
    for (const front of fronts(server)) front.drop();
    await hold(random, LONG);
  },
  'answers that get lost': async ({ server, random }) => {
    server.requests.fault = { kind: 'lost-answer' };
    await hold(random, SHORT);
  },
  'no answer to the request for data': async ({ server, random }) => {
    server.streams.dataFault = { kind: 'silent' };
    server.streams.terminate();
    await hold(random, SHORT);
    server.streams.terminate();
  },
};

/** Everything is well again. */
export async function heal(server: FaultServer): Promise<void> {
  server.streams.upgradeFault = undefined;
  server.streams.dataFault = undefined;
  server.requests.fault = undefined;
  await server.up();
}
