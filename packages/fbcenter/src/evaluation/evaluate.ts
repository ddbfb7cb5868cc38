import { Failure, type FlagStore, Occasion, type User } from 'fbclient/core';
import type { EvaluatedFlag } from '../api/answers.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { matchReasonOf, type RuleNames } from './match-reason.js';

/** Which flags are evaluated: those that pass both, where given. Sets: whoever bears a client secret may send a hundred thousand names. */
export interface FlagFilter {
  readonly keys?: ReadonlySet<string> | undefined;
  readonly tags?: ReadonlySet<string> | undefined;
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
 * Evaluates flags in the center, with the SDK's own evaluation, each when it is asked for: all of them take long.
 *
 * @returns the flags that pass the filter, in no particular order; keys that no flag has are left out.
 */
export function* evaluateFlags(
  { store, facts }: CompiledFlags,
  user: User,
  filter: FlagFilter,
  audience: Audience,
): Generator<EvaluatedFlag, void, undefined> {
  for (const known of passing(facts, filter)) {
    if (audience.isClient && known.toClients !== 'visible') continue;
    yield evaluateOne(store, known, user, audience.rules);
  }
}

/** What an answer has for each flag beside its key and value, in bytes. */
const FRAME = 150;

/** How many bytes the evaluated flags have, about: no more than their documents and what frames them. */
export function expectedBytes({ facts }: CompiledFlags, filter: FlagFilter): number {
  return bytesOf(passing(facts, filter));
}

/** By the list of all flags, which is another one after each change. */
const whole = new WeakMap<readonly FlagFacts[], number>();

/** The same of all flags: a crowd may ask at once. */
export function expectedBytesOfAll(flags: CompiledFlags): number {
  const all = flags.inOrder();
  const bytes = whole.get(all) ?? bytesOf(all);
  whole.set(all, bytes);
  return bytes;
}

function bytesOf(flags: Iterable<FlagFacts>): number {
  let bytes = 0;
  for (const { length } of flags) bytes += length + FRAME;
  return bytes;
}

function* passing(facts: CompiledFlags['facts'], filter: FlagFilter): Generator<FlagFacts, void, undefined> {
  for (const key of filter.keys ?? facts.keys()) {
    const known = facts.get(key);
    if (known !== undefined && passes(known, filter)) yield known;
  }
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
  if (wanted === undefined || wanted.size === 0) return true;
  if (tagFilterMode === 'or') return tags.some((tag) => wanted.has(tag));
  // As often as the flag has tags, not as often as tags are wanted.
  return wanted.size <= tags.length && [...wanted].every((tag) => tags.includes(tag));
}
