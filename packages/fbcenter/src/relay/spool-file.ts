/** The insights of one request, which are passed on together or not at all. */
export interface SpooledBody {
  /** How many elements it has. */
  readonly events: number;
  /** A JSON array. */
  readonly text: string;
}

/** The names of files with bodies: of which lane, and which one of it. */
export const SEGMENT_FILE = /^(?<lane>[\w-]+)\.(?<number>\d{10})\.spool$/;

export function bodiesName(lane: string, number: number): string {
  return `${lane}.${String(number).padStart(10, '0')}.spool`;
}

/** How many events, then the body as it is. */
export function lineOf({ events, text }: SpooledBody): string {
  return `${events} ${text}\n`;
}

/** @returns `undefined` for a line that was cut off, or is none of ours. */
export function bodyIn(line: string): SpooledBody | undefined {
  const [, events = '', text = ''] = /^(\d+) (\[.*\])$/.exec(line) ?? [];
  if (text === '') return undefined;
  try {
    JSON.parse(text);
    return { events: Number(events), text };
  } catch {
    return undefined;
  }
}

/** The file of a segment that says how many of its bodies are done with. */
export function doneName(file: string): string {
  return file.replace(/spool$/, 'done');
}

/** The last number that was noted as done. */
export function lastNumberIn(text: string): number {
  // A line that was cut off has no end, and does not count.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd();
  const last = Number(lines.slice(lines.lastIndexOf('\n') + 1));
  return Number.isSafeInteger(last) && last > 0 ? last : 0;
}
