/** What a user gets of a flag, and which part of the flag decided it. */
export interface ExplainedFlag {
  readonly key: string;
  /** The version of the flag that was evaluated. */
  readonly version: number;
  readonly variationType: string;
  /** Null when the evaluation failed: the application gets its default. */
  readonly variationId: string | null;
  readonly value: string | null;
  readonly reason: 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough' | 'Error';
  /** Why it failed, as a sentence. */
  readonly failure?: string;
  readonly decidedBy: 'off' | 'target' | 'rule' | 'fallthrough';
  /** The position of the rule that decided, from 0. */
  readonly rule?: number;
}

/** The answer about all flags: by key, without archived ones. */
export interface ExplainedFlagsBody {
  readonly items: readonly ExplainedFlag[];
}

/** The answer about one flag: everything that evaluation looked at, in the order of the flag's document. */
export interface ExplanationBody extends ExplainedFlag {
  readonly rules: readonly ExplainedRule[];
  readonly segments: readonly ExplainedSegment[];
  /** Null when no rollout decided. */
  readonly rollout: ExplainedRollout | null;
}

export interface ExplainedRule {
  readonly verdict: 'holds' | 'does-not-hold' | 'fails' | 'not-reached';
  /** Those of a rule that evaluation got to; of very many the first. */
  readonly conditions: readonly ExplainedCondition[];
}

export type ExplainedCondition = (
  | {
      readonly about: 'attribute';
      readonly attribute: string;
      readonly op: string;
      /** What the user has, as it is compared, cut when it is long; absent when the user has nothing. */
      readonly text?: string;
      /** Why there was nothing to compare. */
      readonly obstacle?: string;
    }
  | { readonly about: 'segments'; readonly whenInside: boolean; readonly ids: readonly string[] }
) & {
  readonly verdict: 'holds' | 'does-not-hold' | 'fails';
  readonly failure?: string;
  /** False behind the first condition of its rule that does not hold. */
  readonly counted: boolean;
};

export interface ExplainedSegment {
  readonly id: string;
  /** A sentence when it cannot be said. */
  readonly contains: boolean | string;
  readonly decidedBy: 'excluded' | 'included' | 'rule' | 'no-rule' | 'missing';
  readonly rule?: number;
  readonly rules: readonly ExplainedRule[];
}

export interface ExplainedRollout {
  /** What users are divided by, and the user's value of it, cut when it is long. */
  readonly attribute: string;
  readonly text: string;
  /** The user's place, from 0 to 1. */
  readonly bucket: number;
  readonly intervals: readonly { readonly low: number; readonly high: number; readonly variationId: string | null }[];
  /** The interval that holds the user, from 0; null when none does. */
  readonly interval: number | null;
}

/** Users that SDKs have reported lately, the latest first, as `explain` takes them. */
export interface LatestUsersBody {
  /** Whether they are remembered at all: the option `rememberUsers`. */
  readonly remembered: boolean;
  readonly items: readonly { readonly seenAt: string; readonly user: Readonly<Record<string, unknown>> }[];
}
