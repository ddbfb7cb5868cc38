import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startChild } from '../support/fault-child.js';
import { eventually, faultServer } from '../support/fault-client.js';
import { temporaryFolder } from '../support/fault-folder.js';
import { segmentFlag, updatedAt, wireFlag, wireSegment } from '../support/wire.js';
import type { ExitInput } from './exit.child.js';
import { FAULTS, letHappen } from './faults.js';
import type { HostInput, HostResult } from './host.child.js';

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
    expect(result.fetchReplaced).toBe(false);
  });

  it.each([
    ['an empty module, which some bundlers put in its place', 'module.exports = {};'],
    ['broken', 'module.exports = { mask() { throw new Error() }, unmask() { throw new Error() } };'],
  ])('speaks WebSocket where the optional bufferutil is %s', async (_name, code) => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bufferutil'));
    writeFileSync(join(folder, 'bufferutil/index.js'), code);
    const input = { options: server.options } satisfies ExitInput;
    const child = startChild('promises/exit.child.ts', input, { NODE_PATH: folder });
    const { code: exit, stdout, stderr } = await child.ended;
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: 'ready on, closed\n', stderr: '' });
  });
});
