import type { User } from '../users/user.js';
import type { Failure } from './failure.js';

/** Where conditions on segments find them during an evaluation; only active segments are found. */
export interface SegmentLookup {
  segment(id: string): { contains(occasion: Occasion): boolean | Failure } | undefined;
}

let occasions = 0;

/**
 * One evaluation call, of one flag or of all: a user, and where to find segments. All conditions of the call share what was
 * read. The user must not change during the call.
 */
export class Occasion {
  readonly user: User;
  readonly segments: SegmentLookup;
  readonly number: number;

  constructor(user: User, segments: SegmentLookup) {
    occasions += 1;
    this.user = user;
    this.segments = segments;
    this.number = occasions;
  }
}
