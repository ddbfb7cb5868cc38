import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../src/yaml-text.js';
import { check } from './support/property.js';

const documentsOf = (text: string) => {
  const read = readYaml(text);
  if ('faults' in read) throw new Error(read.faults.map(({ message }) => message).join());
  return read.documents;
};
const faultsOf = (text: string) => {
  const read = readYaml(text);
  return 'faults' in read ? read.faults : [];
};

describe('YAML', () => {
  it.each<[text: string, values: unknown[]]>([
    ['', []],
    ['# nothing\n', []],
    ['---\n# nothing\n', [null]],
    ['port: 5100\n', [{ port: 5100 }]],
    ['{"a": [1, 2]}', [{ a: [1, 2] }]],
    ['a: 1\n---\na: 2\n', [{ a: 1 }, { a: 2 }]],
    // Words that older YAML took for something else.
    ['a: no\nb: on\nc: 1:30\nd: 0o17\ne: 1_000', [{ a: 'no', b: 'on', c: '1:30', d: 15, e: '1_000' }]],
    ['a: &x [1]\nb: *x', [{ a: [1], b: [1] }]],
    ['a: 9007199254740992', [{ a: 2 ** 53 }]],
    ['a: 1e300', [{ a: 1e300 }]],
  ])('%j says %j', (text, values) => {
    expect(documentsOf(text).map(({ value }) => value)).toEqual(values);
  });

  it('says what its own JSON says, whatever it is', async () => {
    await check(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        // JSON has numbers that its text does not keep; those are faults, see below.
        fc.pre(!JSON.stringify(value).match(/\d{16,}|e/i));
        expect(documentsOf(JSON.stringify(value)).map((one) => one.value)).toEqual(
          JSON.stringify(value) === '' ? [] : [JSON.parse(JSON.stringify(value))],
        );
      }),
    );
  });

  it.each<[text: string, line: number, message: RegExp]>([
    ['a: 1\nb: [1,\nc: 2\n', 3, /./],
    ['a: 1\n\na: 2\n', 3, /unique/i],
    ['a: 1\nb: {c: 1, c: 2}\n', 2, /unique/i],
    ['a: 9007199254740993', 1, /^the number 9007199254740993 would become 9007199254740992: /],
    ['a: 1\nb: 1e999', 2, /would become Infinity/],
    ['a: .inf', 1, /would become Infinity/],
    ['a: !unknown x', 1, /tag/i],
    ['\ta: 1', 1, /./],
  ])('%j has a fault in line %d', (text, line, message) => {
    expect(faultsOf(text)).toContainEqual({ line, message: expect.stringMatching(message) });
  });

  it('does not grow without bound when places stand for others', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefgh'[index];
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`;
      }),
    ].join('\n');
    const read = readYaml(bomb);
    expect('faults' in read && read.faults.map(({ message }) => message)).toEqual([expect.stringMatching(/alias/i)]);
  });
});

describe('the line of a place', () => {
  const [document] = documentsOf(
    '# first\nformat: x\nflags:\n  - key: a\n    rules:\n      - id: r\n        conditions: []\n  - { key: b }\n',
  );

  it.each<[path: (string | number)[], line: number]>([
    [[], 2],
    [['format'], 2],
    [['flags'], 3],
    [['flags', 0], 4],
    [['flags', 0, 'rules'], 5],
    [['flags', 0, 'rules', 0, 'conditions'], 7],
    [['flags', 1, 'key'], 8],
    // What is not there is where it would be.
    [['flags', 0, 'rules', 0, 'variations'], 6],
    [['flags', 7], 3],
    [['nothing', 'at', 'all'], 2],
  ])('%j is %d', (path, line) => {
    expect(document?.lineOf(path)).toBe(line);
  });

  it.each<[text: string, source: string | undefined]>([
    ['a: 0017', '0017'],
    ['a: 1e3', '1e3'],
    ['a: "0017"', '0017'],
    ['a: x y', 'x y'],
    ['a: |\n  x\n', 'x\n'],
    ['a: [1]', undefined],
    ['b: 1', undefined],
  ])('%j is written as %j', (text, source) => {
    expect(documentsOf(text)[0]?.sourceAt(['a'])).toBe(source);
  });
});
