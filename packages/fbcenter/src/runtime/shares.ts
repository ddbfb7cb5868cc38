/** Milliseconds between two shares. */
const STEP = 100;
/** Members that are no crowd: so many are ended at once, however much time there is. */
const SMALLEST_SHARE = 50;

/**
 * Ends members in shares over a time, so that those who come back do not come all at once.
 *
 * @param time in milliseconds; few members take less.
 */
export async function inShares<T>(members: readonly T[], time: number, end: (member: T) => void): Promise<void> {
  const shares = Math.max(1, Math.floor(time / STEP));
  const size = Math.max(SMALLEST_SHARE, Math.ceil(members.length / shares));
  for (let start = 0; start < members.length; start += size) {
    if (start > 0 && time > 0) await new Promise((resolve) => void setTimeout(resolve, STEP));
    for (const member of members.slice(start, start + size)) end(member);
  }
}
