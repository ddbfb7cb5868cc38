const FORM = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * A time with its zone, or a day, which begins at midnight UTC, as ISO 8601; in Unix milliseconds.
 *
 * @returns `undefined` for anything else, a day that no month has included: Date.parse takes the 31st of February for the 3rd of March.
 */
export function instantOf(text: string): number | undefined {
  const [, day] = FORM.exec(text) ?? [];
  const time = Date.parse(text);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (day === undefined || Number.isNaN(time) || Number.isNaN(midnight)) return undefined;
  return new Date(midnight).toISOString().startsWith(day) ? time : undefined;
}
