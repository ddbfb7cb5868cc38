import { bucketOf } from '../flags/bucket.js';
import type { Condition, Sight } from '../flags/conditions.js';
import { type Dispatch, dispatchText } from '../flags/dispatch.js';
import { Failure } from '../flags/failure.js';
import type { Flag } from '../flags/flag.js';
import { Occasion } from '../flags/occasion.js';
import { type Distribution, intervalsOf } from '../flags/rollout.js';
import type { Conditional } from '../flags/rule-order.js';
import type { Segment } from '../flags/segment.js';
import type { Serving } from '../flags/serving.js';
import type { FlagStore } from '../flags/store.js';
import type { User } from '../users/user.js';

/** Why a user gets what an evaluation of a flag gives. Everything that has an order has that of the flag's document. */
export interface Explanation {
  readonly flagKey: string;
  /** The flag's version. */
  readonly version: number;
  /** What the evaluation gives. */
  readonly outcome: Serving | Failure;
  /** The part of the flag that decided it. */
  readonly decidedBy: DecidedBy;
  /** What became of each rule of the flag; those that evaluation did not get to are `not-reached`. */
  readonly rules: readonly RuleTrace[];
  /** The segments that the conditions in here asked about, by id. */
  readonly segments: ReadonlyMap<string, SegmentTrace>;
  /** How the user fell into an interval; `undefined` when no rollout decided. */
  readonly rollout: RolloutTrace | undefined;
}

export type DecidedBy =
  /** The flag is disabled. */
  | { readonly part: 'off' }
  /** The user is an individual target. */
  | { readonly part: 'target' }
  /** The rule at this position, from 0, matched; or it failed, and with it the flag. */
  | { readonly part: 'rule'; readonly rule: number }
  /** No rule matched. */
  | { readonly part: 'fallthrough' };

/** A rule of a flag or of a segment. */
export interface RuleTrace {
  /** `fails`: a condition is so damaged that the flag fails. */
  readonly verdict: 'holds' | 'does-not-hold' | 'fails' | 'not-reached';
  /** The conditions of a rule that evaluation got to, at most {@link MAX_CONDITIONS} of an explanation; none of a rule that is `not-reached`. */
  readonly conditions: readonly ConditionTrace[];
}

/** A condition and what it saw of the user. */
export type ConditionTrace = Sight & {
  readonly verdict: 'holds' | 'does-not-hold' | 'fails';
  /** Why it fails, as a sentence; `undefined` when it does not. */
  readonly failure: string | undefined;
  /** Whether it counted. Evaluation stops at the first condition of a rule that does not hold; this tells how the others are. */
  readonly counted: boolean;
};

/** A segment that a condition asked about. */
export interface SegmentTrace {
  /** Whether the user is in it; a sentence when that cannot be said, because it is damaged or not there. */
  readonly contains: boolean | string;
  readonly decidedBy:
    | { readonly part: 'excluded' | 'included' | 'no-rule' | 'missing' }
    | { readonly part: 'rule'; readonly rule: number };
  readonly rules: readonly RuleTrace[];
}

/** Where a user fell in a rollout. */
export interface RolloutTrace {
  /** The attribute that divides users. */
  readonly attribute: string;
  /** The user's value of it, which is hashed together with the flag's key; `""` when the user has none. */
  readonly text: string;
  /** The user's place, from 0 to 1. It does not matter when one interval is for everybody. */
  readonly bucket: number;
  /** Both ends belong to an interval. One from 0 to 1 alone is for everybody; there is none when the rollout covers nobody. */
  readonly intervals: readonly {
    readonly low: number;
    readonly high: number;
    /** `undefined` when the flag does not have the variation. */
    readonly variationId: string | undefined;
  }[];
  /** The position of the interval that holds the user, from 0; `undefined` when none does. */
  readonly interval: number | undefined;
}

/**
 * Evaluates a flag for a user and says why the user gets that. It asks the same compiled conditions as {@link Flag.evaluate}, but tries them in turn; it
 * costs some times as much and is for people who want to know.
 *
 * @param flag of the store.
 * @param user must not change meanwhile; what its getters throw is thrown.
 */
export function explain(flag: Flag, user: User, store: FlagStore): Explanation {
  const tracing = new Tracing(new Occasion(user, store), store);
  const targeting = flag.targeting();
  const about = { flagKey: flag.key, version: flag.version, segments: tracing.segments };
  const unreached = targeting.rules.map(() => NOT_REACHED);
  const decided = (decidedBy: DecidedBy, outcome: Serving | Failure, rules: readonly RuleTrace[] = unreached) => ({
    ...about,
    outcome,
    decidedBy,
    rules,
    rollout: undefined,
  });
  if (targeting.off !== undefined) return decided({ part: 'off' }, targeting.off);
  const targeted = targeting.targets?.get(user.key);
  if (targeted !== undefined) return decided({ part: 'target' }, targeted);
  const { traces, decisive } = tracing.rules(targeting.rules);
  if (decisive?.verdict instanceof Failure) {
    return decided({ part: 'rule', rule: decisive.position }, decisive.verdict, traces);
  }
  const rule = decisive === undefined ? undefined : targeting.rules[decisive.position];
  const { serves, dispatch } = rule ?? { serves: targeting.fallthrough, dispatch: targeting.dispatch };
  const decidedBy: DecidedBy =
    decisive === undefined ? { part: 'fallthrough' } : { part: 'rule', rule: decisive.position };
  const rollout = traceRollout(flag, serves, dispatch, user);
  return { ...decided(decidedBy, serves.pick(user), traces), rollout };
}

