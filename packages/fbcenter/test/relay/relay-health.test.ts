import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/model/refusal.js';
import type { InsightState } from '../../src/relay/insight-relay.js';
import { relayHealthHandlers, relayState, secondsOf } from '../../src/relay/relay-health.js';
import { Stopping } from '../../src/runtime/stopping.js';
import { FakeClock } from '../support/fake-clock.js';
import { environmentOf, relayedEnvironments, upstreamDocument } from '../support/relayed.js';

const T = Date.UTC(2026, 0, 1);
const INSIGHTS: InsightState = {
  waitingBytes: 7,
  turnedAway: 1,
  isOnDisk: true,
  sent: 2,
  refused: 3,
  unanswered: 4,
};

/** How an environment came to stand; each begins at {@link T}. */
type Story = 'new' | 'unreachable' | 'refused' | 'live' | 'away' | 'let in no more' | 'restored' | 'restored, away';

function aWorld(...stories: readonly Story[]) {
  const clock = new FakeClock(T);
  const names = stories.map((_, index) => `e${index}`);
  const environments = relayedEnvironments(...names);
  for (const [index, story] of stories.entries()) {
    const { replica, freshness } = environmentOf(environments, `e${index}`);
    const isRestored = story.startsWith('restored');
    if (isRestored) freshness.restored(T - 60_000);
    if (story === 'live' || story === 'away' || story === 'let in no more') freshness.heard(T);
    if (story === 'unreachable' || story === 'away' || story === 'restored, away') freshness.interrupted();
    if (story === 'refused' || story === 'let in no more') freshness.refused();
    if (isRestored || freshness.answeredAt !== undefined) replica.full([upstreamDocument('a', T)]);
  }
  const parts = {
    environments,
    clock,
    stopping: new Stopping(),
    connectionsOf: (id: string) => (id === 'id-e0' ? 5 : 0),
    snapshotOf: (id: string) => (id === 'id-e0' ? ('kept' as const) : ('none' as const)),
    insights: () => INSIGHTS,
  };
  return { clock, environments, parts, handlers: relayHealthHandlers(parts) };
}

const at = (time: number) => new Date(time).toISOString();

describe('how an environment of a relay stands', () => {
  it.each<[story: Story, state: string, ageSeconds: number | null, lastSyncedAt: string | null, hasData: boolean]>([
    ['new', 'starting', null, null, false],
    ['unreachable', 'starting', null, null, false],
    ['refused', 'refused', null, null, false],
    ['live', 'live', 0, at(T), true],
    ['away', 'interrupted', 10, at(T), true],
    ['let in no more', 'refused', 10, at(T), true],
    ['restored', 'starting', 70, at(T - 60_000), true],
    ['restored, away', 'interrupted', 70, at(T - 60_000), true],
  ])('that is %s', (story, state, ageSeconds, lastSyncedAt, hasData) => {
    const { clock, parts } = aWorld(story);
    clock.time += 10_000;
    expect(relayState(parts).environments).toEqual([
      {
        key: 'shop:e0',
        state,
        ageSeconds,
        lastSyncedAt,
        hasData,
        flags: hasData ? 1 : 0,
        segments: 0,
        connections: 5,
        snapshot: 'kept',
      },
    ]);
  });

  it('counts what is not archived, by kind', () => {
    const { environments, parts } = aWorld('live');
    environmentOf(environments, 'e0').replica.full([
      upstreamDocument('a', T),
      upstreamDocument('b', T + 1),
      upstreamDocument('old!', T + 2),
      upstreamDocument('s', T + 3, 'segment'),
      upstreamDocument('gone!', T + 4, 'segment'),
    ]);
    expect(relayState(parts).environments[0]).toMatchObject({ flags: 2, segments: 1 });
  });

  it('has no age while nothing is held of it, though upstream has answered', () => {
    const { environments, parts } = aWorld('new');
    environmentOf(environments, 'e0').freshness.heard(T);
    expect(relayState(parts).environments[0]).toMatchObject({ state: 'live', ageSeconds: null, hasData: false });
  });

  it('can be empty, and is served all the same', () => {
    const { environments, parts } = aWorld('new');
    const { replica, freshness } = environmentOf(environments, 'e0');
    replica.full([]);
    freshness.heard(T);
    expect(relayState(parts)).toMatchObject({ status: 'Healthy', environments: [{ flags: 0, hasData: true }] });
  });

  it('is asked for by its id, and never says a secret', () => {
    const { parts } = aWorld('live', 'away');
    const state = relayState(parts);
    expect(state.environments.map(({ connections, snapshot }) => [connections, snapshot])).toEqual([
      [5, 'kept'],
      [0, 'none'],
    ]);
    expect(JSON.stringify(state)).not.toContain('-of-e');
  });

  it.each<[milliseconds: number, seconds: number]>([
    [0, 0],
    [1, 1],
    [999, 1],
    [1_000, 1],
    [1_001, 2],
    [86_400_000, 86_400],
  ])('at %d ms is %d seconds old: never younger than it is', (milliseconds, seconds) => {
    expect(secondsOf(milliseconds)).toBe(seconds);
    const { clock, parts } = aWorld('away');
    clock.time += milliseconds;
    expect(relayState(parts).ageSeconds).toBe(seconds);
  });

  it('is no younger than now when the clock was set back', () => {
    const { clock, parts } = aWorld('away');
    clock.time -= 3_600_000;
    expect(relayState(parts).ageSeconds).toBe(0);
  });
});

