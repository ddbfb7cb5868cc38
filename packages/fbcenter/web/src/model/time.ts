const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [31_536_000, 'y'],
  [2_592_000, 'mo'],
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `now`, `12 min ago`, `3 d ago`. */
export function ago(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  for (const [size, name] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${name} ago`;
  }
  return 'just now';
}

/** The time of an ISO text, or `undefined` when it is none. */
export function timeOf(text: string | null | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isFinite(time) ? time : undefined;
}

let clock: Intl.DateTimeFormat | undefined;
let calendar: Intl.DateTimeFormat | undefined;

/** `14:02:11`. */
export function clockTime(at: number): string {
  clock ??= new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return clock.format(at);
}

/** `28 Nov 2026, 14:02`. */
export function moment(at: number): string {
  calendar ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  return calendar.format(at);
}
