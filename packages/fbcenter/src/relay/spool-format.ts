// How insights are written down while they wait.

/** The insights of one request, which are passed on together or not at all. */
export interface SpooledBody {
  /** How many elements it has. */
  readonly events: number;
  /** A JSON array. */
  readonly text: string;
}

const SEGMENT_FILE = /^(?<lane>[\w-]+)\.(?<number>\d{10})\.spool$/;

/** The name of a segment: of a lane, the oldest has the smallest number. */
export function segmentName(lane: string, number: number): string {
  return `${lane}.${String(number).padStart(10, '0')}.spool`;
}

/** The lane that a file is a segment of; `undefined` when it is none. */
export function laneOf(file: string): string | undefined {
  return SEGMENT_FILE.exec(file)?.groups?.lane;
}

export function numberOf(file: string): number {
  return Number(SEGMENT_FILE.exec(file)?.groups?.number ?? 0);
}

/** How many events, then the body as it is. */
export function lineOf({ events, text }: SpooledBody): string {
  return `${events} ${text}\n`;
}

/** @returns `undefined` for a line that was cut off, or is none of ours. */
function bodyIn(line: string): SpooledBody | undefined {
  // Texts may have U+2028 in them, which `.` matches only with this flag.
  const [, events = '', text = ''] = /^(\d+) (\[.*\])$/s.exec(line) ?? [];
  if (text === '') return undefined;
  try {
    JSON.parse(text);
    return { events: Number(events), text };
  } catch {
    return undefined;
  }
}

/** Beside a segment, how many of its bodies are done with. */
export function doneName(file: string): string {
  return file.replace(/spool$/, 'done');
}

/** What such a file says last. */
export function lastNumberIn(text: string): number {
  // A line that was cut off has no end, and does not count.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd();
  const last = Number(lines.slice(lines.lastIndexOf('\n') + 1));
  return Number.isSafeInteger(last) && last > 0 ? last : 0;
}

/** The bodies of a segment, and how many of its lines are none. */
export function bodiesIn(text: string): { readonly bodies: SpooledBody[]; readonly unreadable: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const bodies = lines.map(bodyIn).filter((body) => body !== undefined);
  return { bodies, unreadable: lines.length - bodies.length };
}
