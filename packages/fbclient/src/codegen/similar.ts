/** The key that was probably meant: the one that differs least, by at most a third of its characters. */
export function similarKey(key: string, keys: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.floor(key.length / 3) + 1;
  for (const other of keys) {
    if (Math.abs(other.length - key.length) >= least) continue;
    const distance = editDistance(key, other);
    if (distance >= least) continue;
    least = distance;
    best = other;
  }
  return best;
}

/** How many characters have to be put in, taken out or exchanged. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const exchanged = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
