import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GatheredChanges } from '../../src/runtime/gathered-changes.js';

describe('changes that are gathered', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function watched(environmentId = 'dev') {
    const changes = new GatheredChanges();
    const heard: (readonly string[])[] = [];
    const end = changes.watch(environmentId, (keys) => void heard.push(keys));
    return { changes, heard, end };
  }

  it('are reported at once, and then once a second at most, each thing once', () => {
    const { changes, heard } = watched();
    changes.note('dev', 'a');
    changes.note('dev', 'b');
    vi.advanceTimersByTime(0);
    expect(heard).toEqual([['a', 'b']]);
    for (let times = 0; times < 100; times++) {
      changes.note('dev', 'a');
      changes.note('dev', `c${times % 3}`);
      vi.advanceTimersByTime(9);
    }
    expect(heard).toEqual([['a', 'b']]);
    vi.advanceTimersByTime(100);
    expect(heard).toEqual([
      ['a', 'b'],
      ['a', 'c0', 'c1', 'c2'],
    ]);
    // Who has been quiet for a second is heard at once again.
    vi.advanceTimersByTime(5_000);
    changes.note('dev', 'd');
    vi.advanceTimersByTime(0);
    expect(heard.at(-1)).toEqual(['d']);
    expect(heard).toHaveLength(3);
  });

  it('are those of one environment, and reach everybody who watches it', () => {
    const { changes, heard } = watched();
    const others: (readonly string[])[] = [];
    const second: (readonly string[])[] = [];
    changes.watch('prod', (keys) => void others.push(keys));
    changes.watch('dev', (keys) => void second.push(keys));
    changes.note('dev', 'a');
    vi.advanceTimersByTime(1_000);
    expect([heard, second, others]).toEqual([[['a']], [['a']], []]);
  });

  it('are not kept for nobody: whoever comes later hears of what comes later', () => {
    const { changes, heard, end } = watched();
    changes.note('dev', 'a');
    end();
    end();
    vi.advanceTimersByTime(1_000);
    changes.note('dev', 'b');
    const late: (readonly string[])[] = [];
    changes.watch('dev', (keys) => void late.push(keys));
    // The first one that has gone does not take the second one along.
    end();
    changes.note('dev', 'c');
    vi.advanceTimersByTime(1_000);
    expect([heard, late]).toEqual([[], [['c']]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
