import {
  type ConditionTrace,
  type Explanation,
  explain,
  Failure,
  type Flag,
  type RuleTrace,
  type SegmentTrace,
  type User,
} from 'fbclient/core';
import type {
  ExplainedCondition,
  ExplainedFlag,
  ExplainedRule,
  ExplainedSegment,
  ExplanationBody,
} from '../api/explanation.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import { shortened } from '../model/shortened.js';
import { Turns } from '../runtime/turns.js';

/** Every condition repeats what it saw: a long attribute of the user must not be sent ten thousand times. */
const LONGEST_TEXT = 200;

/** Why a user gets what a flag gives; `undefined` when there is no such flag, or it is archived. */
export function explainFlag(flags: CompiledFlags, key: string, user: User): ExplanationBody | undefined {
  const flag = flags.store.flag(key);
  if (flag === undefined) return undefined;
  const explanation = explain(flag, user, flags.store);
  const { rules, segments, rollout } = explanation;
  return {
    ...presented(flags, flag, explanation),
    rules: rules.map(presentRule),
    segments: [...segments].map(([id, trace]) => presentSegment(id, trace)),
    rollout: rollout === undefined ? null : presentRollout(rollout),
  };
}

/** What a user gets of every flag, and which part of it decided. */
export async function explainFlags(
  flags: CompiledFlags,
  user: User,
  isGone?: () => boolean,
): Promise<readonly ExplainedFlag[]> {
  const explained: ExplainedFlag[] = [];
  const turns = new Turns(isGone);
  for (const flag of flags.store.activeFlags()) {
    explained.push(presented(flags, flag, explain(flag, user, flags.store)));
    if (turns.isDue) await turns.next();
  }
  return explained.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function presented({ facts }: CompiledFlags, { key, version, type }: Flag, explanation: Explanation): ExplainedFlag {
  const { outcome, decidedBy } = explanation;
  const about = {
    key,
    version,
    variationType: facts.get(key)?.type ?? type,
    decidedBy: decidedBy.part,
    ...(decidedBy.part === 'rule' ? { rule: decidedBy.rule } : {}),
  };
  if (outcome instanceof Failure) {
    return { ...about, variationId: null, value: null, reason: 'Error', failure: outcome.text };
  }
  const { variation, reason } = outcome;
  return { ...about, variationId: variation.id, value: variation.value, reason };
}

function presentRule({ verdict, conditions }: RuleTrace): ExplainedRule {
  return { verdict, conditions: conditions.map(presentCondition) };
}

function presentCondition(condition: ConditionTrace): ExplainedCondition {
  const { verdict, failure, counted } = condition;
  const outcome = { verdict, counted, ...(failure === undefined ? {} : { failure }) };
  if (condition.about === 'segments') {
    return { about: 'segments', whenInside: condition.whenInside, ids: condition.ids, ...outcome };
  }
  const { attribute, op, text, obstacle } = condition;
  return {
    about: 'attribute',
    attribute,
    op,
    ...(text === undefined ? {} : { text: shortened(text, LONGEST_TEXT) }),
    ...(obstacle === undefined ? {} : { obstacle }),
    ...outcome,
  };
}

function presentSegment(id: string, { contains, decidedBy, rules }: SegmentTrace): ExplainedSegment {
  return {
    id,
    contains,
    decidedBy: decidedBy.part,
    ...(decidedBy.part === 'rule' ? { rule: decidedBy.rule } : {}),
    rules: rules.map(presentRule),
  };
}

function presentRollout(rollout: NonNullable<Explanation['rollout']>): NonNullable<ExplanationBody['rollout']> {
  const { attribute, text, bucket, intervals, interval } = rollout;
  return {
    attribute,
    text: shortened(text, LONGEST_TEXT),
    bucket,
    intervals: intervals.map(({ low, high, variationId = null }) => ({ low, high, variationId })),
    interval: interval ?? null,
  };
}
