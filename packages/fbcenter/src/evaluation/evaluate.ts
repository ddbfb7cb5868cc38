import { Failure, type FlagStore, Occasion, type User } from 'fbclient/core';
import type { EvaluatedFlag } from '../api/answers.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';

/** Which flags are evaluated: those that pass both, where given. Sets: whoever bears a client secret may send a hundred thousand names. */
export interface FlagFilter {
  readonly keys?: ReadonlySet<string> | undefined;
  readonly tags?: ReadonlySet<string> | undefined;
  /** Whether a flag must have all of the tags (`and`) or one of them (`or`). */
  readonly tagFilterMode: 'and' | 'or';
}

/**
 * Evaluates flags in the center, with the SDK's own evaluation, each when it is asked for: all of them take long.
 *
 * @returns the flags that pass the filter, in no particular order; keys that no flag has are left out.
 */
export function* evaluateFlags(
  { store, facts }: CompiledFlags,
  user: User,
  filter: FlagFilter,
): Generator<EvaluatedFlag, void, undefined> {
  for (const [key, { type }] of passing(facts, filter)) yield evaluateOne(store, key, type, user);
}

/** What an answer has for each flag beside its key and value, in bytes. */
const FRAME = 150;

/** How many bytes the evaluated flags have, about: no more than their documents and what frames them. */
export function expectedBytes({ facts }: CompiledFlags, filter: FlagFilter): number {
  let bytes = 0;
  for (const [, { length }] of passing(facts, filter)) bytes += length + FRAME;
  return bytes;
}

function* passing(
  facts: CompiledFlags['facts'],
  { keys, tags, tagFilterMode }: FlagFilter,
): Generator<readonly [key: string, facts: FlagFacts], void, undefined> {
  for (const key of keys ?? facts.keys()) {
    const known = facts.get(key);
    if (known !== undefined && passes(known.tags, tags, tagFilterMode)) yield [key, known];
  }
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

function passes(tags: readonly string[], wanted: FlagFilter['tags'], mode: FlagFilter['tagFilterMode']): boolean {
  if (wanted === undefined || wanted.size === 0) return true;
  if (mode === 'or') return tags.some((tag) => wanted.has(tag));
  // As often as the flag has tags, not as often as tags are wanted.
  return wanted.size <= tags.length && [...wanted].every((tag) => tags.includes(tag));
}
