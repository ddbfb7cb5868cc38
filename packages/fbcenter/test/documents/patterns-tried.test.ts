import { setImmediate } from 'node:timers/promises';
import type * as Core from 'fbclient/core';
import { compilePattern } from 'fbclient/core';
import { describe, expect, it, vi } from 'vitest';
import { judge } from '../../src/documents/judge.js';
import { patternProblem, tryPatterns } from '../../src/documents/patterns.js';
import { aFlag, aRule } from '../support/documents.js';

vi.mock('fbclient/core', async (importOriginal) => {
  const core = await importOriginal<typeof Core>();
  return { ...core, compilePattern: vi.fn(core.compilePattern) };
});

const compiled = vi.mocked(compilePattern);

/** A flag with as many patterns as a document may have, no two alike. */
const withPatterns = (name: string) =>
  aFlag({
    rules: Array.from({ length: 1_000 }, (_, index) =>
      aRule({ property: 'email', op: 'MatchRegex', value: `^${name}-[a-z]{2,5}-${index}$` }, 'off'),
    ),
  });

describe('the patterns of a document that were tried', () => {
  it('are not compiled again when it is judged, whatever others try at the same time', async () => {
    const flags = ['a', 'b', 'c'].map(withPatterns);
    await Promise.all(flags.map((flag) => tryPatterns(flag)));
    compiled.mockClear();
    for (const flag of flags) expect(judge('flag', flag, 'f')).toMatchObject({ ok: true });
    expect(compiled).not.toHaveBeenCalled();
  });

  it('are remembered with what is wrong with them', () => {
    const problem = patternProblem('(tried');
    compiled.mockClear();
    expect([problem, patternProblem('(tried')]).toEqual([expect.any(String), problem]);
    expect(compiled).not.toHaveBeenCalled();
  });

  it('are not remembered when they are too long to be one', () => {
    const tooLong = 'x'.repeat(1_001);
    compiled.mockClear();
    expect([patternProblem(tooLong), patternProblem(tooLong)]).toEqual(
      Array(2).fill('a pattern cannot be used: it is longer than 1000 characters'),
    );
    expect(compiled).toHaveBeenCalledTimes(2);
  });

  it('are not tried to their end once nobody waits for it', async () => {
    compiled.mockClear();
    // What a test before this one has begun is over.
    await setImmediate();
    await setImmediate();
    let now = 0;
    const time = vi.spyOn(performance, 'now').mockImplementation(() => now++);
    await expect(tryPatterns(withPatterns('gone'), () => true)).rejects.toMatchObject({ statusCode: 408 });
    time.mockRestore();
    expect(compiled.mock.calls.length).toBeLessThan(20);
  });
});
