import type { Cancel, Clock } from './clock.js';
import { contain, errorName } from './contain.js';

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

/** Messages of one kind that are written within a window; more are counted and summed up in one line at its end. */
const BURST = 5;
const WINDOW = 60_000;
/** Flags whose messages are counted each for itself in a window; those of all others are counted together. */
const MAX_FLAGS = 20;

type Fields = Readonly<Record<string, unknown>>;

/** Counts messages of one kind: of a code, or of a code and a flag. */
interface Tally {
  readonly level: LogLevel;
  readonly code: string;
  readonly flagKey: string | undefined;
  written: number;
  suppressed: number;
  readonly cancel: Cancel;
}

/**
 * What the SDK's own parts log through: contains the application's logger, and bounds how much is written, so that a
 * fault that comes a thousand times a second is logged a few times and then counted.
 */
export class Log {
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();
  #flagTallies = 0;
  #closed = false;

  constructor(logger: Logger | undefined, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * @param code what happened, in kebab-case; a constant, because messages are counted by it.
   * @param message written with the code as a field; a function when it costs something to make.
   * @param fields written as well; messages with a `flagKey` are counted by that too, or one flag would hide all others.
   */
  write(level: LogLevel, code: string, message: string | (() => string), fields?: Fields): void {
    if (this.#logger === undefined || this.#closed || !this.#admits(level, code, fields?.flagKey)) return;
    this.#emit(level, typeof message === 'string' ? message : message(), { code, ...fields });
  }

  /** A fault of the SDK's own was contained: it is written with where it happened, and work goes on without what failed. */
  internalError(what: string, error: unknown): void {
    const message = `${what}: ${errorName(error)} in the SDK itself; please report it with its version`;
    this.write('error', 'internal-error', message);
  }

  /** Writes what was counted and not logged yet; nothing is written from here on. */
  close(): void {
    this.#closed = true;
    for (const kind of [...this.#tallies.keys()]) this.#endWindow(kind);
  }

  #admits(level: LogLevel, code: string, flag: unknown): boolean {
    const tally = this.#tallyOf(level, code, typeof flag === 'string' ? flag : undefined);
    if (tally.written < BURST) {
      tally.written += 1;
      return true;
    }
    tally.suppressed += 1;
    return false;
  }

  #tallyOf(level: LogLevel, code: string, flagKey: string | undefined): Tally {
    const kind = flagKey === undefined ? code : `${code} ${flagKey}`;
    const known = this.#tallies.get(kind);
    if (known !== undefined) return known;
    if (flagKey !== undefined && this.#flagTallies >= MAX_FLAGS) return this.#tallyOf(level, code, undefined);
    const cancel = this.#clock.background(WINDOW, () => this.#endWindow(kind));
    const tally: Tally = { level, code, flagKey, written: 0, suppressed: 0, cancel };
    this.#tallies.set(kind, tally);
    if (flagKey !== undefined) this.#flagTallies += 1;
    return tally;
  }

  #endWindow(kind: string): void {
    const tally = this.#tallies.get(kind);
    if (tally === undefined) return;
    tally.cancel();
    this.#tallies.delete(kind);
    if (tally.flagKey !== undefined) this.#flagTallies -= 1;
    this.#sumUp(tally);
  }

  #sumUp({ level, code, flagKey, suppressed }: Tally): void {
    if (suppressed === 0) return;
    const kind = flagKey === undefined ? code : `${code}, flag "${flagKey}"`;
    const fields = flagKey === undefined ? { code } : { code, flagKey };
    this.#emit(level, `${suppressed} more of the same (${kind})`, { ...fields, repeated: suppressed });
  }

  #emit(level: LogLevel, message: string, fields: Record<string, unknown>): void {
    contain(() => this.#logger?.[level](message, fields));
  }
}
