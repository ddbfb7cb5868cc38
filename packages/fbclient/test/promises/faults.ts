import { expect } from 'vitest';
import { eventually } from '../support/fault-client.js';
import { HTML_PAGE, HTML_WITH_200, type RequestFault } from '../support/fault-requests.js';
import type { FaultServer } from '../support/fault-server.js';
import type { DataFault, UpgradeFault } from '../support/fault-streams.js';
import { full } from '../support/wire.js';

/** What is sent in place of an answer to a request for data, over the socket and as the answer to a poll. */
const ANSWERS: Readonly<Record<string, string>> = {
  'no JSON': '{"messageType":"data-sync","data":{',
  'nothing at all': ' ',
  'a page': HTML_PAGE,
  null: 'null',
  'a number': '1',
  'a list': '[]',
  'no data': '{"messageType":"data-sync"}',
  'data that is null': '{"messageType":"data-sync","data":null}',
  'an unknown event type': '{"messageType":"data-sync","data":{"eventType":"half","featureFlags":[],"segments":[]}}',
  'flags that are no list': '{"messageType":"data-sync","data":{"eventType":"full","featureFlags":{},"segments":[]}}',
  'entities that are none': JSON.stringify(full([null, 1, 'x', [], {}], [null, {}])),
  'a nesting without end': `{"messageType":"data-sync","data":${'['.repeat(200_000)}`,
  'names from the prototype':
    '{"__proto__":{},"messageType":"data-sync","data":{"eventType":"full","featureFlags":[{"__proto__":null}],"segments":[],"constructor":1}}',
};

/** Faults that are there at the same time, one for each way of talking to the server. */
export interface Faults {
  readonly upgrade?: UpgradeFault;
  readonly data?: DataFault;
  readonly request?: RequestFault;
}

/** Everything that a server can answer wrongly. */
export const FAULTS: Readonly<Record<string, Faults>> = {
  'pages with status 200': {
    upgrade: { kind: 'answer', status: 200, body: HTML_PAGE },
    request: HTML_WITH_200,
  },
  'status 500': {
    upgrade: { kind: 'answer', status: 500, body: '' },
    request: { kind: 'answer', status: 500, body: HTML_PAGE },
  },
  'cut bodies and frames that announce more than they hold': {
    data: { kind: 'bytes', bytes: Buffer.from([0x81, 0x7e, 0x10, 0x00, 0x7b, 0x22]), thenEnd: true },
    request: { kind: 'cut-body' },
  },
  'malformed frames': { data: { kind: 'bytes', bytes: Buffer.from([0xff, 0xff, 0xff, 0xff]), thenEnd: false } },
  'resets in place of answers': { request: { kind: 'reset' } },
  'redirects to nowhere': { request: { kind: 'answer', status: 302, headers: { Location: 'http://127.0.0.1:1/' } } },
  ...Object.fromEntries(
    Object.entries(ANSWERS).map(([name, text]) => [
      name,
      { data: { kind: 'text', text }, request: { kind: 'answer', status: 200, body: text } } satisfies Faults,
    ]),
  ),
};

/** Switches faults on, sees to it that every client meets them, and switches them off. */
export async function letHappen(server: FaultServer, { upgrade, data, request }: Faults): Promise<void> {
  const { streams, requests } = server;
  const before = { stream: streams.faults, request: requests.faults };
  streams.upgradeFault = upgrade;
  streams.dataFault = data;
  requests.fault = request;
  server.streamingFront.drop();
  await eventually(() => {
    if (upgrade !== undefined || data !== undefined) expect(streams.faults).toBeGreaterThan(before.stream);
    // Polls as well as events.
    if (request !== undefined) expect(requests.faults).toBeGreaterThan(before.request + 4);
  });
  streams.upgradeFault = undefined;
  streams.dataFault = undefined;
  requests.fault = undefined;
}
