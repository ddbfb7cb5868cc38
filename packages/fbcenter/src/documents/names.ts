/** Longest name of an environment or a secret, in UTF-16 units. */
const MAX_NAME_LENGTH = 256;

/** Longest name of a user or a token: what the history of changes keeps of one. */
const MAX_ACCOUNT_NAME_LENGTH = 100;

/**
 * What makes a text unusable as a name, or nothing. Names are for people: anything that they can read on one line.
 */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'Must not be blank.';
  if (name.length > MAX_NAME_LENGTH) return `Must not be longer than ${MAX_NAME_LENGTH} characters.`;
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name)) return 'Must not contain control characters or broken Unicode.';
  return undefined;
}

/** The same for a name of a user or a token. */
export function accountNameProblem(name: string): string | undefined {
  if (name.length <= MAX_ACCOUNT_NAME_LENGTH) return nameProblem(name);
  return `Must not be longer than ${MAX_ACCOUNT_NAME_LENGTH} characters.`;
}
