import { asksForSegments, valuesOf } from './conditions.js';
import type { FlagDocument, SegmentDocument } from './document.js';
import { flagParts, segmentParts } from './document-parts.js';
import { type Change, changesBetween } from './parts.js';

/** A flag that is not the same in two environments. */
export interface Difference {
  readonly key: string;
  readonly source: FlagDocument;
  /** Absent when the flag is not there yet. */
  readonly target: FlagDocument | undefined;
  /** What it takes to make the target as the source is; of a new flag nothing, for it is made as a whole. */
  readonly changes: readonly Change[];
  /** Segments that the source asks about and that are missing or different where it would go. */
  readonly segments: readonly SegmentDocument[];
}

interface Side {
  readonly flags: readonly FlagDocument[];
  readonly segments: readonly SegmentDocument[];
}

/** What is different in `to` from what it is in `from`, by key; archived flags that are not there are no difference. */
export function differencesBetween(from: Side, to: Side): Difference[] {
  const targets = new Map(to.flags.map((flag) => [flag.key, flag]));
  const segments = new Map(from.segments.map((segment) => [segment.id, segment]));
  const different = new Set(from.segments.filter((segment) => !isSameSegment(segment, to)).map(({ id }) => id));
  return from.flags
    .flatMap((source): Difference[] => {
      const target = targets.get(source.key);
      if (target === undefined && source.isArchived) return [];
      const changes = target === undefined ? [] : changesBetween(flagParts, target, source);
      const needed = segmentsOf(source).flatMap((id) => (different.has(id) ? (segments.get(id) ?? []) : []));
      if (target !== undefined && changes.length === 0) return [];
      return [{ key: source.key, source, target, changes, segments: needed }];
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Flags that only the second environment has. */
export function onlyIn(to: Side, from: Side): string[] {
  const known = new Set(from.flags.map(({ key }) => key));
  return to.flags.flatMap(({ key, isArchived }) => (known.has(key) || isArchived ? [] : [key])).sort();
}

/** The document to send: the source's, with the switch as it is there unless that is promoted too. A new flag begins off. */
export function promoted({ source, target }: Difference, withSwitch: boolean): FlagDocument {
  return { ...source, isEnabled: withSwitch ? source.isEnabled : (target?.isEnabled ?? false) };
}

/** What promoting would change; undefined for a flag that would be new. */
export function promotion(difference: Difference, withSwitch: boolean): readonly Change[] | undefined {
  const { target } = difference;
  return target === undefined ? undefined : changesBetween(flagParts, target, promoted(difference, withSwitch));
}

/** Parts that are one value, which is seen at a glance; of every other part only what became of it is said. */
const VALUES: ReadonlySet<string> = new Set(['isEnabled', 'isArchived', 'name', 'fallthrough', 'disabledVariationId']);
/** Longer values are left to the review, in characters. */
const GLANCE = 80;

/** A change in a few words: "switch: off → on", "rule 2: new". */
export function changeInShort({ id, label, before, after }: Change): string {
  if (before === undefined) return `${label}: new`;
  if (after === undefined) return `${label}: removed`;
  const values = `${before} → ${after}`;
  return `${label}: ${VALUES.has(id) && values.length <= GLANCE ? values : 'changed'}`;
}

function isSameSegment(segment: SegmentDocument, to: Side): boolean {
  const target = to.segments.find(({ id }) => id === segment.id);
  return target !== undefined && segmentParts(segment, target).every((part) => part.isSame(segment, target));
}

function segmentsOf({ rules }: FlagDocument): string[] {
  const conditions = rules.flatMap((rule) => rule.conditions);
  return [...new Set(conditions.filter(asksForSegments).flatMap(valuesOf))];
}
