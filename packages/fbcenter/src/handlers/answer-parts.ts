/** A time as answers have it. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** A time that need not be there. */
export function isoTimeOrNull(time: number | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}
