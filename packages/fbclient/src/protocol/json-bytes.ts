/** The parts of JSON that have nothing in them, in the bytes of a text. */

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const LETTER_T = 0x74;
export const LETTER_F = 0x66;
export const LETTER_N = 0x6e;

/** As the value of an end: there is no such part. */
export const NOWHERE = -1;

/** The bytes of an ASCII text. It is needed where there is no TextEncoder: tests of front ends load all of this in jsdom. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
const NULL = asciiBytes('null');
/** What may stand behind a backslash, but for the four digits of `\u`. */
const ESCAPED: ReadonlySet<number | undefined> = new Set(asciiBytes('"\\/bfnrt'));
const LETTER_U = 0x75;
const DIGITS_OF_ESCAPE = 4;
const POINT = 0x2e;
const PLUS = 0x2b;
const ZERO = 0x30;
const LOWER = 0x20;
const LETTER_E = 0x65;

const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** @returns where white space ends; where there is none, at once. */
export function afterSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte > SPACE || !isSpace(byte)) return at;
    at += 1;
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

/** 1 for bytes at which a text ends or has something special. */
const ENDS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);

/**
 * @returns where plain characters of a text end: at its quote, at a backslash, at something that must not be in it, or at the limit.
 * A function of its own, because short ones are compiled sooner: it is most of the work.
 */
export function endOfPlain(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && ENDS_PLAIN[bytes[at] as number] === 0) at += 1;
  return at;
}

/** @returns where the escape that begins at a backslash ends. */
export function endOfEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== LETTER_U) return ESCAPED.has(bytes[at + 1]) ? at + 2 : NOWHERE;
  const end = at + 2 + DIGITS_OF_ESCAPE;
  for (let index = at + 2; index < end; index++) if (!isHexadecimal(bytes[index])) return NOWHERE;
  return end;
}

/** @returns where `true`, `false` or `null` ends. */
export function endOfWord(bytes: Uint8Array, at: number): number {
  const word = bytes[at] === LETTER_T ? TRUE : bytes[at] === LETTER_F ? FALSE : NULL;
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return NOWHERE;
  return at + word.length;
}

/** @returns where a number ends. What follows it is not looked at. */
export function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  // No digit follows a leading zero.
  at = bytes[at] === ZERO ? at + 1 : endOfDigits(bytes, at);
  if (at !== NOWHERE && bytes[at] === POINT) at = endOfDigits(bytes, at + 1);
  if (at === NOWHERE || ((bytes[at] ?? 0) | LOWER) !== LETTER_E) return at;
  const hasSign = bytes[at + 1] === PLUS || bytes[at + 1] === MINUS;
  return endOfDigits(bytes, at + (hasSign ? 2 : 1));
}

/** Longest number without an exponent that is finite whatever its digits. */
const FINITE = 300;

/** Whether a number is finite for sure, by its looks: it is short and has no exponent. */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > FINITE) return false;
  for (let at = start; at < end; at++) if (((bytes[at] ?? 0) | LOWER) === LETTER_E) return false;
  return true;
}

function endOfDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at += 1;
  return at === start ? NOWHERE : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function isHexadecimal(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | LOWER;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
