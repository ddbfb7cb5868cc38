import { Failure, type FlagStore, Occasion, type User } from 'fbclient/core';
import type { EvaluatedFlag } from '../api/answers.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { matchReasonOf, type RuleNames } from './match-reason.js';

/** Which flags are evaluated: those that pass both, where given. */
export interface FlagFilter {
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Whether a flag must have all of the tags (`and`) or one of them (`or`). */
  readonly tagFilterMode: 'and' | 'or';
  /** Only flags whose values are newer than this version. */
  readonly newerThan?: number | undefined;
}

/** Who the values are for. */
export interface Audience {
  /** Only flags that browsers may have. */
  readonly isClient: boolean;
  readonly rules: RuleNames;
}

/**
 * Evaluates flags in the center, with the SDK's own evaluation.
 *
 * @returns the flags that pass the filter, in no particular order; keys that no flag has are left out.
 */
export function evaluateFlags(
  { store, facts }: CompiledFlags,
  user: User,
  filter: FlagFilter,
  audience: Audience,
): readonly EvaluatedFlag[] {
  const results: EvaluatedFlag[] = [];
  const keys = filter.keys === undefined ? facts.keys() : new Set(filter.keys);
  for (const key of keys) {
    const known = facts.get(key);
    if (known === undefined || !passes(known, filter)) continue;
    if (audience.isClient && known.toClients !== 'visible') continue;
    results.push(evaluateOne(store, known, user, audience.rules));
  }
  return results;
}

function evaluateOne(store: FlagStore, facts: FlagFacts, user: User, rules: RuleNames): EvaluatedFlag {
  const { key, type } = facts;
  const flag = store.flag(key);
  const served = flag?.evaluate(new Occasion(user, store));
  if (flag === undefined || served === undefined || served instanceof Failure) {
    const matchReason = flag === undefined ? 'flag archived' : 'Error';
    return { key, variation: { id: null, type, value: null, matchReason, sendToExperiment: false } };
  }
  const { variation } = served;
  const matchReason = matchReasonOf(flag, served, facts, rules);
  const sendToExperiment = served.sendToExperiment(user);
  return { key, variation: { id: variation.id, type, value: variation.value, matchReason, sendToExperiment } };
}

function passes(
  { tags, valuesVersion }: FlagFacts,
  { tags: wanted, tagFilterMode, newerThan = 0 }: FlagFilter,
): boolean {
  if (newerThan > 0 && valuesVersion <= newerThan) return false;
  if (wanted === undefined || wanted.length === 0) return true;
  const has = (tag: string) => tags.includes(tag);
  return tagFilterMode === 'and' ? wanted.every(has) : wanted.some(has);
}
