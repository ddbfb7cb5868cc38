/**
 * A document as parts that can each be compared, put into words, and carried from one state of the document into another. One
 * description of a document's parts serves the review before saving, the history, and the merge of two editors' work.
 */
export interface Part<D> {
  readonly id: string;
  /** What people call it: "rule “Staff”", "default". */
  readonly label: string;
  /** Whether it is the same in both states. */
  isSame(a: D, b: D): boolean;
  /** What it says in a state; `undefined` when it is not there. `compared` is the state that it is shown beside. */
  text(document: D, compared?: D): string | undefined;
  /** The document with this part as it is in `from`, removed if it is not there. */
  carry(document: D, from: D): D;
}

/** Lists the parts of one or several states of a document together. */
export type PartsOf<D> = (...states: readonly D[]) => readonly Part<D>[];

export interface Change {
  readonly id: string;
  readonly label: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What differs between two states, in words. */
export function changesBetween<D>(partsOf: PartsOf<D>, before: D, after: D): Change[] {
  return partsOf(before, after)
    .filter((part) => !part.isSame(before, after))
    .map((part) => ({
      id: part.id,
      label: part.label,
      before: part.text(before),
      after: part.text(after, before),
    }));
}

/** One part that two editors may have touched. */
export interface Meeting {
  readonly id: string;
  readonly label: string;
  /** Who changed it: one of the two, both to the same end, or both to different ends. */
  readonly by: 'theirs' | 'mine' | 'both-alike' | 'conflict';
  readonly was: string | undefined;
  readonly theirs: string | undefined;
  readonly mine: string | undefined;
}

/** Where two editors' work meets: `was` is what both began with. */
export function meet<D>(partsOf: PartsOf<D>, was: D, theirs: D, mine: D): Meeting[] {
  return partsOf(was, theirs, mine).flatMap((part): Meeting[] => {
    const byThem = !part.isSame(was, theirs);
    const byMe = !part.isSame(was, mine);
    if (!byThem && !byMe) return [];
    const by = !byThem ? 'mine' : !byMe ? 'theirs' : part.isSame(theirs, mine) ? 'both-alike' : 'conflict';
    const { id, label } = part;
    return [{ id, label, by, was: part.text(was), theirs: part.text(theirs, was), mine: part.text(mine, was) }];
  });
}

/** Their document with my changes on top; where both changed a part, `mineWins` says whose stays. */
export function merge<D>(partsOf: PartsOf<D>, was: D, theirs: D, mine: D, mineWins: (id: string) => boolean): D {
  return partsOf(was, theirs, mine).reduce((merged, part) => {
    if (part.isSame(was, mine)) return merged;
    const isConflict = !part.isSame(was, theirs) && !part.isSame(theirs, mine);
    return isConflict && !mineWins(part.id) ? merged : part.carry(merged, mine);
  }, theirs);
}

/** Whether two JSON values say the same; fields that are `undefined` count as absent. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isEqual(item, b[index]));
  }
  const left = definedEntries(a);
  const right = new Map(definedEntries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isEqual(value, right.get(key)));
}

function definedEntries(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}
