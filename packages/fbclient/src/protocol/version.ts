const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/;
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * An entity's version: its `updatedAt` as Unix milliseconds, finer fractions cut off.
 *
 * @param updatedAt ISO 8601 with an offset or `Z` and 0 to 7 fractional digits.
 * @returns the version, or `undefined` when the text is anything else (a bare date, a local time, 30 February, a number).
 */
export function parseVersion(updatedAt: unknown): number | undefined {
  if (typeof updatedAt !== 'string' || !ISO_8601.test(updatedAt)) return undefined;
  // Date.parse rolls a day that the month does not have over into the next one instead of refusing it.
  const month = twoDigits(updatedAt, 5);
  const day = twoDigits(updatedAt, 8);
  if (day > (LONGEST_MONTHS[month - 1] ?? 0)) return undefined;
  if (month === 2 && day === 29 && !isLeapYear(Number(updatedAt.slice(0, 4)))) return undefined;
  const milliseconds = Date.parse(updatedAt);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
