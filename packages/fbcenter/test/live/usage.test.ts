import { array, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type UsageSource, Usages } from '../../src/live/usage.js';
import type { FlagUsage } from '../../src/model/tally.js';
import { FakeClock } from '../support/fake-clock.js';
import { check } from '../support/property.js';

const HOUR = 3_600_000;

/** A storage that counts by hand. */
class FakeSource implements UsageSource {
  readonly reads: (readonly string[] | undefined)[] = [];
  readonly kept = new Map<string, FlagUsage>();
  failure: Error | undefined;
  gate: Promise<void> = Promise.resolve();

  evaluate(flagKey: string, at: number, count = 1): void {
    const before = this.kept.get(flagKey);
    const hours = new Map(before?.hours);
    const hour = Math.floor(at / HOUR);
    hours.set(hour, (hours.get(hour) ?? 0) + count);
    this.kept.set(flagKey, { flagKey, count: (before?.count ?? 0) + count, lastAt: at, hours });
  }

  async usage(_id: string, sinceHour: number, flagKeys?: readonly string[]): Promise<readonly FlagUsage[]> {
    this.reads.push(flagKeys);
    const found = [...this.kept.values()].filter(({ flagKey }) => flagKeys?.includes(flagKey) ?? true);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    return found.map((usage) => ({
      ...usage,
      hours: new Map([...usage.hours].filter(([hour]) => hour >= sinceHour)),
    }));
  }
}

function begin() {
  const clock = new FakeClock();
  const source = new FakeSource();
  const usages = new Usages(source, clock);
  const evaluate = (key: string, count = 1) => {
    source.evaluate(key, clock.time, count);
    usages.note('e', [key]);
  };
  return { clock, source, usages, evaluate, current: () => usages.of('e').current() };
}

describe('how flags are used', () => {
  it('is what is kept: how often, when last, and a line of 24 hours', async () => {
    const { clock, evaluate, current } = begin();
    evaluate('f', 3);
    clock.time += 2 * HOUR;
    evaluate('f', 4);
    const line = [...new Array(21).fill(0), 3, 0, 4];
    expect(await current()).toEqual([{ key: 'f', count: 7, lastAt: new Date(clock.time).toISOString(), hours: line }]);
    clock.time += 30 * HOUR;
    expect(await current()).toEqual([{ key: 'f', count: 7, lastAt: expect.any(String) }]);
  });

  it('is read as a whole once, and then only where something was evaluated', async () => {
    const { source, evaluate, current } = begin();
    evaluate('f');
    await current();
    await current();
    evaluate('g');
    evaluate('g');
    expect(await current()).toHaveLength(2);
    expect(source.reads).toEqual([undefined, ['g']]);
  });

  it('is read as a whole when very many flags were evaluated', async () => {
    const { source, evaluate, current } = begin();
    await current();
    for (let index = 0; index < 300; index++) evaluate(`f${index}`);
    expect(await current()).toHaveLength(300);
    expect(source.reads).toEqual([undefined, undefined]);
  });

  it('has what was evaluated while it was read, the next time', async () => {
    const { source, evaluate, current } = begin();
    await current();
    evaluate('f');
    let open = () => {};
    source.gate = new Promise((resolve) => {
      open = resolve;
    });
    const reading = current();
    await vi.waitFor(() => expect(source.reads).toHaveLength(2));
    evaluate('f');
    open();
    expect(await reading).toMatchObject([{ count: 1 }]);
    expect(await current()).toMatchObject([{ count: 2 }]);
  });

  it('is nothing after a reset, also when it is being read', async () => {
    const { source, usages, evaluate, current } = begin();
    evaluate('f');
    let open = () => {};
    source.gate = new Promise((resolve) => {
      open = resolve;
    });
    const reading = current();
    await vi.waitFor(() => expect(source.reads).toHaveLength(1));
    source.kept.clear();
    usages.reset('e');
    open();
    await reading;
    expect(await current()).toEqual([]);
  });

  it('is read again after a reading that failed', async () => {
    const { source, evaluate, current } = begin();
    evaluate('f');
    await current();
    evaluate('f');
    source.failure = new Error('gone');
    await expect(current()).rejects.toThrow('gone');
    source.failure = undefined;
    expect(await current()).toMatchObject([{ count: 2 }]);
  });

  it('leaves out a flag that is gone', async () => {
    const { source, usages, evaluate, current } = begin();
    evaluate('f');
    await current();
    source.kept.delete('f');
    usages.note('e', ['f']);
    expect(await current()).toEqual([]);
  });

  it('costs nothing in an environment that nobody asks about', () => {
    const { source, evaluate } = begin();
    evaluate('f');
    expect(source.reads).toEqual([]);
  });

  it('is what is kept, in whatever order things happen', async () => {
    const steps = array(
      oneof(
        record({ evaluate: constantFrom('a', 'b', 'c') }),
        record({ wait: integer({ min: 0, max: 30 * HOUR }) }),
        constantFrom({ ask: true }, { reset: true }),
      ),
      { maxLength: 40 },
    );
    const trial = asyncProperty(steps, async (list) => {
      const { clock, source, usages, evaluate, current } = begin();
      const ask = async () => {
        const shown = new Map((await current()).map(({ key, count }) => [key, count]));
        expect(shown).toEqual(new Map([...source.kept.values()].map(({ flagKey, count }) => [flagKey, count])));
      };
      for (const step of list) {
        if ('evaluate' in step) evaluate(step.evaluate);
        else if ('wait' in step) clock.time += step.wait;
        else if ('ask' in step) await ask();
        else {
          source.kept.clear();
          usages.reset('e');
        }
      }
      await ask();
    });
    await check(trial, 200);
  });
});

