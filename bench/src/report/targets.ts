import { BURSTS } from '../events/bursts.js';
import type { EventResults } from '../sections/events.js';
import { BARE_LOOP, type GrowthResult } from '../sections/growth.js';
import { type PushResult, pushRatio } from '../sections/push.js';
import { BARE_TABLES, JSON_PARSE, ONE_PASS, type StartUpResult } from '../sections/start-up.js';
import type { SyncResult } from '../sections/sync.js';
import { rounded, times } from './numbers.js';

/** Something that is wanted but may be out of reach, beside the limit: what the least takes that could do it. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly isMet: boolean;
  /** What the limit is, and how far it lies. */
  readonly limit: string;
}

export function startUpTargets(results: ReadonlyMap<string, StartUpResult>): readonly Target[] {
  const [ours, parse] = [results.get('fbclient'), results.get(JSON_PARSE)];
  const [pass, bare] = [results.get(ONE_PASS), results.get(BARE_TABLES)];
  if (ours === undefined || parse === undefined || pass === undefined || bare === undefined) return [];
  return [
    atMost(
      'from the text to ready, of JSON.parse',
      ours.wall / parse.wall,
      0.5,
      `${ONE_PASS}: ${times(pass.wall / parse.wall)}`,
    ),
    atMost('heap kept, of JSON.parse', ours.heap / parse.heap, 0.4, `${BARE_TABLES}: ${times(bare.heap / parse.heap)}`),
  ];
}

export function syncTargets(results: readonly SyncResult[]): readonly Target[] {
  const of = (name: SyncResult['receiver']) => results.find(({ receiver }) => receiver === name);
  const [ours, parse, ws, pass] = [of('fbclient'), of('ws and JSON.parse'), of('ws'), of('ws and one pass')];
  if (ours === undefined || parse === undefined || ws === undefined || pass === undefined) return [];
  return [
    {
      what: 'longest stall',
      wanted: 'at most 20 ms',
      measured: `${rounded(ours.middle.stall)} ms`,
      isMet: ours.middle.stall <= 20,
      limit: `ws: ${rounded(ws.middle.stall)} ms`,
    },
    atMost(
      'last byte to ready, of parsing',
      ours.middle.ready / parse.middle.ready,
      0.6,
      `ws and one pass over the bytes: ${times(pass.middle.ready / parse.middle.ready)}`,
    ),
    atMost('peak, of the text', ours.middle.peak / ours.bytes, 2.5, `ws: ${times(ws.middle.peak / ws.bytes)}`),
  ];
}

export function pushTargets(results: readonly PushResult[]): readonly Target[] {
  const clients = Math.max(...results.map((one) => one.clients));
  const target = (what: string, time: 'middle' | 'cpu') =>
    atMost(
      what,
      pushRatio(results, 'fbclient', clients, time),
      0.8,
      `ws: ${times(pushRatio(results, 'ws', clients, time))}`,
    );
  return [
    target(`the middle one of ${clients} clients, of FeatBit's`, 'middle'),
    target(`CPU time of ${clients} clients, of FeatBit's`, 'cpu'),
  ];
}

/** The time of an event, of the build before. */
export function eventTargets(results: EventResults): readonly Target[] {
  return [...results].flatMap(([burst, { recorders, ready }]) => {
    const { fbclient, before } = recorders;
    if (before === undefined) return [];
    const limit = `ready events, sent with our HTTP client: ${times(ready / before.cpu)}`;
    return [atMost(`${BURSTS[burst]}, of the build before`, fbclient.cpu / before.cpu, 0.7, limit)];
  });
}

/** What all flags take for each, of many and of few. */
export function growthTargets(results: readonly GrowthResult[]): readonly Target[] {
  return results
    .filter(({ growing }) => growing.asks === 'all flags')
    .flatMap(({ times: by }) => {
      const growth = (name: string): number =>
        (by.get(2_000)?.get(name) ?? Number.NaN) / (by.get(200)?.get(name) ?? Number.NaN);
      const limit = `a bare loop: ${times(growth(BARE_LOOP.name))}`;
      return [atMost('a flag among all of 2,000, of one among 200', growth('fbclient'), 1, limit)];
    });
}

function atMost(what: string, measured: number, wanted: number, limit: string): Target {
  return { what, wanted: `at most ${times(wanted)}`, measured: times(measured), isMet: measured <= wanted, limit };
}
