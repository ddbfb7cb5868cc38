import type { Fields } from './fields.js';

/** Longest key of a flag, id of a segment or key of an environment, in UTF-16 units. */
const MAX_KEY_LENGTH = 256;

/**
 * What makes a text unusable as the key of a flag or the id of a segment, or nothing. Any name is allowed that a person can
 * distinguish from others: no control characters, no white space at the ends.
 */
export function keyProblem(key: string): string | undefined {
  if (key.trim() === '') return 'Must not be blank.';
  if (key !== key.trim()) return 'Must not begin or end with white space.';
  if (key.length > MAX_KEY_LENGTH) return `Must not be longer than ${MAX_KEY_LENGTH} characters.`;
  if (/[\p{Cc}\p{Cs}]/u.test(key)) return 'Must not contain control characters or broken Unicode.';
  return undefined;
}

/** Reads the key of a document. `expected` is the key in the address; documents in a list have no such key. */
export function readKey(fields: Fields, name: 'key' | 'id', expected: string | undefined): string {
  const key = fields.text(name, expected);
  const problem = keyProblem(key);
  if (expected !== undefined && key !== expected) {
    fields.faults.add(
      'key-mismatch',
      name,
      `Differs from the one in the address: leave it out, or make them the same.`,
    );
  } else if (problem !== undefined && (expected !== undefined || typeof fields.source[name] === 'string')) {
    fields.faults.add('invalid-key', name, problem);
  }
  return key;
}
