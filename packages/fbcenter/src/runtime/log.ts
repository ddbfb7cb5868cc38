import { contain } from './listeners.js';

/** Where the center writes what an operator should know. Secrets, tokens and user data are never passed to it. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** What is written: the level and everything more serious; `silent` writes nothing. */
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;

/** How a line is written: for people, or as one JSON object for programs. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Writes nothing; the default of the library. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * One line per entry: time, level, message, then the fields, as `name=value` or as members of one JSON object.
 *
 * @param write receives each line, its newline included.
 * @param format @default 'text'
 */
export function lineLogger(level: LogLevel, write: (line: string) => void, format: LogFormat = 'text'): Logger {
  const line = format === 'json' ? jsonLine : textLine;
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel) => {
    if (LOG_LEVELS.indexOf(name) < threshold) return () => {};
    return (message: string, fields: Record<string, unknown> = {}) => {
      write(`${line(new Date().toISOString(), name, message, fields)}\n`);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Of the same message no more than one line is written in this many milliseconds. */
const REPEAT_INTERVAL = 1_000;

/**
 * A logger that can neither fail nor flood: what the given one throws or rejects with is swallowed, and a message that repeats is written
 * once a second with the number of lines that were left out. Messages must be constants; what varies goes into the fields.
 */
export function calmLogger(logger: Logger, now: () => number = () => performance.now()): Logger {
  const last = new Map<string, { at: number; leftOut: number }>();
  const at = (level: Exclude<LogLevel, 'silent'>) => (message: string, fields?: Record<string, unknown>) => {
    const before = last.get(message);
    if (before !== undefined && now() - before.at < REPEAT_INTERVAL) {
      before.leftOut += 1;
      return;
    }
    last.set(message, { at: now(), leftOut: 0 });
    const leftOut = before?.leftOut ?? 0;
    // The logger is where failures are reported, so its own cannot be.
    contain(
      () => logger[level](message, leftOut === 0 ? fields : { ...fields, leftOut }),
      () => {},
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What an operator needs of an error: its own sentence and that of its cause, without a stack. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function textLine(time: string, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  const details = Object.entries(fields).map(([field, value]) => ` ${field}=${fieldText(value)}`);
  return `${time} ${level} ${message}${details.join('')}`;
}

/** What every line has; a field of such a name gets a `_` behind it. */
const OF_EVERY_LINE = ['time', 'level', 'message'];

function jsonLine(time: string, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  const named = Object.entries(fields).map(([name, value]) => [
    OF_EVERY_LINE.includes(name) ? `${name}_` : name,
    value,
  ]);
  return jsonText({ time, level, message, ...Object.fromEntries(named) });
}

/** JSON of anything: what JSON has no way to say is said as text. */
function jsonText(value: unknown): string {
  const ancestors: unknown[] = [];
  return JSON.stringify(value, function (this: unknown, _name, member: unknown) {
    if (typeof member === 'bigint') return String(member);
    if (member instanceof Error) return errorText(member);
    if (typeof member !== 'object' || member === null) return member;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(member)) return 'circular';
    ancestors.push(member);
    return member;
  });
}

/** A value with spaces or line breaks is quoted, so that an entry stays on one line. */
function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text);
}
