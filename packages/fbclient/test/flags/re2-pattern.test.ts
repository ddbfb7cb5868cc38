import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/flags/failure.js';
import { MAX_PATTERN_LENGTH, parsePattern } from '../../src/flags/pattern-syntax.js';
import { compileCost, MAX_COMPILE_COST } from '../../src/flags/re2-cost.js';
import { compilePattern } from '../../src/flags/re2-pattern.js';
import { Program } from '../../src/flags/re2-program.js';
import { re2Source, type TextForm } from '../../src/flags/re2-source.js';
import { check } from '../support/property.js';

/** The longest that one search may take, in milliseconds; some 25 ms, and room for a busy machine. */
const LONGEST_SEARCH = 1_000;

function find(source: string, text: string): boolean | string {
  const pattern = compilePattern(source);
  const found = pattern instanceof Failure ? pattern : pattern.test(text);
  return found instanceof Failure ? found.text : found;
}

describe('a pattern means what it means on FeatBit’s server', () => {
  it.each<[string, string, boolean]>([
    // Where it is found
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['^abc$', 'abc', true],
    ['', 'abc', true],
    ['', '', true],
    ['a|', 'b', true],
    ['()', 'b', true],
    ['(?:)', 'b', true],
    ['A', 'abc', false],
    ['(^|,)beta(,|$)', 'a,beta', true],
    ['(^|,)beta(,|$)', 'a,betas', false],
    // Line ends
    ['abc$', 'abc\n', true],
    ['abc$', 'abc\r\n', false],
    ['abc$', 'abc\n\n', false],
    ['abc\\z', 'abc\n', false],
    ['abc\\Z', 'abc\n', true],
    ['^$', '\n', true],
    ['(a$|b)', 'a\n', true],
    ['^(?:a|b$)*$', 'ab\n', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['^.$', '\r', true],
    ['^.$', '\u2028', true],
    ['^b', 'a\nb', false],
    ['(?m)^b', 'a\nb', true],
    ['(?m)a$', 'a\r\nb', false],
    ['(?m)a$', 'a\nb', true],
    ['\\Aa', 'a', true],
    ['\\Ga', 'ba', false],
    // Digits, words and white space of all scripts
    ['\\d', '٣', true],
    ['^\\d+$', '１２', true],
    ['[0-9]', '５', false],
    ['\\D', '٣', false],
    ['^\\w+$', 'émile', true],
    ['^\\w+$', 'e\u0301mile', true],
    ['^\\w+$', '日本', true],
    ['^\\w+$', 'ключ', true],
    ['^\\w+$', 'a_1', true],
    ['^\\w$', '\u203f', true],
    ['^\\w+$', 'a\u200db', false],
    ['^\\w+$', '𝒜', false],
    ['\\W', 'é', false],
    ['^[\\w.+-]+@[\\w-]+\\.[a-z]+$', 'zoë@example.com', true],
    ['^[^\\W_]+$', 'zoë1', true],
    ['^[^\\W_]+$', 'zoë_1', false],
    ['^[^\\W\\d_]+$', 'zoë1', false],
    ['^[^\\S\\r\\n]+$', ' \t\u00a0', true],
    ['^[\\s\\S]$', '\n', true],
    ['[\\W_]', 'é_', true],
    ['[\\W_]', 'é', false],
    ['\\s', '\u00a0', true],
    ['\\s', '\u3000', true],
    ['\\s', '\u0085', true],
    ['\\s', '\u000b', true],
    ['\\s', '\u200b', false],
    ['\\s', '\ufeff', false],
    ['\\bcafé\\b', 'un café noir', true],
    ['\\bcaf\\b', 'café', false],
    ['\\bus\\b', 'в us ж', true],
    ['\\bus\\b', 'жus', false],
    ['\\b', '—', false],
    ['\\Bé', 'é', false],
    ['\\Bé\\b', 'caffé', true],
    ['(?m)^\\bb', 'é\nb', true],
    ['a\\b', 'a\u200d', false],
    ['\\ba', 'a', true],
    ['\\B', 'ab', true],
    // A character beyond U+FFFF is two
    ['^.$', '😀', false],
    ['^..$', '😀', true],
    ['😀', '😀', true],
    ['😀+', '😀😀', true],
    ['^😀{2}$', '😀😀', false],
    ['[😀]', '😁', true],
    ['^[^a]{2}$', '😀', true],
    ['\\p{Cs}', '😀', true],
    ['\\p{Co}', '😀', false],
    ['\\p{Co}', '\ue000', true],
    ['^\\P{L}{2}$', '𝒜', true],
    ['[\\u0000-\\uffff]{2}', '😀', true],
    ['\\ud83d', '😀', true],
    // Either case
    ['(?i)abc', 'ABC', true],
    ['(?i)^k$', '\u212a', true],
    ['(?i)^\\u212a$', 'k', true],
    ['(?i)é', 'É', true],
    ['(?i)^[à-ö]+$', 'ÀÉ', true],
    ['(?i)^[^a]$', 'A', false],
    ['(?i)^s$', 'ſ', false],
    ['(?i)^σ$', 'ς', false],
    ['(?i)^σ$', 'Σ', true],
    ['(?i)i', 'İ', false],
    ['(?i)^i$', 'ı', false],
    ['(?i)straße', 'STRASSE', false],
    ['(?i)ǆ', 'ǅ', true],
    ['(?i)^\\p{Lu}$', 'a', true],
    ['(?i:A)b', 'ab', true],
    ['(?i:A)b', 'aB', false],
    ['(?:a(?i)b|c)d', 'aBd', true],
    ['(?:a(?i)b|c)d', 'Cd', true],
    ['(?:a(?i)b|c)d', 'aBD', false],
    ['(?i)(?-i)a', 'A', false],
    // Escapes
    ['\\u0041', 'A', true],
    ['^[\\u4e00-\\u9fa5]+$', '中文', true],
    ['^[\\u0400-\\u04FF]+$', 'ключ', true],
    ['\\x41', 'A', true],
    ['\\012', '\n', true],
    ['\\a\\e\\f\\v\\t', '\u0007\u001b\f\v\t', true],
    ['[\\b]', '\b', true],
    ['\\cA', '\u0001', true],
    ['\\-\\/\\.\\ ', '-/. ', true],
    ['\\p{L}', 'é', true],
    ['\\P{L}', '1', true],
    ['\\.com$', 'mail@fbclient.com', true],
    // Classes
    ['[]a]', ']', true],
    ['[^]a]', 'b', true],
    ['[a-c-e]', '-', true],
    ['[\\w-.]', '.', true],
    ['[a-z&&[^b]]', 'b', false],
    ['[a-]', '-', true],
    ['[.^$|]', '$', true],
    // Repeats
    ['^a{2,3}$', 'aa', true],
    ['^a{,3}$', 'a{,3}', true],
    ['^a{,3}$', 'aa', false],
    ['^a{2}?$', 'aa', true],
    ['^(\\d{1,3}\\.){3}\\d{1,3}$', '10.0.0.1', true],
    ['^*a', 'ba', true],
    ['{', '{', true],
    ['}]', '}]', true],
    // Groups and comments
    ['(?<n>a)(?<n>b)', 'ab', true],
    ["(?'n'a)", 'a', true],
    ['(?n)(a)', 'a', true],
    ['(?#note)a', 'a', true],
    ['^a(?#note){2}$', 'aa', true],
    ['(?x) a b # note', 'ab', true],
    ['(?x) a\\ b', 'a b', true],
    ['(?x) [ ]', ' ', true],
  ])('%j in %j: %s', (source, text, found) => {
    expect(find(source, text)).toBe(found);
  });

  it.each<[string, string]>([
    // What is invalid there
    ['(', 'a group has no end'],
    ['a)', 'a group is closed that was not opened'],
    ['[', 'a class has no end'],
    ['[]', 'a class has no end'],
    ['[a\\', 'a class has no end'],
    ['*a', 'a repeat has nothing to repeat'],
    ['(?i)*', 'a repeat has nothing to repeat'],
    ['a|+', 'a repeat has nothing to repeat'],
    ['a**', 'a repeat is repeated'],
    ['a++b', 'a repeat is repeated'],
    ['a{2}{3}', 'a repeat is repeated'],
    ['a{2,1}', 'a repeat ends before it begins'],
    ['a\\', 'it ends in a backslash'],
    ['\\q', 'it has an escape that does not exist: \\q'],
    ['\\_', 'it has an escape that does not exist: \\_'],
    ['\\é', 'it has an escape that does not exist: \\é'],
    ['\\Qa\\E', 'it has an escape that does not exist: \\Q'],
    ['\\x{41}', '\\x takes two hexadecimal digits and \\u four'],
    ['\\u12', '\\x takes two hexadecimal digits and \\u four'],
    ['\\c1', '\\c takes a letter'],
    ['[z-a]', 'a range in a class is reversed'],
    ['[a-\\d]', 'a range in a class ends in a class'],
    ['\\pL', '\\p takes a general category here, such as \\p{L}'],
    ['\\p{Greek}', '\\p takes a general category here, such as \\p{L}'],
    ['(?P<n>a)', 'it has a group of a kind that does not exist'],
    ['(?U)a', 'it has a group of a kind that does not exist'],
    ['(?i', 'it has a group of a kind that does not exist'],
    ['(?<1a>x)', 'it has a kind of group that is not supported'],
    ['(?#a', 'a comment has no end'],
    // What works there, but cannot here
    ['\\P{IsGreek}', '\\P takes a general category here, such as \\P{L}'],
    ['^(?!test)', 'it has look-around, which is not supported'],
    ['a(?=b)', 'it has look-around, which is not supported'],
    ['(?<=a)b', 'it has look-around, which is not supported'],
    ['(?<!a)b', 'it has look-around, which is not supported'],
    ['(a)\\1', 'it has a back-reference, which is not supported'],
    ['(?<n>a)\\k<n>', 'it has a back-reference, which is not supported'],
    ['(?>a+)b', 'it has a kind of group that is not supported'],
    ['(?(1)a|b)', 'it has a kind of group that is not supported'],
    ['(?<a-b>x)', 'it has a kind of group that is not supported'],
    // What means something else to most people than it does there
    ['[a-z-[aeiou]]', 'it has a class within a class, which is not supported'],
    ['[a-[b]]', 'it has a class within a class, which is not supported'],
    ['[[:alpha:]]', 'it has a class with a name, such as [:alpha:], which means something else on the server'],
    // What is too much
    ['a{1001}', 'it is too large when its repeats are written out'],
    ['x{99999999999}', 'it is too large when its repeats are written out'],
    ['(a{100}){100}', 'it is too large when its repeats are written out'],
    ['(?:(?:){600}){600}', 'it is too large when its repeats are written out'],
    ['(((((a{9}){9}){9}){9}){9}){9}', 'it is too large when its repeats are written out'],
    ['[a-z]{400}[0-9]{400}', 'it is too large when its repeats are written out'],
    ['a{9}'.repeat(248), 'it is too large when its repeats are written out'],
    [`${'('.repeat(101)}a${')'.repeat(101)}`, 'its groups are nested too deep'],
    ['a'.repeat(MAX_PATTERN_LENGTH + 1), 'it is longer than 1000 characters'],
  ])('or is refused: %j', (source, reason) => {
    expect(find(source, 'a')).toBe(`a pattern cannot be used: ${reason}`);
    expect(find(source, 'é')).toBe(`a pattern cannot be used: ${reason}`);
  });

  it.each<[string, string, string]>([
    [
      'a$\\n',
      'a\n',
      'an attribute ends in a line feed, and a pattern asks for more behind a line end, which is not supported',
    ],
    [
      '(?m)\\ba$',
      'é',
      'a pattern asks for word boundaries and line ends at once, which is not supported for an attribute beyond ASCII',
    ],
    ['\\w\\b'.repeat(30), 'é', 'a pattern is too large for an attribute with characters beyond ASCII'],
  ])('or fails for the texts that it cannot be right about: %j', (source, text, reason) => {
    expect(find(source, text)).toBe(reason);
    expect(typeof find(source, 'b')).toBe('boolean');
  });

  it('may have as many characters as are allowed', () => {
    expect(find('a'.repeat(MAX_PATTERN_LENGTH), 'a'.repeat(MAX_PATTERN_LENGTH))).toBe(true);
    expect(find('a'.repeat(MAX_PATTERN_LENGTH), `é${'a'.repeat(MAX_PATTERN_LENGTH)}`)).toBe(true);
  });
});

describe('patterns and texts of all kinds agree with a backtracking engine', () => {
  const WORD = '[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]';
  const WORD_OR_JOINER = '[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}\\u200c\\u200d]';
  /** A piece of a pattern, and what it is in JavaScript, where words are of ASCII and `$` is the end. */
  const PIECES: readonly (readonly [string, string])[] = [
    ['a', 'a'],
    ['é', 'é'],
    ['\\n', '\\n'],
    ['\\w', WORD],
    ['\\W', '[^\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]'],
    ['[^\\W_]', '[\\p{L}\\p{Mn}\\p{Nd}\\u203f]'],
    ['.', '[^\\n]'],
    ['\\b', `(?:(?<=${WORD_OR_JOINER})(?!${WORD_OR_JOINER})|(?<!${WORD_OR_JOINER})(?=${WORD_OR_JOINER}))`],
    ['\\B', `(?:(?<=${WORD_OR_JOINER})(?=${WORD_OR_JOINER})|(?<!${WORD_OR_JOINER})(?!${WORD_OR_JOINER}))`],
    ['^', '(?<![^])'],
    ['$', '(?=\\n?(?![^]))'],
    ['(?m:^)', '(?<![^\\n])'],
  ];
  const piece = fc.constantFrom(...PIECES);
  const { node } = fc.letrec<{ node: readonly [string, string] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      piece,
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((nodes) => joined(nodes, '')),
      fc.array(tie('node'), { minLength: 2, maxLength: 2 }).map((nodes) => joined(nodes, '|')),
      fc
        .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}'))
        .map(([[ours, theirs], count]): readonly [string, string] => [`(?:${ours})${count}`, `(?:${theirs})${count}`]),
    ),
  }));
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '\n', ' ', '_', '‿', '\u200d', '-', 'w'),
    maxLength: 6,
  });

  function joined(nodes: readonly (readonly [string, string])[], by: string): readonly [string, string] {
    return [`(?:${nodes.map(([ours]) => ours).join(by)})`, `(?:${nodes.map(([, theirs]) => theirs).join(by)})`];
  }

  it('or say that they cannot be right', async () => {
    const property = fc.property(node, text, ([ours, theirs], subject) => {
      const found = find(ours, subject);
      return typeof found === 'string' || found === new RegExp(theirs, 'u').test(subject);
    });
    await check(property, 800);
  });
});

