import type { PatternNode, Place } from './pattern-node.js';
import { asciiMembers, type UnitRange, type UnitSet } from './pattern-sets.js';

/**
 * What a text looks like to the engine:
 *
 * - `ascii`: as it is; only for texts of ASCII.
 * - `units`: one code point for each UTF-16 unit, so that the engine counts as .NET does; see {@link asUnits}.
 * - `spaced`: as `units`, with a mark before and behind each unit; see {@link asSpaced}.
 */
export type TextForm = 'ascii' | 'units' | 'spaced';

/** Surrogates as code points of their own. No other character can come there: those beyond U+FFFF are surrogates too. */
const SURROGATE_OFFSET = 0x100000;

/** A text in the form `units`: the halves of surrogate pairs become code points of the last plane. */
export function asUnits(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, (half) => String.fromCodePoint(half.charCodeAt(0) + SURROGATE_OFFSET));
}

const WORD_UNIT = /[\p{L}\p{Mn}\p{Nd}\p{Pc}\u200c\u200d]/u;
/** A mark that is part of a word to the engine, and one that is not. */
const WORD_MARK = 'w';
const OTHER_MARK = '-';
const MARK = '[w\\-]';

/**
 * A text in the form `spaced`, in which the engine's `\b`, which knows only words of ASCII, finds the boundaries of all words:
 * between two units are two marks, and they differ where a word begins or ends.
 */
export function asSpaced(text: string): string {
  let spaced = '';
  let inWord = false;
  for (let at = 0; at <= text.length; at++) {
    const isWord = at < text.length && WORD_UNIT.test(text.charAt(at));
    const mark = isWord === inWord ? OTHER_MARK : WORD_MARK;
    // Before the first unit and behind the last there is one mark: the text's own ends are no part of a word.
    if (at === 0) spaced += text === '' ? '' : mark + asUnits(text.charAt(0));
    else if (at < text.length) spaced += mark + OTHER_MARK + asUnits(text.charAt(at));
    else spaced += mark;
    inWord = isWord;
  }
  return spaced;
}

/**
 * A pattern in the engine's syntax, for a form of texts. It needs the engine's look-behinds.
 *
 * @returns `undefined` when the form cannot express it.
 */
export function re2Source(pattern: PatternNode, form: TextForm): string | undefined {
  if (form === 'spaced' && asksFor(pattern, 'line-end')) return undefined;
  const writer = new SourceWriter(form);
  // Units begin behind their first mark, wherever the search begins.
  const start = form === 'spaced' ? `\\A(?:${MARK}${ANY_CODE_POINT}${MARK})*` : '';
  // Whether there is a match matters, not where it ends. With this behind it the engine skips what finds that out, which takes
  // it up to a hundred times as long as all the rest.
  return `${start}${writer.write(pattern)}(?s:.*)`;
}

/** Whether a place is asked for anywhere in a pattern. */
export function asksFor(node: PatternNode, ...places: readonly Place[]): boolean {
  switch (node.kind) {
    case 'units':
      return false;
    case 'place':
      return places.includes(node.place);
    case 'sequence':
      return node.parts.some((part) => asksFor(part, ...places));
    case 'either':
      return node.options.some((option) => asksFor(option, ...places));
    case 'repeat':
      return asksFor(node.of, ...places);
  }
}

const ANY_CODE_POINT = '(?s:.)';
const NO_CODE_POINT = '[^\\d\\D]';

const PLACES: Readonly<Record<Place, string>> = {
  start: '\\A',
  end: '\\z',
  // That it may also be before a last line feed is seen to where the text is searched.
  'last-line-end': '\\z',
  'line-start': '(?m:^)',
  'line-end': '(?m:$)',
  'word-boundary': '\\b',
  'no-word-boundary': '\\B',
};

class SourceWriter {
  readonly #form: TextForm;

  constructor(form: TextForm) {
    this.#form = form;
  }

