import { describe, expect, it } from 'vitest';
import { flagUsesIn } from '../../src/codegen/flag-uses.js';

describe('keys that the client is called with', () => {
  it.each([
    ['a method of the client', "client.variation('a', user, 1)", ['a']],
    ['a method with its explanation', "this.flags.boolVariationDetail('a', user)", ['a']],
    ['double quotes and templates', 'c.variation("a"); c.variation(`b`)', ['a', 'b']],
    ['an optional call', "c?.variation('a'); c.variation?.('b')", ['a', 'b']],
    ['type arguments', "c.jsonVariation<Map<string, 'x'>>('a', user)", ['a']],
    ['a call over several lines', "c\n  .variation(\n    // which\n    'a',\n    user,\n  )", ['a']],
    ['listeners and questions', "t.addFlagValueChangedListener('a', u, f); c.isFlagKnown('b')", ['a', 'b']],
    ['a call within a template', `\`\${c.variation('a', u, 'x')}\``, ['a']],
    ['not a function of the same name', "variation('a', user)", []],
    ['not another method', "c.get('a'); c.set('b')", []],
    ['not a declaration', 'variation(key: string) {}', []],
    ['not a comment', "// c.variation('a')", []],
  ])('%s', (_, source, keys) => {
    expect(flagUsesIn(source).calls.map(({ key }) => key)).toEqual(keys);
  });

  it('have the place of the key', () => {
    const source = "const c = make();\n\nc.variation('a', u);\nc.variation(\n  'b');";
    expect(flagUsesIn(source).calls).toEqual([
      { key: 'a', line: 3, column: 13 },
      { key: 'b', line: 5, column: 3 },
    ]);
  });

  it.each([
    ['a variable', 'c.variation(KEY, user)'],
    ['a template with something in it', `c.variation(\`a-\${name}\`, user)`],
    ['a sum', "c.variation('a-' + name, user)"],
    ['a choice', "c.variation(on ? 'a' : 'b', user)"],
  ])('are not known when they are %s', (_, source) => {
    const { calls, unknown } = flagUsesIn(source);
    expect(calls).toEqual([]);
    expect(unknown).toEqual([{ key: 'variation', line: 1, column: 13 }]);
  });
});

describe('keys that a source text mentions', () => {
  it.each([
    ['a literal anywhere', "const KEY = 'a'", ['a']],
    ['a choice', "x ? 'a' : 'b'", ['a', 'b']],
    ['a case', "switch (x) { case 'a': case 'b': }", ['a', 'b']],
    ['the key of a call', "c.variation('a', user, 'b')", ['a', 'b']],
    ['not a property of an object', "const defaults = { 'a': 1, 'b': 2 }", []],
    ['not a property of a type', "interface Flags {\n  'a': boolean;\n  readonly 'b'?: number\n  'c': string\n}", []],
    ['not a comment', "/* 'a' */", []],
  ])('%s', (_, source, keys) => {
    expect([...flagUsesIn(source).mentions]).toEqual(keys);
  });
});