describe('a pattern is compiled once in the process', () => {
  it('whoever asks for it, and a failure is remembered too', () => {
    expect(compilePattern('^once$')).toBe(compilePattern('^once$'));
    expect(compilePattern('(once')).toBe(compilePattern('(once'));
  });

  it('as long as those that were asked for since are not longer than 50,000 characters together', () => {
    const first = compilePattern('^first of the long ones$');
    const long = 'x'.repeat(990);
    for (let other = 10; other < 58; other++) compilePattern(`${long}${other}`);
    expect(compilePattern('^first of the long ones$')).toBe(first);
    for (let other = 60; other < 111; other++) compilePattern(`${long}${other}`);
    expect(compilePattern('^first of the long ones$')).not.toBe(first);
    expect(compilePattern(`${long}110`)).toBe(compilePattern(`${long}110`));
  });

  it('unless it is too long to be one: that is not kept', () => {
    const kept = compilePattern('^kept$');
    const tooLong = 'x'.repeat(60_000);
    const failure = compilePattern(tooLong);
    expect(failure).toEqual(compilePattern(tooLong));
    expect(failure).not.toBe(compilePattern(tooLong));
    expect(compilePattern('^kept$')).toBe(kept);
  });

  it('as long as it is among the last thousand', () => {
    const first = compilePattern('^first$');
    for (let other = 0; other < 999; other++) compilePattern(`other ${other}`);
    expect(compilePattern('^first$')).toBe(first);
    for (let other = 1_000; other < 2_000; other++) compilePattern(`other ${other}`);
    expect(compilePattern('^first$')).not.toBe(first);
  });
});

