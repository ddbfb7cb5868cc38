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

/** Writes nothing; the default of the library. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * One line per entry: time, level, message, then the fields as `name=value`.
 *
 * @param write receives each line, its newline included.
 */
export function lineLogger(level: LogLevel, write: (line: string) => void): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel) => {
    if (LOG_LEVELS.indexOf(name) < threshold) return () => {};
    return (message: string, fields: Record<string, unknown> = {}) => {
      const details = Object.entries(fields).map(([field, value]) => ` ${field}=${fieldText(value)}`);
      write(`${new Date().toISOString()} ${name} ${message}${details.join('')}\n`);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What an operator needs of an error: its own sentence and that of its cause, without a stack. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** A value with spaces or line breaks is quoted, so that an entry stays one line whatever it tells. */
function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text);
}
