import { setOf, type UnitSet } from './pattern-sets.js';

/** A place in a text that a pattern asks for without taking a character. */
export type Place =
  | 'start'
  | 'end'
  /** The end, or before a line feed that ends the text. */
  | 'last-line-end'
  | 'line-start'
  | 'line-end'
  | 'word-boundary'
  | 'no-word-boundary';

/**
 * What a pattern says, piece by piece. `size` is about what it takes to compile it with its repeats written out, in
 * instructions of the engine.
 */
export type PatternNode = { readonly size: number } & (
  | { readonly kind: 'units'; readonly set: UnitSet }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'either'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number }
);

/** Why a pattern cannot be used, as the end of a sentence. Thrown by the parser, never beyond `parsePattern`. */
export class PatternProblem extends Error {}

/** Largest size of a pattern. To compile such a one takes about a millisecond. */
export const MAX_PATTERN_SIZE = 600;

export function unitsNode(set: UnitSet): PatternNode {
  return { kind: 'units', set, size: 1 };
}

/** One character: the engine compiles it at half the price of a class. */
export function unitNode(unit: number): PatternNode {
  return { kind: 'units', set: setOf([[unit, unit]]), size: 0.5 };
}

export function placeNode(place: Place): PatternNode {
  return { kind: 'place', place, size: 2 };
}

export function sequenceNode(parts: readonly PatternNode[]): PatternNode {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return { kind: 'sequence', parts, size: bounded(parts.reduce((sum, { size }) => sum + size, 0)) };
}

export function eitherNode(options: readonly PatternNode[]): PatternNode {
  const [only] = options;
  if (only !== undefined && options.length === 1) return only;
  return { kind: 'either', options, size: bounded(options.reduce((sum, { size }) => sum + size + 1, 0)) };
}

/** @param max `Infinity` for a repeat without end. */
export function repeatNode(of: PatternNode, min: number, max: number): PatternNode {
  // An empty sequence has the size 0, but the engine writes out its repeats too.
  const each = Math.max(of.size, 1);
  const size = max === Number.POSITIVE_INFINITY ? each * Math.max(min, 1) + 1 : each * max + (max - min);
  return { kind: 'repeat', of, min, max, size: bounded(size) };
}

export const TOO_LARGE = 'it is too large when its repeats are written out';

/** Checked at every node, so that repeats of repeats cannot grow before somebody looks. */
function bounded(size: number): number {
  if (size > MAX_PATTERN_SIZE) throw new PatternProblem(TOO_LARGE);
  return size;
}