describe('what a pattern costs to compile is bounded before it is compiled', () => {
  const TOO_LARGE = 'a pattern cannot be used: it is too large';
  const TOO_LARGE_REPEATED = 'a pattern cannot be used: it is too large when its repeats are written out';
  const TOO_LARGE_BEYOND_ASCII = 'a pattern is too large for an attribute with characters beyond ASCII';
  const FORMS: readonly TextForm[] = ['ascii', 'units', 'spaced'];

  it.each<[string, string, boolean | string, boolean | string]>([
    ['many classes under case folding', `(?i)${'[\u0000-\uffff]'.repeat(60)}`, TOO_LARGE_REPEATED, TOO_LARGE_REPEATED],
    ['a few of them', `(?i)${'[\u0000-\uffff]'.repeat(5)}`, false, false],
    ['many letters under case folding', `(?i)${'é'.repeat(400)}`, false, false],
    ['classes in repeats in repeats', '(?:[a-z]{25}){25}', TOO_LARGE_REPEATED, TOO_LARGE_REPEATED],
    ['many options', `(?:a|${'(?:a|aaa)'.repeat(100)})`, TOO_LARGE, TOO_LARGE],
    ['many categories', '\\p{L}'.repeat(100), false, TOO_LARGE_BEYOND_ASCII],
    ['categories as options', `(?:${'\\p{Lu}|'.repeat(40)}b)`, true, TOO_LARGE_BEYOND_ASCII],
    ['large categories', '\\P{L}'.repeat(24), false, TOO_LARGE_BEYOND_ASCII],
    ['as many small ones', '\\p{Nd}'.repeat(24), false, false],
    ['look-behinds that a class becomes, repeated', '[^\\W_]{300}', false, TOO_LARGE_BEYOND_ASCII],
    ['words and their boundaries', '\\w\\b'.repeat(30), false, TOO_LARGE_BEYOND_ASCII],
  ])('%s', (_name, source, onAscii, onOthers) => {
    expect(find(source, 'B')).toBe(onAscii);
    expect(find(source, 'é')).toBe(onOthers);
  });

  it.each([
    '^[a-z0-9._-]+@[a-z0-9-]+\\.[a-z]+$',
    "\\w+([-+.']\\w+)*@\\w+([-.]\\w+)*\\.\\w+([-.]\\w+)*",
    '(?i)^(?:alice|bob|carol|dave|erin|frank|grace|heidi|ivan|judy)@example\\.(?:com|org|net)$',
    '^[\\u4e00-\\u9fa5]{2,20}$',
    '(?i)^[à-ÿ]+(?:[ -][à-ÿ]+){0,5}$',
    '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
    '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}$'.replace('(?!$)', ''),
    '^[^\\W_]{3,16}$',
    '\\b(?:beta|internal|staff)\\b',
    `^(?:${Array.from({ length: 60 }, (_, index) => `tenant-${index}`).join('|')})$`,
  ])('but not for an everyday one: %s', (source) => {
    expect(typeof find(source, 'ada')).toBe('boolean');
    expect(typeof find(source, 'adé')).toBe('boolean');
  });

  it('whatever it is made of: the engine is never given more', async () => {
    const atom = fc.constantFrom(
      ...['a', 'é', '.', '\\w', '\\W', '\\p{L}', '[^\\W_]', '[\u0100-\u024f]', '[\u0000-\uffff]', '(?m:^)', '\\b', '$'],
    );
    const made = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        atom,
        fc.array(tie('node'), { minLength: 1, maxLength: 30 }).map((nodes) => nodes.join('')),
        fc.array(tie('node'), { minLength: 2, maxLength: 30 }).map((nodes) => `(?:${nodes.join('|')})`),
        fc
          .tuple(tie('node'), fc.constantFrom('*', '?', '{2}', '{0,9}', '{40}', '{300}'))
          .map(([node, count]) => `(?:${node})${count}`),
      ),
    })).node;
    const property = fc.property(fc.constantFrom('', '(?i)', '^', '(?im)^'), made, (flags, node) => {
      const parsed = parsePattern(flags + node);
      if (typeof parsed === 'string') return;
      for (const form of FORMS) {
        const source = re2Source(parsed, form);
        const fits = source !== undefined && compileCost(parsed, form, source) <= MAX_COMPILE_COST;
        expect(Program.compile(parsed, form) instanceof Failure).toBe(!fits);
      }
    });
    await check(property, 300);
  });
});

