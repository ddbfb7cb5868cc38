import { createHash } from 'node:crypto';
import { Failure, Occasion, type Serving, type User } from 'fbclient/core';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { Turns } from '../runtime/turns.js';

/** One flag as OpenFeature's remote protocol has it, or why there is none. */
export type OpenFeatureAnswer =
  | { readonly kind: 'served'; readonly written: Written }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly details: string };

/** All flags of a user. */
export interface OpenFeatureFlags {
  /** Evaluations and failures as JSON, each with a comma before it; those who are served the same share them. */
  readonly parts: readonly Buffer[];
  /** Another one for every other answer. */
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

/** What is said of a flag: as JSON, with a comma before it. */
interface Written {
  readonly json: Buffer;
  readonly digest: Buffer;
}

/** A serving is of one flag and says the same to everybody who gets it: its text is written once. */
const known = new WeakMap<Serving, Written | Failure>();
const UNUSABLE = new Failure('its value is not of its type');

/** The order that an answer has: by key, so that it is the same as long as the values are. */
const sorted = new WeakMap<readonly FlagFacts[], readonly FlagFacts[]>();

/** By the facts of all flags, which are a new list with each change: the state for pages, and for those who may have every flag. */
const states = new WeakMap<readonly FlagFacts[], { pages?: string; all?: string }>();

/**
 * Says which flags a caller may have, and since when each of them has its values: as long as it is the same, so is every answer. A flag that
 * the caller may not have does not move it.
 */
export function openFeatureState(flags: CompiledFlags, isClient: boolean): string {
  const ordered = flags.inOrder();
  const known = states.get(ordered) ?? {};
  states.set(ordered, known);
  const name = isClient ? 'pages' : 'all';
  known[name] ??= digestOf(byKey(ordered).filter((facts) => isThere(flags, facts, isClient)));
  return known[name];
}

function digestOf(flags: readonly FlagFacts[]): string {
  const said = JSON.stringify(flags.map(({ key, valuesVersion }) => [key, valuesVersion]));
  return createHash('sha256').update(said).digest('base64url').slice(0, 22);
}

/** Whether a caller may have it. An archived flag is not there for anybody. */
function isThere({ store }: CompiledFlags, { key, toClients }: FlagFacts, isClient: boolean): boolean {
  return (!isClient || toClients === 'visible') && store.flag(key) !== undefined;
}

/** @param isClient whether it is asked for with a client secret: then only flags that browsers may have are there. */
export function openFeatureFlag(flags: CompiledFlags, key: string, user: User, isClient: boolean): OpenFeatureAnswer {
  const facts = flags.facts.get(key);
  if (facts === undefined || (isClient && facts.toClients !== 'visible')) return { kind: 'not-found' };
  return evaluated(flags, facts, new Occasion(user, flags.store));
}

/** Archived flags are absent. A flag that cannot be evaluated is there with its failure. */
export async function openFeatureFlags(
  flags: CompiledFlags,
  user: User,
  isClient: boolean,
  isGone?: () => boolean,
): Promise<OpenFeatureFlags> {
  const parts: Buffer[] = [];
  const hash = createHash('sha256');
  const add = ({ json, digest }: Written) => {
    parts.push(json);
    hash.update(digest);
  };
  const occasion = new Occasion(user, flags.store);
  const turns = new Turns(isGone);
  for (const facts of byKey(flags.inOrder())) {
    if (isClient && facts.toClients !== 'visible') continue;
    const answer = evaluated(flags, facts, occasion);
    if (answer.kind === 'served') add(answer.written);
    if (answer.kind === 'failed') {
      add(writtenAs({ key: facts.key, errorCode: 'GENERAL', errorDetails: answer.details }));
    }
    if (turns.isDue) await turns.next();
  }
  return { parts, digest: hash.digest('base64url') };
}

function evaluated({ store }: CompiledFlags, { key }: FlagFacts, occasion: Occasion): OpenFeatureAnswer {
  const served = store.flag(key)?.evaluate(occasion);
  if (served === undefined) return { kind: 'not-found' };
  const written = served instanceof Failure ? served : writtenOf(served);
  if (written instanceof Failure) return { kind: 'failed', details: `The flag cannot be evaluated: ${written.text}.` };
  return { kind: 'served', written };
}

function writtenOf(serving: Serving): Written | Failure {
  const made = known.get(serving) ?? write(serving);
  known.set(serving, made);
  return made;
}

function write({ flag, variation, reason }: Serving): Written | Failure {
  const value = variation.as(flag.type);
  if (value === undefined) return UNUSABLE;
  return writtenAs({ key: flag.key, value, reason: REASONS[reason], variant: variation.id });
}

function byKey(flags: readonly FlagFacts[]): readonly FlagFacts[] {
  const known = sorted.get(flags);
  if (known !== undefined) return known;
  const made = [...flags].sort((a, b) => (a.key < b.key ? -1 : 1));
  sorted.set(flags, made);
  return made;
}

function writtenAs(value: object): Written {
  const json = Buffer.from(`,${JSON.stringify(value)}`);
  return { json, digest: createHash('sha256').update(json).digest() };
}
