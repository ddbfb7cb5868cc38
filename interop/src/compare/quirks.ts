import { NEGATIVE, type Operation, operatorHolds, type Quirk, type Semantics, Thrown } from './model.js';

/** A way in which SDKs differ from ours, and what it means for a team that moves. */
export interface QuirkEntry {
  /** What that SDK does. */
  readonly theirs: string;
  /** What changes with ours. */
  readonly change: string;
  readonly quirk: Quirk;
}

const TEXT_OR_PATTERN: ReadonlySet<string> = new Set([
  'Contains',
  'NotContain',
  'StartsWith',
  'EndsWith',
  'MatchRegex',
  'NotMatchRegex',
]);
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['key', 'keyId'],
  ['keyid', 'keyId'],
  ['name', 'name'],
]);

/** As before, and some conditions hold although the attribute is absent. */
const holdsWhenAbsent =
  (does: (operation: Operation) => boolean): Quirk =>
  (semantics) => ({
    ...semantics,
    holds(operation, attribute) {
      return (attribute === undefined && does(operation)) || semantics.holds.call(this, operation, attribute);
    },
  });

const numbers =
  (number: Semantics['number']): Quirk =>
  (semantics) => ({ ...semantics, number });

const finite = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
const DIGITS = /^\p{Nd}+$/u;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const asciiDigits = (text: string): string =>
  text.replace(/[٠-٩]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x660));

