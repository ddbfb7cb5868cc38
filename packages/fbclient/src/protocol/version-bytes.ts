import { textIn } from './encoded-document.js';
import { parseVersion } from './version.js';

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
/** `2026-01-01T00:00:00Z` */
const SHORTEST = 20;
/** Seconds with the point and seven digits. */
const LONGEST = SHORTEST + 8;
/** Up to this day every month has them. */
const DAYS_OF_ANY_MONTH = 28;
/** `Date.UTC` takes an earlier year for one of the twentieth century. */
const FIRST_PLAIN_YEAR = 100;

/**
 * As {@link parseVersion}, from bytes of a text without escapes. The usual form is read where it stands: making a text of it
 * and parsing that takes ten times as long. All else is left to {@link parseVersion}.
 */
export function versionIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  return usualVersion(bytes, start, end) ?? parseVersion(textIn(bytes, start, end));
}

/** @returns `undefined` for a day, a time or a form that needs a closer look. */
function usualVersion(bytes: Uint8Array, start: number, end: number): number | undefined {
  const length = end - start;
  if (length < SHORTEST || length > LONGEST || bytes[end - 1] !== LETTER_Z) return undefined;
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH || bytes[start + 10] !== LETTER_T) return undefined;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return undefined;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  const millisecond = fractionIn(bytes, start + 19, end - 1);
  // What is no digit has made a NaN of its number, which is within no bounds.
  const isUsual =
    year >= FIRST_PLAIN_YEAR &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= DAYS_OF_ANY_MONTH &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    millisecond >= 0;
  return isUsual ? Date.UTC(year, month - 1, day, hour, minute, second, millisecond) : undefined;
}

/** Whole milliseconds of `.` and digits, or of nothing. */
function fractionIn(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  if (bytes[start] !== POINT || end === start + 1) return Number.NaN;
  let value = 0;
  for (let place = 1; place <= 3; place++) {
    value = value * 10 + (start + place < end ? digit(bytes[start + place]) : 0);
  }
  for (let at = start + 4; at < end; at++) value += 0 * digit(bytes[at]);
  return value;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return digit(bytes[at]) * 10 + digit(bytes[at + 1]);
}

function digit(byte: number | undefined): number {
  const value = (byte ?? 0) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
