import { describe, expect, it } from 'vitest';
import { judge } from '../../src/documents/judge.js';
import { patternHint } from '../../src/documents/patterns.js';
import { aFlag, aRule } from '../support/documents.js';

const withPattern = (value: string) =>
  judge('flag', aFlag({ rules: [aRule({ property: 'a', op: 'MatchRegex', value }, 'off')] }), 'f');

describe('a pattern that .NET cannot compile', () => {
  // FeatBit's server evaluates with .NET: exported or relayed to it, such a flag would silence every browser there.
  it.each([
    ['(?P<name>a)', '(?<name>'],
    ['a(?P=name)', '(?<name>'],
    ['\\pL+', '\\p{L}'],
    ['[\\PL]', '\\p{L}'],
    ['\\p{Greek}', '[\\u0370'],
    ['\\x{1F600}', '\\uHHHH'],
    ['(?U)a+', 'a+?'],
    ['(?iU)a+', 'a+?'],
  ])('is refused (%s), with what to write instead', (pattern, instead) => {
    const verdict = withPattern(pattern);
    if (verdict.ok) throw new Error('taken');
    expect(verdict.faults).toEqual([
      {
        code: 'invalid-pattern',
        path: 'rules[0].conditions[0].value',
        message: expect.stringContaining('FeatBit cannot compile'),
      },
    ]);
    expect(verdict.faults[0]?.message).toContain(instead);
  });

  it.each(['(?<name>a)', '\\p{L}+', '[\\u0370-\\u03ff]', '\\x41', 'a+?', '(?i)a', '(?s:a)', '\\u00e9'])(
    'is none of those that it can (%s), which are taken without a word',
    (pattern) => {
      const verdict = withPattern(pattern);
      if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults));
      expect(verdict.warnings).toEqual([]);
      expect(patternHint(pattern)).toBeUndefined();
    },
  );

  it('is told from one that is wrong for another reason', () => {
    const verdict = withPattern('(a');
    if (verdict.ok) throw new Error('taken');
    expect(verdict.faults[0]?.message).not.toContain('FeatBit');
  });
});
