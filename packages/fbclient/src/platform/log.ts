import type { Cancel, Clock } from './clock.js';

/**
 * Where the SDK writes what happens to it. Anything with these four methods will do (`console`, pino behind an adapter).
 * A logger that throws, or whose promise rejects, is ignored.
 *
 * Neither the environment secret nor any user attribute is ever in a message or a field.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * A logger that writes to the console, for development and for small services.
 *
 * @param level the least level that is written. @default 'info'
 */
export function consoleLogger(level: LogLevel = 'info'): Logger {
  const least = LEVELS.indexOf(level);
  const writer =
    (at: LogLevel) =>
    (message: string, fields?: Record<string, unknown>): void => {
      if (LEVELS.indexOf(at) < least) return;
      if (fields === undefined) console[at](`[fbclient] ${message}`);
      else console[at](`[fbclient] ${message}`, fields);
    };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

/** Messages of one code that are written within a window; more are counted and summed up in one line at its end. */
const BURST = 5;
const WINDOW = 60_000;

interface Tally {
  readonly level: LogLevel;
  written: number;
  suppressed: number;
  readonly cancel: Cancel;
}

/**
 * What the SDK's own parts log through: contains the application's logger, and bounds how much is written, so that a
 * fault that comes a thousand times a second is told a few times and then counted.
 */
export class Log {
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();

  constructor(logger: Logger | undefined, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * @param code what happened, in kebab-case; a constant, because messages are counted by it.
   * @param message told with the code as a field; a function when it costs something to make.
   */
  write(level: LogLevel, code: string, message: string | (() => string), fields?: Record<string, unknown>): void {
    if (this.#logger === undefined || !this.#admits(level, code)) return;
    this.#emit(level, typeof message === 'string' ? message : message(), { code, ...fields });
  }

  /** Writes what was counted and not told yet. */
  close(): void {
    for (const code of [...this.#tallies.keys()]) this.#endWindow(code);
  }

  #admits(level: LogLevel, code: string): boolean {
    const tally = this.#tallies.get(code);
    if (tally === undefined) {
      const cancel = this.#clock.background(WINDOW, () => this.#endWindow(code));
      this.#tallies.set(code, { level, written: 1, suppressed: 0, cancel });
      return true;
    }
    if (tally.written < BURST) {
      tally.written += 1;
      return true;
    }
    tally.suppressed += 1;
    return false;
  }

  #endWindow(code: string): void {
    const tally = this.#tallies.get(code);
    if (tally === undefined) return;
    tally.cancel();
    this.#tallies.delete(code);
    if (tally.suppressed > 0) {
      this.#emit(tally.level, `${tally.suppressed} more of the same (${code})`, { code, repeated: tally.suppressed });
    }
  }

  #emit(level: LogLevel, message: string, fields: Record<string, unknown>): void {
    contain(() => this.#logger?.[level](message, fields));
  }
}

/**
 * Calls the application's code, which must not disturb the SDK: what it throws, or its promise rejects with, goes to
 * `failed`.
 */
export function contain(call: () => unknown, failed?: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, (error: unknown) => failed?.(error));
  } catch (error) {
    failed?.(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * What can be told of somebody else's error without knowing what its message quotes: the system's error code when there
 * is one, else the error's name.
 */
export function errorName(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
    return typeof name === 'string' && /^[A-Za-z]{1,60}$/.test(name) ? name : 'Error';
  } catch {
    return 'Error';
  }
}