/** Most conditions of an explanation, segments included: more than anybody reads, and a flag may have a hundred thousand. */
const MAX_CONDITIONS = 10_000;

const NOT_REACHED: RuleTrace = { verdict: 'not-reached', conditions: [] };

/** The rule that decides, and how. */
interface Decisive {
  readonly position: number;
  readonly verdict: true | Failure;
}

/** One explanation under way. A segment is traced once, however many conditions ask about it. */
class Tracing {
  readonly segments = new Map<string, SegmentTrace>();
  readonly #occasion: Occasion;
  readonly #store: FlagStore;
  #room = MAX_CONDITIONS;

  constructor(occasion: Occasion, store: FlagStore) {
    this.#occasion = occasion;
    this.#store = store;
  }

  /** The rules in turn, up to the first that does not simply not hold. */
  rules(rules: readonly Conditional[]): {
    readonly traces: readonly RuleTrace[];
    readonly decisive: Decisive | undefined;
  } {
    const traces: RuleTrace[] = [];
    let decisive: Decisive | undefined;
    for (const [position, { conditions }] of rules.entries()) {
      if (decisive !== undefined) {
        traces.push(NOT_REACHED);
        continue;
      }
      const { verdict, trace } = this.#rule(conditions);
      traces.push(trace);
      if (verdict !== false) decisive = { position, verdict };
    }
    return { traces, decisive };
  }

  #rule(conditions: readonly Condition[]): { readonly verdict: boolean | Failure; readonly trace: RuleTrace } {
    let verdict: boolean | Failure = true;
    const traces: ConditionTrace[] = [];
    for (const condition of conditions) {
      const counted = verdict === true;
      if (!counted && this.#room <= 0) break;
      const own = condition.holds(this.#occasion);
      if (counted) verdict = own;
      if (this.#room <= 0) continue;
      this.#room -= 1;
      const sight = condition.look(this.#occasion);
      if (sight.about === 'segments') for (const id of sight.ids) this.#segment(id);
      traces.push({ ...sight, verdict: word(own), failure: own instanceof Failure ? own.text : undefined, counted });
    }
    return { verdict, trace: { verdict: word(verdict), conditions: traces } };
  }

  #segment(id: string): void {
    if (this.segments.has(id) || this.segments.size >= MAX_CONDITIONS) return;
    const segment = this.#store.segment(id);
    const trace: SegmentTrace =
      segment === undefined
        ? { contains: 'it is not there, archived or damaged', decidedBy: { part: 'missing' }, rules: [] }
        : this.#trace(segment);
    this.segments.set(id, trace);
  }

  #trace(segment: Segment): SegmentTrace {
    const { key } = this.#occasion.user;
    const { excluded, included, rules } = segment.members();
    const unreached = rules.map(() => NOT_REACHED);
    if (excluded.has(key)) return { contains: false, decidedBy: { part: 'excluded' }, rules: unreached };
    if (included.has(key)) return { contains: true, decidedBy: { part: 'included' }, rules: unreached };
    const { traces, decisive } = this.rules(rules);
    if (decisive === undefined) return { contains: false, decidedBy: { part: 'no-rule' }, rules: traces };
    const { position, verdict } = decisive;
    const contains = verdict instanceof Failure ? verdict.text : verdict;
    return { contains, decidedBy: { part: 'rule', rule: position }, rules: traces };
  }
}

function word(verdict: boolean | Failure): 'holds' | 'does-not-hold' | 'fails' {
  if (verdict instanceof Failure) return 'fails';
  return verdict ? 'holds' : 'does-not-hold';
}

function traceRollout(flag: Flag, serves: Distribution, dispatch: Dispatch, user: User): RolloutTrace {
  const text = dispatchText(dispatch, user);
  const bucket = bucketOf(flag.key, text);
  const slices = intervalsOf(serves);
  const found = slices.findIndex((slice) => slice.holds(bucket));
  return {
    attribute: dispatch.attribute,
    text,
    bucket,
    intervals: slices.map(({ low, high, serves: served }) => ({
      low,
      high,
      variationId: served instanceof Failure ? undefined : served.variation.id,
    })),
    interval: found === -1 ? undefined : found,
  };
}
