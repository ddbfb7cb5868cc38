/** Clocks of one machine may be read a little apart. */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * A payload object with what is any in it made equal: the time (0 where it is an integer of the time of the call), the
 * program's name, the order of attributes.
 */
export function normalPayload(payload: unknown, from: number, to: number): unknown {
  return JSON.parse(JSON.stringify(payload), (name, value) => {
    if (name === 'timestamp') return isTimeOfCall(value, from, to) ? 0 : value;
    if (name === 'appType' && typeof value === 'string') return '';
    if (name === 'customizedProperties' && Array.isArray(value)) return sorted(value);
    return value;
  });
}

function isTimeOfCall(value: unknown, from: number, to: number): boolean {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= from - CLOCK_TOLERANCE_MS &&
    value <= to + CLOCK_TOLERANCE_MS
  );
}

/** In the order of their JSON, for lists whose order says nothing. */
export function sorted<T>(items: readonly T[]): T[] {
  const text = (item: T): string => JSON.stringify(withSortedMembers(item)) ?? '';
  return [...items].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function withSortedMembers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
