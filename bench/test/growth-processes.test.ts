import { afterEach, describe, expect, it, vi } from 'vitest';
// The built one: its processes are built files.
import { measureGrowth } from '../dist/sections/growth.js';
import { GROWING, type Growing } from '../src/environment/growing.js';
import type { GrowthResult } from '../src/sections/growth.js';

const [RULES] = GROWING;
if (RULES === undefined) throw new Error('nothing grows');
const GROWN: Growing = { ...RULES, sizes: [1, 5, 50] };
const QUICK = { warmUp: 0, stretch: 1 };

/** An SDK that knows so many rules at the most. */
function sdkOf(name: string, rules: number) {
  return { name, module: new URL(`./support/sdk.mjs?name=${name}&rules=${rules}`, import.meta.url).href };
}

describe('growth, in processes of its own', () => {
  afterEach(() => vi.restoreAllMocks());

  it('leaves an SDK out from where its values are wrong, and reports that once', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const sdks = [sdkOf('able', 100), sdkOf('limited', 1)];
    const [result]: GrowthResult[] = await measureGrowth(sdks, 2, QUICK, [GROWN]);
    expect(Array.from(result?.times ?? [], ([size, row]) => [size, [...row.keys()]])).toEqual([
      [1, ['able', 'limited']],
      [5, ['able']],
      [50, ['able']],
    ]);
    expect(error.mock.calls).toEqual([['rules on one attribute, 5: limited: growing is false for user-0, not true']]);
  });

  it('stops when the wrong values are ours', async () => {
    await expect(measureGrowth([sdkOf('fbclient', 1)], 1, QUICK, [GROWN])).rejects.toThrow(
      'fbclient: growing is false for user-0, not true',
    );
  });

  it('stops when an SDK cannot be loaded, and names it', async () => {
    const missing = { name: 'gone', module: new URL('./support/missing.mjs', import.meta.url).href };
    await expect(measureGrowth([missing], 1, QUICK, [GROWN])).rejects.toThrow(/^gone failed: .*missing\.mjs/);
  });
});
