import { crc32 } from 'node:zlib';
import { StorageError } from '../errors.js';

/** A value as text, with a checksum behind it: a bit that flips in a text would be a text to a database. */
export function keptText(value: unknown): string {
  const json = JSON.stringify(value);
  return `${json}\n${crc32(json)}`;
}

/**
 * The value of a text that {@link keptText} has made.
 *
 * @throws StorageError `damaged-data` when it is not what was written.
 */
export function keptValue<T>(text: string): T {
  const value = intactValue<T>(text);
  if (value !== undefined) return value;
  throw new StorageError('What is kept of this experiment is damaged: restore a backup, or have it counted anew.', {
    code: 'damaged-data',
  });
}

/** The same; `undefined` when it is damaged. */
export function intactValue<T>(text: string): T | undefined {
  const end = text.lastIndexOf('\n');
  const json = text.slice(0, end);
  return end > 0 && String(crc32(json)) === text.slice(end + 1) ? JSON.parse(json) : undefined;
}
