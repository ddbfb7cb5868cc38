import type { ConditionDocument, FlagDocument } from '../protocol/documents.js';
import { parseStringList } from '../protocol/string-list.js';
import type { Condition, SegmentSight } from './conditions.js';
import { type Criterion, UNSAFE } from './criterion.js';
import { Failure } from './failure.js';
import type { Occasion } from './occasion.js';

/** The property that makes a condition ask whether the user is in any of the segments listed in its value. */
export const IN_SEGMENT = 'User is in segment';
/** The property that makes a condition ask whether the user is in none of the segments listed in its value. */
export const NOT_IN_SEGMENT = 'User is not in segment';

const NO_SEGMENT_IDS = new Failure('a condition on segments does not hold a JSON array of segment ids');

/** A condition of a flag's rule on segments. */
export class SegmentCondition implements Condition {
  /** Whether it holds for users in one of the segments or for all others. */
  readonly whenInside: boolean;
  #ids: string | readonly string[] | Failure;

  /** @returns `undefined` when the condition is not on segments. */
  static compile({ property, value }: ConditionDocument): SegmentCondition | undefined {
    if (property === IN_SEGMENT) return new SegmentCondition(true, value ?? '');
    return property === NOT_IN_SEGMENT ? new SegmentCondition(false, value ?? '') : undefined;
  }

  private constructor(whenInside: boolean, ids: string) {
    this.whenInside = whenInside;
    this.#ids = ids;
  }

  holds(occasion: Occasion): boolean | Failure {
    const ids = this.ids();
    if (ids instanceof Failure) return ids;
    for (const id of ids) {
      const segment = occasion.segments.segment(id);
      if (segment === undefined) return new Failure(`segment "${id}" is not there, archived or damaged`);
      const inside = segment.contains(occasion);
      if (inside !== false) return inside === true ? this.whenInside : inside;
    }
    return !this.whenInside;
  }

  criterion(): Criterion {
    return UNSAFE;
  }

  look(): SegmentSight {
    const ids = this.ids();
    return { about: 'segments', whenInside: this.whenInside, ids: ids instanceof Failure ? [] : ids };
  }

  /** Whether it asks about any of these segments. */
  asksAbout(segmentIds: ReadonlySet<string>): boolean {
    const ids = this.ids();
    return !(ids instanceof Failure) && ids.some((id) => segmentIds.has(id));
  }

  /** The segments that it asks about, in order. */
  ids(): readonly string[] | Failure {
    if (typeof this.#ids === 'string') this.#ids = parseStringList(this.#ids) ?? NO_SEGMENT_IDS;
    return this.#ids;
  }
}

/** The segments that the rules of a flag ask about; a condition that is damaged asks about none. */
export function segmentsOf({ rules }: Pick<FlagDocument, 'rules'>): ReadonlySet<string> {
  const segments = new Set<string>();
  for (const { conditions } of rules) {
    for (const condition of conditions) {
      const ids = SegmentCondition.compile(condition)?.ids();
      if (ids === undefined || ids instanceof Failure) continue;
      for (const id of ids) segments.add(id);
    }
  }
  return segments;
}
