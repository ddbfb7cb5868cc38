import { Failure, type FlagStore, Occasion, type User } from 'fbclient/core';
import type { EvaluatedFlag } from '../api/answers.js';
import type { CompiledFlags } from '../live/compiled-environment.js';

/** Which flags are evaluated: those that pass both, where given. */
export interface FlagFilter {
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Whether a flag must have all of the tags (`and`) or one of them (`or`). */
  readonly tagFilterMode: 'and' | 'or';
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
): readonly EvaluatedFlag[] {
  const results: EvaluatedFlag[] = [];
  const keys = filter.keys === undefined ? facts.keys() : new Set(filter.keys);
  for (const key of keys) {
    const known = facts.get(key);
    if (known !== undefined && passes(known.tags, filter)) results.push(evaluateOne(store, key, known.type, user));
  }
  return results;
}

function evaluateOne(store: FlagStore, key: string, type: string, user: User): EvaluatedFlag {
  const flag = store.flag(key);
  const served = flag?.evaluate(new Occasion(user, store));
  if (served === undefined || served instanceof Failure) {
    const matchReason = flag === undefined ? 'Archived' : 'Error';
    return { key, variation: { id: null, type, value: null, matchReason, sendToExperiment: false } };
  }
  const { variation, reason } = served;
  const sendToExperiment = served.sendToExperiment(user);
  return { key, variation: { id: variation.id, type, value: variation.value, matchReason: reason, sendToExperiment } };
}

function passes(tags: readonly string[], { tags: wanted, tagFilterMode }: FlagFilter): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const has = (tag: string) => tags.includes(tag);
  return tagFilterMode === 'and' ? wanted.every(has) : wanted.some(has);
}
