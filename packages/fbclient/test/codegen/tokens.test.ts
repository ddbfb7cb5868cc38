import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../src/codegen/tokens.js';

const literals = (source: string): string[] =>
  tokensOf(source)
    .filter(({ kind }) => kind === 'literal')
    .map(({ text }) => text);

describe('literals of a source text', () => {
  it.each([
    ['in each kind of quotes', `a('one', "two", \`three\`)`, ['one', 'two', 'three']],
    ['with the other quotes in them', `'"' + "'" + '\`'`, ['"', "'", '`']],
    ['with escapes resolved', String.raw`'it\'s' "\u00e9\x41\u{1F600}" 'a\nb' 'a\qb'`, ["it's", 'éA😀', 'a\nb', 'aqb']],
    ['with an escaped line end left out', "'a\\\nb'", ['ab']],
    ['not in comments', `// 'a'\n/* "b" */ 'c' /* open 'd'`, ['c']],
    ['not in regular expressions', `x = /'/; f(/["']/g, 'a'); return /'b'/`, ['a']],
    ['behind a division, which is none', `a / 'b' / c; (d) / 'e'; f[0] / 'g'`, ['b', 'e', 'g']],
    ['in what a template is made of', `\`a \${f('b', \`c\`)} d \${{ e: 'f' }.e} 'g'\` + 'h'`, ['b', 'c', 'f', 'h']],
    ['in templates within templates', `\`\${a ? \`x \${'b'}\` : 'c'}\``, ['b', 'c']],
    ['with a dollar that begins nothing', '`$5 {a}`', ['$5 {a}']],
    ['that are not ended, up to the end of the line', `a = 'b\nc('d')`, ['b', 'd']],
    ['behind an apostrophe in JSX', `<p>don't</p>\n<p>{f('a')}</p>`, ['t</p>', 'a']],
    ['in a template of Vue', `<a :href="f('x')">it's</a>\n<script>g('y')</script>`, ["f('x')", 's</a>', 'y']],
    ['empty ones too', `''`, ['']],
    ['of a template that is not ended', '`abc', ['abc']],
  ])('are found %s', (_, source, expected) => {
    expect(literals(source)).toEqual(expected);
  });

  it.each(['\\', "'", `\`\${`, '/', '/*', '}', `\`\${\`\${`, '\u2028', '\ud800', '#!', '"\\'])(
    'of %j end',
    (source) => {
      expect(Array.isArray(tokensOf(source))).toBe(true);
    },
  );

  it('are found in little time, whatever the text', () => {
    for (const part of ["'", '`', '/', '/[', `\`\${`, '\\', '/*', "'\\", '<']) {
      const tokens = tokensOf(part.repeat(20_000));
      expect(tokens.length).toBeLessThanOrEqual(40_000);
    }
  });
});
