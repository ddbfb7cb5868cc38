const ISO_8601 = /^\d{4}-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/;
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * An entity's version: its `updatedAt` as Unix milliseconds, finer fractions cut off.
 *
 * @param updatedAt ISO 8601 with an offset or `Z` and 0 to 7 fractional digits.
 * @returns the version, or `undefined` when the text is anything else (a bare date, a local time, 30 February, a number).
 */
export function parseVersion(updatedAt: unknown): number | undefined {
  if (typeof updatedAt !== 'string') return undefined;
  const parts = ISO_8601.exec(updatedAt);
  if (parts === null) return undefined;
  const month = Number(parts[1]);
  const day = Number(parts[2]);
  if (day > (LONGEST_MONTHS[month - 1] ?? 0)) return undefined;
  // Date.parse rolls 29 February of a common year over into March instead of refusing it.
  if (month === 2 && day === 29 && !isLeapYear(Number(updatedAt.slice(0, 4)))) return undefined;
  const milliseconds = Date.parse(updatedAt);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
