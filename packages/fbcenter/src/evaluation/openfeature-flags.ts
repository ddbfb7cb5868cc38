import { createHash } from 'node:crypto';
import { Failure, Occasion, type Serving, type User } from 'fbclient/core';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { Turns } from '../runtime/turns.js';

/** One flag as OpenFeature's remote protocol has it, or why there is none. */
export type OpenFeatureAnswer =
  | { readonly kind: 'served'; readonly text: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly details: string };

/** All flags of a user. */
export interface OpenFeatureFlags {
  /** Evaluations and failures as JSON, without brackets around them. */
  readonly text: string;
  /** Another one for every other text. */
  readonly digest: string;
}

/**
 * Why a value was served, as far as OpenFeature's remote protocol has words for it: where neither switch nor target nor rule decided, it has
 * none. A rule is never named.
 */
const REASONS = {
  Off: 'DISABLED',
  TargetMatch: 'TARGETING_MATCH',
  RuleMatch: 'TARGETING_MATCH',
  Fallthrough: 'UNKNOWN',
} as const;

/** A serving is of one flag and says the same to everybody who gets it: its text is written once. */
const texts = new WeakMap<Serving, string | Failure>();
const UNUSABLE = new Failure('its value is not of its type');

/** The order that an answer has: by key, so that it is the same as long as the values are. */
const sorted = new WeakMap<readonly FlagFacts[], readonly FlagFacts[]>();

/** @param isClient whether it is asked for with a client secret: then only flags that browsers may have are there. */
export function openFeatureFlag(flags: CompiledFlags, key: string, user: User, isClient: boolean): OpenFeatureAnswer {
  const facts = flags.facts.get(key);
  if (facts === undefined || (isClient && facts.toClients !== 'visible')) return { kind: 'not-found' };
  return evaluated(flags, facts, new Occasion(user, flags.store));
}

/** Archived flags are absent. A flag that cannot be evaluated is there with its failure. */
export async function openFeatureFlags(flags: CompiledFlags, user: User, isClient: boolean): Promise<OpenFeatureFlags> {
  const parts: string[] = [];
  const occasion = new Occasion(user, flags.store);
  const turns = new Turns();
  for (const facts of byKey(flags.inOrder())) {
    if (isClient && facts.toClients !== 'visible') continue;
    const answer = evaluated(flags, facts, occasion);
    if (answer.kind === 'served') parts.push(answer.text);
    if (answer.kind === 'failed') {
      parts.push(JSON.stringify({ key: facts.key, errorCode: 'GENERAL', errorDetails: answer.details }));
    }
    if (turns.isDue) await turns.next();
  }
  const text = parts.join(',');
  return { text, digest: createHash('sha256').update(text).digest('base64url') };
}

function evaluated({ store }: CompiledFlags, { key }: FlagFacts, occasion: Occasion): OpenFeatureAnswer {
  const served = store.flag(key)?.evaluate(occasion);
  if (served === undefined) return { kind: 'not-found' };
  const text = served instanceof Failure ? served : textOf(served);
  if (text instanceof Failure) return { kind: 'failed', details: `The flag cannot be evaluated: ${text.text}.` };
  return { kind: 'served', text };
}

function textOf(serving: Serving): string | Failure {
  const known = texts.get(serving);
  if (known !== undefined) return known;
  const made = write(serving);
  texts.set(serving, made);
  return made;
}

function write({ flag, variation, reason }: Serving): string | Failure {
  const value = variation.as(flag.type);
  if (value === undefined) return UNUSABLE;
  return JSON.stringify({ key: flag.key, value, reason: REASONS[reason], variant: variation.id });
}

function byKey(flags: readonly FlagFacts[]): readonly FlagFacts[] {
  const known = sorted.get(flags);
  if (known !== undefined) return known;
  const made = [...flags].sort((a, b) => (a.key < b.key ? -1 : 1));
  sorted.set(flags, made);
  return made;
}
