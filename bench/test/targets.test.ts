import { describe, expect, it } from 'vitest';
import { GROWING } from '../src/environment/growing.js';
import type { BurstResult } from '../src/events/bursts.js';
import { targetTable } from '../src/report/tables.js';
import { eventTargets, growthTargets, pushTargets, startUpTargets, syncTargets } from '../src/report/targets.js';
import type { EventResults } from '../src/sections/events.js';
import { BARE_LOOP, type GrowthResult } from '../src/sections/growth.js';
import { BARE_TABLES, JSON_PARSE, ONE_PASS, type StartUpResult } from '../src/sections/start-up.js';
import type { SyncResult } from '../src/sections/sync.js';

const start = (wall: number, heap: number): StartUpResult => ({ wall, heap, cpu: wall, bytes: 1_000 });

const sync = (receiver: SyncResult['receiver'], stall: number, ready: number, peak: number): SyncResult => ({
  receiver,
  middle: { stall, ready, peak, kept: 1 },
  worstStall: stall,
  bytes: 1_000,
});

/** @param before what the build before takes, where it was measured. */
function events(ours: number, before: number | undefined, ready: number): EventResults {
  const burst = (cpu: number): BurstResult => ({ cpu, bytes: 1, requests: 1, stall: 1, lost: 0 });
  const peers = { featbit: burst(9_000), launchdarkly: burst(9_000), launchdarklyEach: burst(9_000) };
  const earlier = before === undefined ? {} : { before: burst(before) };
  return new Map([['mixed', { recorders: { fbclient: burst(ours), ...peers, ...earlier }, stringify: 900, ready }]]);
}

/** What each of so many flags takes. */
function growth(ours: readonly [number, number], bare: readonly [number, number]): GrowthResult[] {
  return GROWING.map((growing) => {
    const of = (index: 0 | 1) =>
      new Map([
        ['fbclient', ours[index]],
        [BARE_LOOP.name, bare[index]],
      ]);
    return {
      growing,
      times: new Map([
        [200, of(0)],
        [2_000, of(1)],
      ]),
    };
  });
}

describe('targets stand beside what the least takes that could meet them', () => {
  it('of a start', () => {
    const results = new Map([
      ['fbclient', start(45, 50)],
      [JSON_PARSE, start(100, 100)],
      [ONE_PASS, start(30, 1)],
      [BARE_TABLES, start(1, 35)],
    ]);
    expect(targetTable(startUpTargets(results)).split('\n').slice(2)).toEqual([
      '| from the text to ready, of JSON.parse | at most 0.50× | 0.45× | one pass over its bytes: 0.30× |',
      '| heap kept, of JSON.parse | at most 0.40× | **0.50×** | bare tables of what decides: 0.35× |',
    ]);
  });

  it('of a full sync', () => {
    const results = [
      sync('fbclient', 25, 50, 2_400),
      sync('ws and JSON.parse', 200, 100, 3_000),
      sync('ws and one pass', 24, 40, 2_300),
      sync('ws', 23, 10, 2_200),
    ];
    expect(targetTable(syncTargets(results)).split('\n').slice(2)).toEqual([
      '| longest stall | at most 20 ms | **25 ms** | ws: 23 ms |',
      '| last byte to ready, of parsing | at most 0.60× | 0.50× | ws and one pass over the bytes: 0.40× |',
      '| peak, of the text | at most 2.50× | 2.40× | ws: 2.20× |',
    ]);
  });

  it('of a push to many clients, where a ratio is that of the changes', () => {
    const push = (listener: 'fbclient' | '@featbit/node-server-sdk' | 'ws', clients: number, middle: number[]) => ({
      listener,
      clients,
      middle,
      last: middle,
      cpu: middle.map((time) => time / 2),
    });
    const results = [
      push('fbclient', 1, [1]),
      push('fbclient', 500, [9, 90, 11]),
      push('@featbit/node-server-sdk', 500, [10, 100, 10]),
      push('ws', 500, [7, 70, 7]),
    ];
    expect(targetTable(pushTargets(results)).split('\n').slice(2)).toEqual([
      "| the middle one of 500 clients, of FeatBit's | at most 0.80× | **0.90×** | ws: 0.70× |",
      "| CPU time of 500 clients, of FeatBit's | at most 0.80× | **0.90×** | ws: 0.70× |",
    ]);
  });

  it('of an event', () => {
    expect(
      targetTable(eventTargets(events(2_400, 3_000, 1_500)))
        .split('\n')
        .slice(2),
    ).toEqual([
      '| mixed day, 1,000 users, of the build before | at most 0.70× | **0.80×** | ready events, sent with our HTTP client: 0.50× |',
    ]);
  });

  it('of a flag among all flags', () => {
    expect(
      targetTable(growthTargets(growth([60, 90], [40, 80])))
        .split('\n')
        .slice(2),
    ).toEqual(['| a flag among all of 2,000, of one among 200 | at most 1× | **1.50×** | a bare loop: 2× |']);
  });

  it('are left out where what they are compared with was not measured', () => {
    expect(startUpTargets(new Map([['fbclient', start(1, 1)]]))).toEqual([]);
    expect(syncTargets([sync('ws', 1, 1, 1)])).toEqual([]);
    expect(eventTargets(events(2_400, undefined, 1_500))).toEqual([]);
  });
});