describe('those who watch', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watching() {
    const world = begin();
    const heard: unknown[] = [];
    const end = world.usages
      .of('e')
      .watch((items) => void heard.push(items?.map(({ key, count }) => [key, count]) ?? 'everything'));
    return { ...world, heard, end };
  }

  it('hear at once of the first evaluation, and twice a second of all that follow', async () => {
    const { evaluate, heard } = watching();
    evaluate('f');
    await vi.advanceTimersByTimeAsync(1);
    expect(heard).toEqual([[['f', 1]]]);
    for (let index = 0; index < 10; index++) evaluate(index % 2 === 0 ? 'f' : 'g');
    await vi.advanceTimersByTimeAsync(400);
    expect(heard).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(heard.slice(1)).toEqual([
      [
        ['f', 6],
        ['g', 5],
      ],
    ]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(heard).toHaveLength(2);
  });

  it.each<[string, (world: ReturnType<typeof watching>) => void]>([
    ['very many flags were evaluated', ({ evaluate }) => Array.from({ length: 201 }, (_, i) => evaluate(`f${i}`))],
    ['it was reset', ({ usages }) => usages.reset('e')],
    [
      'it cannot be read',
      ({ source, evaluate }) => {
        source.failure = new Error('gone');
        evaluate('f');
      },
    ],
  ])('are told to read everything when %s', async (_name, act) => {
    const world = watching();
    act(world);
    await vi.advanceTimersByTimeAsync(10);
    expect(world.heard).toEqual(['everything']);
  });

  it('hear nothing of what was before, nor after they have left', async () => {
    const { evaluate, heard, end, usages } = watching();
    evaluate('f');
    end();
    await vi.advanceTimersByTimeAsync(2_000);
    const later: unknown[] = [];
    usages.of('e').watch((items) => void later.push(items?.length));
    await vi.advanceTimersByTimeAsync(2_000);
    expect([heard, later]).toEqual([[], []]);
    evaluate('g');
    await vi.advanceTimersByTimeAsync(10);
    expect([heard, later]).toEqual([[], [1]]);
  });

  it('keep no timer when they have left', () => {
    const { evaluate, end } = watching();
    evaluate('f');
    end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
