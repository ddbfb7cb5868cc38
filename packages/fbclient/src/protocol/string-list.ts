/**
 * A list inside a condition's `value`: a JSON array of strings, itself in a string.
 *
 * @returns the strings, or `undefined` when the text is anything else (an array holding a number included).
 */
export function parseStringList(text: string): readonly string[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isStringList(list) ? list : undefined;
}

export function isStringList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'string') return false;
  return true;
}