describe('how a relay stands', () => {
  it.each<[stories: Story[], status: string, ageSeconds: number | null]>([
    [[], 'NoData', null],
    [['new'], 'NoData', null],
    [['refused'], 'NoData', null],
    [['live'], 'Healthy', 0],
    [['live', 'live'], 'Healthy', 0],
    [['live', 'new'], 'NoData', null],
    [['new', 'live'], 'NoData', null],
    [['away', 'unreachable'], 'NoData', null],
    [['away'], 'Stale', 10],
    [['live', 'away'], 'Stale', 10],
    [['live', 'let in no more'], 'Stale', 10],
    [['restored'], 'Stale', 70],
    [['live', 'away', 'restored'], 'Stale', 70],
    [['restored, away', 'live'], 'Stale', 70],
  ])('with environments %j is %s, its oldest data %s s old', async (stories, status, ageSeconds) => {
    const { clock, parts, handlers } = aWorld(...stories);
    clock.time += 10_000;
    const state = relayState(parts);
    expect([state.status, state.ageSeconds]).toEqual([status, ageSeconds]);
    expect(state.insights).toEqual(INSIGHTS);
    expect(state.environments).toHaveLength(stories.length);
    expect((await handlers.state()).body).toEqual({ kind: 'json', value: state });
    // Whatever it serves, the process answers.
    expect(await handlers.liveness()).toEqual({ status: 200, body: { kind: 'json', value: { status: 'Healthy' } } });
    const readiness = handlers.readiness();
    if (status === 'NoData') {
      await expect(readiness).rejects.toEqual(
        new Refusal('busy', 'There is no data of some environment yet: the server behind this relay was not reached.'),
      );
    } else {
      const value = { status: 'Healthy', ageSeconds };
      expect(await readiness).toEqual({ status: 200, body: { kind: 'json', value } });
    }
  });

  it('is these members and no others', () => {
    expect(relayState(aWorld('live').parts)).toEqual({
      status: 'Healthy',
      ageSeconds: 0,
      environments: [
        {
          key: 'shop:e0',
          state: 'live',
          ageSeconds: 0,
          lastSyncedAt: '2026-01-01T00:00:00.000Z',
          hasData: true,
          flags: 1,
          segments: 0,
          connections: 5,
          snapshot: 'kept',
        },
      ],
      insights: INSIGHTS,
    });
  });

  it('follows what happens: nothing, data, away, back, refused, gone', () => {
    const { clock, environments, parts } = aWorld('new');
    const { replica, freshness } = environmentOf(environments, 'e0');
    const steps: [() => unknown, string][] = [
      [() => {}, 'NoData'],
      [() => replica.full([]), 'Stale'],
      [() => freshness.heard(clock.time), 'Healthy'],
      [() => freshness.interrupted(), 'Stale'],
      [() => freshness.heard(clock.time), 'Healthy'],
      [() => freshness.refused(), 'Stale'],
      [() => freshness.interrupted(), 'Stale'],
      [() => freshness.heard(clock.time), 'Healthy'],
      [() => environments.remove('id-e0'), 'NoData'],
    ];
    for (const [step, status] of steps) {
      step();
      clock.time += 1_000;
      expect(relayState(parts).status).toBe(status);
    }
  });
});
