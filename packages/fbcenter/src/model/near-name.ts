/**
 * The known name that a misspelt one is meant to be: the same but for upper and lower case, or one edit away (a character too many,
 * missing, different, or two exchanged).
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let near: string | undefined;
  for (const candidate of known) {
    if (candidate.toLowerCase() === name.toLowerCase()) return candidate;
    if (isOneEditAway(name, candidate)) near ??= candidate;
  }
  return near;
}

function isOneEditAway(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  const shorter = Math.min(one.length, other.length);
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const changed = one.slice(start, one.length - end);
  const into = other.slice(start, other.length - end);
  if (changed.length <= 1 && into.length <= 1) return true;
  return changed.length === 2 && changed === [...into].reverse().join('');
}
