/** Where something is in a list: one position, or several in ascending order. */
export type Positions = number | readonly number[];

/** Behind every position. */
export const END = 0x7fff_ffff;

/** Adds a position that is behind all others. */
export function withPosition(positions: Positions | undefined, position: number): Positions {
  if (positions === undefined) return position;
  if (typeof positions === 'number') return [positions, position];
  // Only who builds an index has it yet.
  (positions as number[]).push(position);
  return positions;
}

/** The first position that is not before another; {@link END} when there is none. */
export function firstFrom(positions: Positions, from: number): number {
  if (typeof positions === 'number') return positions < from ? END : positions;
  return positions[lowerBound(positions, from)] ?? END;
}

/** How many of ascending numbers are below one. */
export function lowerBound(ascending: ArrayLike<number>, number: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
