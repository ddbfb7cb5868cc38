import { describe, expect, it } from 'vitest';
import { Freshness, type SyncState } from '../../src/relay/freshness.js';

type Step = ['heard' | 'restored', number] | ['interrupted' | 'refused'];

/** What becomes of it, step by step, and its age a second after the last. */
function after(...steps: readonly Step[]): { state: SyncState; age: number | undefined } {
  const freshness = new Freshness();
  let now = 0;
  for (const [step, at] of steps) {
    if (at !== undefined && step === 'heard') now = at;
    if (step === 'heard') freshness.heard(at);
    else if (step === 'restored') freshness.restored(at);
    else freshness[step]();
  }
  return { state: freshness.state, age: freshness.age(now + 1_000) };
}

describe('how old data is', () => {
  it.each<[what: string, steps: Step[], state: SyncState, age: number | undefined]>([
    ['nothing has happened', [], 'starting', undefined],
    ['upstream was not reached', [['interrupted']], 'starting', undefined],
    ['upstream has answered', [['heard', 5_000]], 'live', 0],
    ['upstream has answered and gone away', [['heard', 5_000], ['interrupted']], 'interrupted', 1_000],
    ['it came and went', [['heard', 5_000], ['interrupted'], ['heard', 9_000]], 'live', 0],
    ['there is a snapshot', [['restored', -60_000]], 'starting', 61_000],
    ['there is a snapshot and nobody answers', [['restored', -60_000], ['interrupted']], 'interrupted', 61_000],
    ['a snapshot makes nothing older', [['heard', 5_000], ['restored', 0], ['interrupted']], 'interrupted', 1_000],
    ['upstream refuses', [['refused']], 'refused', undefined],
    ['upstream refuses and is away', [['heard', 5_000], ['refused'], ['interrupted']], 'refused', 1_000],
    ['upstream has let it in again', [['refused'], ['heard', 5_000]], 'live', 0],
  ])('%s', (_, steps, state, age) => {
    expect(after(...steps)).toEqual({ state, age });
  });

  it('is never negative, whatever the clock does', () => {
    const freshness = new Freshness();
    freshness.heard(10_000);
    freshness.interrupted();
    expect(freshness.age(5_000)).toBe(0);
  });

  it('says what is news', () => {
    const freshness = new Freshness();
    expect([freshness.heard(1), freshness.heard(2)]).toEqual([true, false]);
    expect([freshness.interrupted(), freshness.interrupted()]).toEqual([true, false]);
    expect([freshness.refused(), freshness.refused()]).toEqual([true, false]);
  });
});
