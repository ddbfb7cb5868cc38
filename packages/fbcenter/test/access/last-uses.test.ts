import { beforeEach, describe, expect, it } from 'vitest';
import { LastUses } from '../../src/access/last-uses.js';
import { FakeClock } from '../support/fake-clock.js';

let clock: FakeClock;
let written: [string, number][];
let fails: boolean;
let uses: LastUses;
beforeEach(() => {
  clock = new FakeClock(1_000_000);
  written = [];
  fails = false;
  const used = async (times: ReadonlyMap<string, number>) => {
    if (fails) throw new Error('on purpose');
    written.push(...times);
  };
  uses = new LastUses({ used }, clock);
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the uses of a credential', () => {
  it('are written once a minute, whatever comes in between', () => {
    for (let second = 0; second < 180; second++) {
      uses.note('a');
      clock.time += 1_000;
    }
    expect(written).toEqual([
      ['a', 1_000_000],
      ['a', 1_060_000],
      ['a', 1_120_000],
    ]);
  });

  it('are those of each one', () => {
    for (const id of ['a', 'b', 'a', 'c', 'b']) uses.note(id);
    expect(written.map(([id]) => id)).toEqual(['a', 'b', 'c']);
  });

  it('follow a clock that is set back', () => {
    uses.note('a');
    clock.time -= 59_999;
    uses.note('a');
    expect(written).toHaveLength(1);
    clock.time -= 1;
    uses.note('a');
    expect(written.at(-1)).toEqual(['a', 940_000]);
  });

  it('that cannot be written are tried again at the next one, and nobody is disturbed', async () => {
    fails = true;
    uses.note('a');
    await settle();
    fails = false;
    clock.time += 1;
    uses.note('a');
    uses.note('a');
    expect(written).toEqual([['a', 1_000_001]]);
  });

  it('are remembered for some thousands only', () => {
    for (let index = 0; index < 20_001; index++) uses.note(`id-${index}`);
    uses.note('id-20000');
    uses.note('id-0');
    expect(written).toHaveLength(20_002);
    expect(written.at(-1)?.[0]).toBe('id-0');
  });
});