it('a class under case folding has the other cases of its members, as .NET has them', async () => {
  const lower = (unit: number): string => {
    const folded = String.fromCharCode(unit).toLowerCase();
    return folded.length === 1 ? folded : String.fromCharCode(unit);
  };
  const unit = fc.oneof(fc.integer({ min: 0x20, max: 0x24f }), fc.integer({ min: 0x370, max: 0x58f }));
  const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
  const property = fc.property(unit, fc.nat(60), unit, (low, more, searched) => {
    const members = Array.from({ length: more + 1 }, (_, index) => lower(low + index));
    const found = find(`(?i)^[${escaped(low)}-${escaped(low + more)}]$`, String.fromCharCode(searched));
    expect(found).toBe(members.includes(lower(searched)));
  });
  await check(property, 1_000);
});

describe('a search ends soon, whatever the pattern and the text', () => {
  it.each([
    ['^(a+)+$', 'a', 'b'],
    ['^(a|a)*$', 'a', 'b'],
    ['^(a|aa)+$', 'a', 'b'],
    ['(.*)(.*)(.*)(.*)(.*)x', 'a', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    ['(a?){150}a{150}b', 'a', ''],
    ['[^x]{500}y', 'a', ''],
    ['(x+x+)+y', 'x', ''],
    ['^(\\w+\\s?)*$', 'é', '!'],
    ['(\\b\\w+\\b)+x', 'é', '!'],
    ['^([^\\W_]+)+$', 'é', '!'],
  ])('%s', (source, unit, end) => {
    for (const length of [30, 1_000, 30_000, 1_000_000]) {
      const start = performance.now();
      const found = find(source, unit.repeat(length) + end);
      expect(performance.now() - start, `a text of ${length}`).toBeLessThan(LONGEST_SEARCH);
      expect(found).not.toBe(true);
    }
  });

  const TOO_LONG = 'an attribute is too long for the pattern it is matched with';

  it.each([
    ['a', 'a'.repeat(3_000_000)],
    ['[^x]{500}y', 'a'.repeat(10_000)],
    ['\\bé\\b', 'é'.repeat(300_000)],
  ])(
    'because a text that is too long for a pattern is not tried: that is an error, never a match: %s',
    (source, text) => {
      expect(find(source, text)).toBe(TOO_LONG);
    },
  );

  it('while everyday patterns work on texts of tens of thousands of characters', () => {
    expect(find('^[a-z0-9._-]+@[a-z0-9-]+\\.[a-z]+$', `${'a'.repeat(30_000)}@fbclient.org`)).toBe(true);
    expect(find('\\bé', `${'ж '.repeat(10_000)}é`)).toBe(true);
  });
});
