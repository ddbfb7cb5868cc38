import { describe, expect, it } from 'vitest';
import { startChild } from '../support/fault-child.js';
import { eventually, faultServer } from '../support/fault-client.js';
import { HTML_PAGE, HTML_WITH_200, type RequestFault } from '../support/fault-requests.js';
import type { FaultServer } from '../support/fault-server.js';
import type { DataFault, UpgradeFault } from '../support/fault-streams.js';
import { full, segmentFlag, updatedAt, wireFlag, wireSegment } from '../support/wire.js';
import type { HostInput, HostResult } from './host.child.js';

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

const DAMAGED = [
  wireFlag('f', 'on', { updatedAt: updatedAt(2), variations: [] }),
  segmentFlag('in-segment', ['s', 'not there'], { updatedAt: updatedAt(2) }),
];
const DAMAGED_SEGMENT = wireSegment('s', [], {
  updatedAt: updatedAt(2),
  rules: [
    {
      conditions: [
        { property: 'email', op: 'MatchRegex', value: '(' },
        { property: 'email', op: 'IsOneOf', value: 'no list' },
        { property: 'User is in segment', op: null, value: '["s"]' },
      ],
    },
  ],
});

interface Faults {
  readonly upgrade?: UpgradeFault;
  readonly data?: DataFault;
  readonly request?: RequestFault;
}

const FAULTS: Readonly<Record<string, Faults>> = {
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

async function letHappen(server: FaultServer, { upgrade, data, request }: Faults): Promise<void> {
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

describe('promise 1: a flag SDK never crashes its host', () => {
  it('goes through every fault of the server without an exception or a rejection that nobody catches', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f'), segmentFlag('in-segment', ['s']));
    server.data.putSegments(wireSegment('s'));
    const quick = {
      ...server.options,
      streamingFirstRetryDelay: 5,
      streamingMaxRetryDelay: 5,
      streamingConnectTimeout: 200,
      pollingInterval: 5,
      eventsFlushInterval: 5,
      eventsRetryInterval: 5,
      proxy: false,
    } as const;
    const child = startChild('promises/host.child.ts', {
      clients: [quick, { ...quick, dataSyncMode: 'polling', pollingUrl: server.httpUrl }],
    } satisfies HostInput);
    await eventually(() => expect(server.requests.records).not.toHaveLength(0));
    for (const faults of Object.values(FAULTS)) await letHappen(server, faults);

    // Damage inside entities, as the last thing that both learn of.
    server.data.put(...DAMAGED);
    server.data.putSegments(DAMAGED_SEGMENT);
    server.streamingFront.drop();
    const asked = server.requests.records.length;
    await eventually(() => {
      expect(server.requests.records.length).toBeGreaterThan(asked + 10);
      expect(server.streams.records.at(-1)?.cursors).not.toEqual([]);
    });
    child.endInput();

    const { code, signal, stderr, stdout } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as HostResult;
    expect(result.thrown).toEqual([]);
    expect(result.evaluations).toBeGreaterThan(1_000);
    expect(result.statuses).toEqual(['Ready', 'Ready']);
  });
});
