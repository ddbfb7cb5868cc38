import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BATCH, drawEvents } from '../src/load/events.js';
import { insightsRequest } from '../src/load/insights.js';
import { comparisonTable, type Row } from '../src/load/peers/comparison.js';
import { collectorRequest, flagsFile } from '../src/load/peers/go-feature-flag.js';
import { builtProgram, type GoProgram } from '../src/load/peers/go-module.js';
import { pushCost, rowsOf } from '../src/load/peers/side-by-side.js';
import { readUsage } from '../src/load/process-usage.js';

describe('the table of a center beside a peer', () => {
  const rowOf = (ours: number | string, theirs: number | string): Row => ({
    title: 'it',
    unit: 'ms',
    values: [ours, theirs],
  });
  it.each([
    [10, 25, '| it | 10 ms | 25 ms | fbcenter, 2.50 × |'],
    [25, 10, '| it | 25 ms | 10 ms | Other Server, 2.50 × |'],
    [100, 109, '| it | 100 ms | 109 ms | even |'],
    [109, 100, '| it | 109 ms | 100 ms | even |'],
    [5, 'not offered', '| it | 5 ms | not offered | – |'],
    ['not offered', 5, '| it | not offered | 5 ms | – |'],
    [0, 5, '| it | 0 ms | 5 ms | – |'],
  ])('says of %j and %j who takes less', (ours, theirs, line) => {
    const [head, , row] = comparisonTable(['fbcenter 1.0', 'Other Server v2'], [rowOf(ours, theirs)]).split('\n');
    expect([head, row]).toEqual(['|  | fbcenter 1.0 | Other Server v2 | ahead |', line]);
  });

  it.each<[number, number, number, number | string]>([
    [3_000, 1_000, 100, 20],
    [1_300, 1_000, 100, 3],
    [1_100, 1_000, 100, 'too little beside it'],
    [900, 1_000, 100, 'too little beside it'],
  ])(
    'has what a push takes of %d µs for a change, %d of which are its own, of %d connections',
    (all, change, connections, cost) => {
      expect(pushCost(all, change, connections)).toBe(cost);
    },
  );

  it('has a text where a peer compresses nothing', () => {
    const measured = {
      ...{ before: 1, perConnection: 2, p99: 3, last: 4, perChange: 10, perPush: 5, unchanged: 6, perEvent: 7 },
      plain: { bytes: 2_048, cpu: 8 },
    };
    const rows = rowsOf(
      { connections: 10, flags: 20 },
      { ...measured, compressed: { bytes: 1_024, cpu: 9 } },
      { ...measured, compressed: undefined },
    );
    const compressed = rows.filter(({ values }) => values.includes('not offered'));
    expect(compressed.map(({ values }) => values)).toEqual([
      [1, 'not offered'],
      [9, 'not offered'],
    ]);
    expect(rows.find(({ title }) => title === 'everything by a request, as it is')?.values).toEqual([2, 2]);
  });
});

describe('the events of a request', () => {
  const events = drawEvents(3, 3_000);

  it('are seven evaluations of ten, the same in every run but for the time', () => {
    expect(events.filter(({ kind }) => kind === 'evaluation')).toHaveLength(BATCH * 0.7);
    const timeless = (all: typeof events) => all.map(({ at, ...rest }) => rest);
    expect(timeless(drawEvents(3, 3_000))).toEqual(timeless(events));
    expect(timeless(drawEvents(4, 3_000))).not.toEqual(timeless(events));
  });

  it('are the same for a center and for GO Feature Flag, each in its own form', () => {
    const ours: unknown[] = JSON.parse(insightsRequest('secret', events).body ?? '');
    const { events: theirs }: { events: unknown[] } = JSON.parse(collectorRequest(events).body ?? '');
    const [evaluation, metric] = [
      events.findIndex(({ kind }) => kind === 'evaluation'),
      events.findIndex(({ kind }) => kind === 'metric'),
    ];
    expect([ours.length, theirs.length]).toEqual([BATCH, BATCH]);
    const one = events[evaluation];
    if (one?.kind !== 'evaluation') return expect.unreachable();
    expect(ours[evaluation]).toMatchObject({
      user: { keyId: one.user },
      variations: [{ featureFlagKey: one.flag, variation: { id: one.isOn ? 'on' : 'off' } }],
    });
    expect(theirs[evaluation]).toMatchObject({
      kind: 'feature',
      userKey: one.user,
      key: one.flag,
      variation: one.isOn ? 'on' : 'off',
      creationDate: Math.floor(one.at / 1_000),
    });
    expect(ours[metric]).toMatchObject({ metrics: [{ eventName: 'purchase' }] });
    expect(theirs[metric]).toMatchObject({ kind: 'tracking', key: 'purchase' });
  });
});

describe('the flags of GO Feature Flag', () => {
  it('are a third rules, a third targets, a third rollouts', () => {
    const flags: Record<string, { targeting: unknown[]; defaultRule: { percentage?: unknown } }> = JSON.parse(
      flagsFile(9, true),
    );
    const all = Object.values(flags);
    expect(all).toHaveLength(9);
    expect(all.filter(({ targeting }) => targeting.length === 1)).toHaveLength(6);
    expect(all.filter(({ defaultRule }) => defaultRule.percentage !== undefined)).toHaveLength(3);
  });

  it('differ in the first one only, after a change', () => {
    const [on, off]: Record<string, { disable: boolean }>[] = [true, false].map((isOn) =>
      JSON.parse(flagsFile(5, isOn)),
    );
    expect([on?.['flag-0']?.disable, off?.['flag-0']?.disable]).toEqual([false, true]);
    expect({ ...on, 'flag-0': undefined }).toEqual({ ...off, 'flag-0': undefined });
  });
});

describe('what the kernel says of a process', () => {
  const stat = `7 (a (b) c) S ${Array.from({ length: 10 }, (_, index) => index).join(' ')} 250 50 0 0 20 0 1 0 4`;

  it('is its processor time and its memory, whatever it is called', () => {
    expect(readUsage(stat, 'Name:\ta (b) c\nVmRSS:\t    2048 kB\nThreads:\t1\n')).toEqual({
      cpu: 3_000_000,
      rss: 2_097_152,
    });
  });

  it('is refused where it is not all there', () => {
    expect(() => readUsage(stat, 'Name:\ta\n')).toThrow('does not say');
  });
});

describe('a peer of a Go module', () => {
  const program: GoProgram = {
    title: 'Peer',
    module: 'example.org/peer',
    version: 'v1.2.3',
    folder: 'cmd/peer',
    go: '1.26',
  };
  const cache = mkdtempSync(join(tmpdir(), 'fbcenter-bench-test-'));
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true, force: true });
  });

  it('is built once for each version', async () => {
    const place = join(cache, 'example.org+peer@v1.2.3');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'program'), '');
    vi.stubEnv('PATH', '');
    expect(await builtProgram(program, cache)).toBe(join(place, 'program'));
    await expect(builtProgram({ ...program, version: 'v1.2.4' }, cache)).rejects.toThrow();
  });

  it('cannot be had without Go, which is said with what to do', async () => {
    vi.stubEnv('PATH', '');
    await expect(builtProgram(program, cache)).rejects.toThrow(
      'Peer is built by Go 1.26 or later, and there is no "go": install it',
    );
  });
});
