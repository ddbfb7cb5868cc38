import { parseDecimal } from 'fbclient/core';
import type { InsightListener, SentEvaluation, SentMetric, SentUser } from '../../insights/decode.js';
import type { UncountedEvents } from '../../model/experiment.js';
import type { CountedEvent } from '../../storage/experiments.js';
import { isOpenAt } from '../counting/counting.js';
import { IN_EXCLUDED_SEGMENT, TARGETED } from '../counting/participant.js';
import type { Watched } from './watched.js';

/** An event that comes later than this after its time counts no more, in milliseconds. */
const LATENESS = 72 * 3_600_000;
/** A time that is further ahead than this is a wrong clock, in milliseconds: the event counts as of now. */
const AHEAD = 5 * 60_000;
/** Whoever sells for more than this has sent something else than a price. Its square still leaves the others their digits. */
const LARGEST_VALUE = 1e12;

const NONE: UncountedEvents = { late: 0, oversized: 0, undeclared: 0 };

/** Who is left out of an experiment although an SDK has let them in. */
export interface Audience {
  /** Whether a flag has the user among its individual targets. */
  isTargeted(flagKey: string, userKey: string): boolean;
  /** @param user as it was sent. */
  isInSegment(segmentId: string, user: unknown): boolean;
}

/** Picks from the events of a request those that count in an experiment. */
export class Gathering implements InsightListener {
  readonly events: CountedEvent[] = [];
  /** By iteration. */
  readonly uncounted = new Map<number, UncountedEvents>();
  readonly #watched: Watched;
  readonly #audience: Audience;
  readonly #now: number;
  #lastUser: SentUser | undefined;
  #lastPseudonym = 0;

  /** @param now in milliseconds since 1970. */
  constructor(watched: Watched, audience: Audience, now: number) {
    this.#watched = watched;
    this.#audience = audience;
    this.#now = now;
  }

  /** Nothing in the request is of interest. */
  get isEmpty(): boolean {
    return this.events.length + this.uncounted.size === 0;
  }

  evaluated(place: number, user: SentUser, event: SentEvaluation): void {
    const { featureFlagKey, variation, sendToExperiment } = event;
    if (sendToExperiment !== true && sendToExperiment !== undefined) return;
    const watched = this.#watched.ofFlag(featureFlagKey);
    if (watched === undefined) return;
    const at = this.#timeOf(event.timestamp);
    for (const { iteration, variations } of watched) {
      const served = variations.get(variation.id);
      if (served === undefined || !isOpenAt(iteration, at)) continue;
      const uncounted = this.#isLate(at) ? 'late' : sendToExperiment === undefined ? 'undeclared' : undefined;
      if (uncounted !== undefined) {
        this.#leaveOut(iteration.id, uncounted);
        continue;
      }
      const reason = this.#reasonToExclude(featureFlagKey, iteration.plan.excludedSegment, user);
      const who = this.#pseudonymOf(user);
      this.events.push({
        kind: 'exposure',
        place,
        user: who,
        at,
        iteration: iteration.id,
        variation: reason ?? served,
      });
    }
  }

  measured(place: number, user: SentUser, { eventName: event, numericValue: value, timestamp }: SentMetric): void {
    const watching = this.#watched.ofEvent(event);
    if (watching === undefined) return;
    const at = this.#timeOf(timestamp);
    const counting = watching.filter(
      ({ iteration, since }) => at >= since && at < (iteration.end ?? Number.POSITIVE_INFINITY),
    );
    if (counting.length === 0 && !this.#watched.awaited.has(event)) return;
    const uncounted = this.#isLate(at) ? 'late' : Math.abs(value) > LARGEST_VALUE ? 'oversized' : undefined;
    if (uncounted !== undefined) for (const { iteration } of counting) this.#leaveOut(iteration.id, uncounted);
    else this.events.push({ kind: 'metric', place, user: this.#pseudonymOf(user), at, event, value });
  }

  #leaveOut(id: number, why: keyof UncountedEvents): void {
    const counts = this.uncounted.get(id) ?? NONE;
    this.uncounted.set(id, { ...counts, [why]: counts[why] + 1 });
  }

  #timeOf(timestamp: unknown): number {
    // FeatBit takes numbers as text too.
    const at = typeof timestamp === 'string' ? parseDecimal(timestamp) : timestamp;
    if (typeof at !== 'number' || !(at <= this.#now + AHEAD)) return this.#now;
    return Math.floor(at);
  }

  #isLate(at: number): boolean {
    return at < this.#now - LATENESS;
  }

  #reasonToExclude(flagKey: string, segment: string | null, user: SentUser): number | undefined {
    if (this.#audience.isTargeted(flagKey, user.keyId)) return TARGETED;
    if (segment !== null && this.#audience.isInSegment(segment, user)) return IN_EXCLUDED_SEGMENT;
    return undefined;
  }

  /** The events of one user stand together. */
  #pseudonymOf(user: SentUser): number {
    if (user !== this.#lastUser) {
      this.#lastUser = user;
      this.#lastPseudonym = this.#watched.pseudonyms.of(user.keyId);
    }
    return this.#lastPseudonym;
  }
}
