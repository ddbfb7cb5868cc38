const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/;
/** The first digit of a day that not every month may have. */
const DIGIT_2 = 0x32;

/**
 * An entity's version: its `updatedAt` as Unix milliseconds, finer fractions cut off.
 *
 * @param updatedAt ISO 8601 with an offset or `Z` and 0 to 7 fractional digits.
 * @returns the version, or `undefined` when the text is anything else (a bare date, a local time, 30 February, a number).
 */
export function parseVersion(updatedAt: unknown): number | undefined {
  if (typeof updatedAt !== 'string' || !ISO_8601.test(updatedAt)) return undefined;
  if (updatedAt.charCodeAt(8) >= DIGIT_2 && !isDayOfMonth(updatedAt)) return undefined;
  const milliseconds = Date.parse(updatedAt);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** Date.parse rolls a day that the month does not have over into the next one instead of refusing it. */
function isDayOfMonth(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