  write(node: PatternNode): string {
    switch (node.kind) {
      case 'units': {
        const unit = this.#form === 'ascii' ? asciiSource(node.set) : setSource(node.set);
        return this.#form === 'spaced' ? `(?:${MARK}${unit}${MARK})` : unit;
      }
      case 'place':
        if (this.#form === 'spaced' && node.place === 'line-start') return `(?:\\A|(?<=\\x{a}${MARK}))`;
        return PLACES[node.place];
      case 'sequence':
        return `(?:${node.parts.map((part) => this.write(part)).join('')})`;
      case 'either':
        return `(?:${node.options.map((option) => this.write(option)).join('|')})`;
      case 'repeat': {
        const { kind } = node.of;
        const repeated = this.write(node.of);
        // Without the group `a+` repeated once or not at all would be `a+?`, which is lazy and not optional.
        const isWhole = kind !== 'place' && kind !== 'repeat';
        return (isWhole ? repeated : `(?:${repeated})`) + countSource(node.min, node.max);
      }
    }
  }
}

/** The engine takes three times as long for `{1,}` as for `+`. */
function countSource(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** What has been written once: classes come again and again, and their members take long to find. They go with their patterns. */
const ASCII_SOURCES = new WeakMap<UnitSet, string>();

/** One unit of a set, in a text of ASCII. */
function asciiSource(set: UnitSet): string {
  let source = ASCII_SOURCES.get(set);
  if (source === undefined) {
    source = asciiMembersSource(set);
    ASCII_SOURCES.set(set, source);
  }
  return source;
}

/** The members, or all but the others, whichever is shorter: that others beyond ASCII are among those does not matter here. */
function asciiMembersSource(set: UnitSet): string {
  const members = asciiMembers(set);
  const listed = bracketed(itemsThatAre(true, members), false);
  const excluded = bracketed(itemsThatAre(false, members), true);
  return listed.length <= excluded.length ? listed : excluded;
}

function itemsThatAre(wanted: boolean, members: readonly boolean[]): string {
  let items = '';
  for (let low = members.indexOf(wanted); low !== -1; ) {
    const behind = members.indexOf(!wanted, low);
    const high = behind === -1 ? members.length - 1 : behind - 1;
    items += codePoints(low, high);
    low = members.indexOf(wanted, high + 1);
  }
  return items;
}

/** One unit of a set. */
function setSource({ negated, ranges, categories, complements }: UnitSet): string {
  const listed = ranges.map(rangeSource).join('') + categories.map(categorySource).join('');
  if (complements.length === 0) return bracketed(listed, negated);
  const others = complements.map((set) => bracketed(itemsOf(set), false));
  if (!negated) {
    const complementSources = complements.map((set) => bracketed(itemsOf(set), true));
    return `(?:${[bracketed(listed, false), ...complementSources].join('|')})`;
  }
  // In all of the sets whose complements are excluded, and not in what else is: one unit is taken, and looked back at.
  const [first = ANY_CODE_POINT, ...rest] = others;
  const checks = rest.map((set) => `(?<=${set})`).join('');
  return `(?:${first}${checks}${listed === '' ? '' : `(?<!${bracketed(listed, false)})`})`;
}

function itemsOf({ ranges, categories }: UnitSet): string {
  return ranges.map(rangeSource).join('') + categories.map(categorySource).join('');
}

function bracketed(items: string, negated: boolean): string {
  if (items === '') return negated ? ANY_CODE_POINT : NO_CODE_POINT;
  // A letter or a digit: without a class the engine reads it in half the time.
  if (items.length === 1 && !negated) return items;
  return `[${negated ? '^' : ''}${items}]`;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

function rangeSource([low, high]: UnitRange): string {
  if (high < FIRST_SURROGATE || low > LAST_SURROGATE) return codePoints(low, high);
  const below = low < FIRST_SURROGATE ? codePoints(low, FIRST_SURROGATE - 1) : '';
  const above = high > LAST_SURROGATE ? codePoints(LAST_SURROGATE + 1, high) : '';
  const halves = codePoints(
    Math.max(low, FIRST_SURROGATE) + SURROGATE_OFFSET,
    Math.min(high, LAST_SURROGATE) + SURROGATE_OFFSET,
  );
  return below + halves + above;
}

function categorySource(category: string): string {
  switch (category) {
    case 'Cs':
      return rangeSource([FIRST_SURROGATE, LAST_SURROGATE]);
    // Without the plane that the halves of pairs are moved to.
    case 'Co':
      return codePoints(0xe000, 0xf8ff);
    default:
      return `\\p{${category}}`;
  }
}

function codePoints(low: number, high: number): string {
  return low === high ? codePoint(low) : `${codePoint(low)}-${codePoint(high)}`;
}

/** Letters and digits as they are, for the engine takes its time by the length of the source. */
function codePoint(unit: number): string {
  const isPlain = unit < 0x80 && /[0-9A-Za-z]/.test(String.fromCharCode(unit));
  return isPlain ? String.fromCharCode(unit) : `\\x{${unit.toString(16)}}`;
}