/** What infinities and plain decimals are in Go, Python and Rust. */
function plain(text: string): number | undefined {
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** Underscores between digits. */
const withoutUnderscores = (text: string): string => text.replace(/(?<=\d)_(?=\d)/g, '');

export const QUIRKS = {
  'absent-negative': {
    theirs:
      'a negative condition (NotEqual, NotContain, NotOneOf, NotMatchRegex) holds for a user without the attribute',
    change: 'the condition does not hold: such users go on to the next rule',
    quirk: holdsWhenAbsent(({ op }) => NEGATIVE.has(op)),
  },
  'absent-empty': {
    theirs:
      'an absent attribute is the empty text: negative conditions hold, and so do Contains "", StartsWith "" and patterns that match nothing',
    change: 'no condition holds; `missingAttribute: "empty-string"` keeps it as it was',
    quirk: (semantics) => ({ ...semantics, attribute: (who, name) => semantics.attribute(who, name) ?? '' }),
  },
  'absent-not-equal': {
    theirs: 'NotEqual and NotOneOf hold for a user without the attribute',
    change: 'they do not hold: such users go on to the next rule',
    quirk: holdsWhenAbsent(({ op }) => op === 'NotEqual' || op === 'NotOneOf'),
  },
  'absent-throws': {
    theirs: 'a text or regex operator on an absent attribute throws out of the evaluation',
    change: 'the condition does not hold, and nothing throws',
    quirk: (semantics) => ({
      ...semantics,
      holds(operation, attribute) {
        if (attribute === undefined && TEXT_OR_PATTERN.has(operation.op)) throw new Thrown();
        return semantics.holds.call(this, operation, attribute);
      },
    }),
  },
  'dispatch-undefined': {
    theirs: 'an absent dispatch attribute is hashed as the text `undefined`',
    change: 'it is hashed as nothing, as on the server: users without it may get another share',
    quirk: (semantics) => ({ ...semantics, dispatched: (attribute) => attribute ?? 'undefined' }),
  },
  'empty-is-absent': {
    theirs:
      'an empty attribute or an empty operand fails Equal, Contains, StartsWith, EndsWith, MatchRegex and IsOneOf, and holds in their negations',
    change: 'the empty text is a text like any other',
    quirk: (semantics) => ({
      ...semantics,
      holds(operation, attribute) {
        if (attribute === undefined) return semantics.holds.call(this, operation, attribute);
        const { op, operand } = operation;
        const isList = op === 'IsOneOf' || op === 'NotOneOf';
        const isText = TEXT_OR_PATTERN.has(op) || op === 'Equal' || op === 'NotEqual';
        if ((isText && (attribute === '' || operand === '')) || (isList && attribute === '')) return NEGATIVE.has(op);
        return operatorHolds(this, operation, attribute);
      },
    }),
  },
  'names-in-any-case': {
    theirs:
      'conditions on `key`, `Key` or `Name` read the user’s own key and name; a custom attribute `Name` is never read',
    change:
      'only `keyId` and `name` are the user’s own (a message says so once); `Name` is an attribute like any other',
    quirk: (semantics) => ({
      ...semantics,
      attribute: (who, name) => semantics.attribute(who, ALIASES.get(name.toLowerCase()) ?? name),
    }),
  },
  'swapped-pattern': {
    theirs: 'MatchRegex and NotMatchRegex take the user’s attribute for the pattern and the rule’s value for the text',
    change: 'the rule’s value is the pattern',
    quirk: (semantics) => ({
      ...semantics,
      matches: (pattern, text) => {
        try {
          return new RegExp(text).test(pattern);
        } catch {
          throw new Thrown();
        }
      },
    }),
  },
  'whole-pattern': {
    theirs: 'a pattern has to match the whole attribute',
    change: 'a pattern is found anywhere in it; `^…$` asks for the whole',
    quirk: (semantics) => ({
      ...semantics,
      matches(pattern, text) {
        return new RegExp(`^(?:${this.translated(pattern)})$`, 'u').test(text);
      },
    }),
  },
  'ascii-pattern': {
    theirs: '`\\d` and `\\w` match digits and letters of ASCII only',
    change: 'they match those of every script, as on FeatBit’s server',
    quirk: (semantics) => ({ ...semantics, translated: (pattern) => pattern }),
  },
  'number-beginning': {
    theirs: 'the beginning of a text counts as the number (`5px`, `1,000` is 1), infinities too',
    change: 'a text that is no finite decimal number compares with nothing',
    quirk: numbers((text) => finite(Number.parseFloat(text))),
  },
  'number-python': {
    theirs: 'numbers are Python’s: `1_000`, digits of other scripts and infinities count; rounded to five places',
    change: 'those compare with nothing; nothing is rounded',
    quirk: numbers((text) => plain(withoutUnderscores(asciiDigits(text.trim())))),
  },
  'number-go': {
    theirs: 'numbers are Go’s: `1_000` and infinities count, blanks around a number do not',
    change: 'those compare with nothing, and blanks around a number are ignored',
    quirk: numbers((text) => plain(withoutUnderscores(text))),
  },
  'number-digits': {
    theirs:
      'only texts of digits are numbers: no sign, no point, no exponent, on either side (`18.5`, `-3` never compare)',
    change: 'negative numbers and fractions compare',
    quirk: numbers((text) => (DIGITS.test(text) ? Number(asciiDigits(text)) : undefined)),
  },
  'number-rust': {
    theirs: 'a number with blanks around it is none',
    change: 'blanks around a number are ignored',
    quirk: numbers((text) => {
      const number = plain(text);
      return number !== undefined && Number.isFinite(number) ? number : undefined;
    }),
  },
  'serves-archived': {
    theirs: 'an archived flag is served on',
    change: 'it gives the fallback',
    quirk: (semantics) => ({ ...semantics, servesArchived: true }),
  },
  'json-of-its-type': {
    theirs: 'a JSON value of another type than the fallback (a list and not an object) gives the fallback',
    change: 'JSON is JSON, whatever the fallback is',
    quirk: (semantics) => ({
      ...semantics,
      value: (text, type) => (type === 'json' && !text.startsWith('{') ? undefined : semantics.value(text, type)),
    }),
  },
} as const satisfies Readonly<Record<string, QuirkEntry>>;

export type QuirkName = keyof typeof QUIRKS;
