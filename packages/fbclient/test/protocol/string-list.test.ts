import { describe, expect, it } from 'vitest';
import { parseStringList } from '../../src/protocol/string-list.js';

describe('a list in a condition', () => {
  it.each<[string, readonly string[]]>([
    ['[]', []],
    ['["a"]', ['a']],
    [' [ "a" , "b" ] ', ['a', 'b']],
    ['["a","a",""]', ['a', 'a', '']],
    ['["__proto__","\\u0000","🙂"]', ['__proto__', '\u0000', '🙂']],
  ])('%s is read', (text, list) => {
    expect(parseStringList(text)).toEqual(list);
  });

  it.each(['', 'a,b', '["a"', '["a",]', "['a']", '"a"', 'null', 'true', '1', '{}', '{"0":"a","length":1}'])(
    '%j is none: no array',
    (text) => {
      expect(parseStringList(text)).toBeUndefined();
    },
  );

  it.each(['[1]', '["a",1]', '[null]', '["a",null]', '[true]', '[["a"]]', '[{}]'])(
    '%j is none: not only strings',
    (text) => {
      expect(parseStringList(text)).toBeUndefined();
    },
  );
});
