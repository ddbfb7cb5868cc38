import {
  either,
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  openObject,
  optional,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

const flagMembers = {
  key: text(),
  version: whole('Of the flag that was evaluated.'),
  variationType: text(),
  variationId: nullable(text('Null when the evaluation failed: the application gets its default.')),
  value: nullable(text()),
  reason: oneOf(['Off', 'TargetMatch', 'RuleMatch', 'Fallthrough', 'Error']),
  failure: optional(text('Why it failed, as a sentence.')),
  decidedBy: oneOf(['off', 'target', 'rule', 'fallthrough']),
  rule: optional(whole('The position of the rule that decided, from 0.')),
};

/** What a user gets of a flag, and which part of the flag decided it. */
export const ExplainedFlag = named('ExplainedFlag', object(flagMembers));
export type ExplainedFlag = TypeOf<typeof ExplainedFlag>;

/** The answer about all flags: by key, without archived ones. */
export const ExplainedFlagsBody = object({ items: list(ExplainedFlag) });
export type ExplainedFlagsBody = TypeOf<typeof ExplainedFlagsBody>;

const verdictMembers = {
  verdict: oneOf(['holds', 'does-not-hold', 'fails']),
  failure: optional(text()),
  counted: truth('False behind the first condition of its rule that does not hold.'),
};

export const ExplainedCondition = named(
  'ExplainedCondition',
  either(
    object({
      ...verdictMembers,
      about: oneOf(['attribute']),
      attribute: text(),
      op: text(),
      text: optional(text('What the user has, as it is compared, cut when it is long; absent when there is nothing.')),
      obstacle: optional(text('Why there was nothing to compare.')),
    }),
    object({ ...verdictMembers, about: oneOf(['segments']), whenInside: truth(), ids: list(text()) }),
  ),
);
export type ExplainedCondition = TypeOf<typeof ExplainedCondition>;

export const ExplainedRule = named(
  'ExplainedRule',
  object({
    verdict: oneOf(['holds', 'does-not-hold', 'fails', 'not-reached']),
    conditions: list(ExplainedCondition, 'Those of a rule that evaluation got to; of very many the first.'),
  }),
);
export type ExplainedRule = TypeOf<typeof ExplainedRule>;

export const ExplainedSegment = named(
  'ExplainedSegment',
  object({
    id: text(),
    contains: either(truth(), text('A sentence when it cannot be said.')),
    decidedBy: oneOf(['excluded', 'included', 'rule', 'no-rule', 'missing']),
    rule: optional(whole()),
    rules: list(ExplainedRule),
  }),
);
export type ExplainedSegment = TypeOf<typeof ExplainedSegment>;

const ExplainedRollout = named(
  'ExplainedRollout',
  object({
    attribute: text('What users are divided by.'),
    text: text("The user's value of it, cut when it is long."),
    bucket: number("The user's place, from 0 to 1."),
    intervals: list(object({ low: number(), high: number(), variationId: nullable(text()) })),
    interval: nullable(whole('The interval that holds the user, from 0; null when none does.')),
  }),
);
export type ExplainedRollout = TypeOf<typeof ExplainedRollout>;

/** The answer about one flag: everything that evaluation looked at, in the order of the flag's document. */
export const ExplanationBody = named(
  'Explanation',
  object({
    ...flagMembers,
    rules: list(ExplainedRule),
    segments: list(ExplainedSegment),
    rollout: nullable(ExplainedRollout),
  }),
);
export type ExplanationBody = TypeOf<typeof ExplanationBody>;

/** Users that SDKs have reported lately, the latest first, as `explain` takes them. */
export const LatestUsersBody = object({
  remembered: truth('Whether they are remembered at all: the option `rememberUsers`.'),
  items: list(object({ seenAt: time(), user: openObject({ key: text() }) })),
});
export type LatestUsersBody = TypeOf<typeof LatestUsersBody>;
