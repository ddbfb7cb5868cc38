import type { Logger, LogLevel } from '../../src/runtime/log.js';

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Record<string, unknown> | undefined;
}

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly entries: LogEntry[] = [];

  debug(message: string, fields?: Record<string, unknown>): void {
    this.entries.push({ level: 'debug', message, fields });
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.entries.push({ level: 'info', message, fields });
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.entries.push({ level: 'warn', message, fields });
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.entries.push({ level: 'error', message, fields });
  }

  /** The codes of what was written, at one level or at all. */
  codes(level?: LogLevel): unknown[] {
    return this.entries
      .filter((entry) => level === undefined || entry.level === level)
      .map(({ fields }) => fields?.code);
  }

  /** Everything that was written, as one text. */
  get text(): string {
    return JSON.stringify(this.entries);
  }
}
