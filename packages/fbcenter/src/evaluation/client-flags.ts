import { Failure, type Flag, Occasion, type Serving, type User } from 'fbclient/core';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { Turns } from '../runtime/turns.js';
import { matchReasonOf, type RuleNames } from './match-reason.js';

/** The flags of an environment as one user gets them. */
export interface ClientAnswer {
  readonly message: Buffer;
  /** Nothing is newer than what the user has: the message is a patch without flags. */
  readonly isEmpty: boolean;
}

/** A flag's texts by what is served: with and without its being sent to an experiment. */
type Texts = Map<Serving | 'archived', { [sendToExperiment: string]: string }>;

/**
 * Flags in the form for browsers: values that are evaluated, and nothing of how. What everybody is told who is served the same is written
 * once; a user costs an evaluation of each flag.
 */
export class ClientFlags {
  readonly #rules: RuleNames;
  /** By the facts of a flag, which are new with each change of its values. */
  readonly #texts = new WeakMap<FlagFacts, Texts>();

  /** @param rules whether the names of rules go out: every visitor can read them. */
  constructor(rules: RuleNames) {
    this.#rules = rules;
  }

  /**
   * All flags, or those that are newer than a cursor, in turns of the event loop. A flag that cannot be evaluated is left out.
   *
   * @param cursor 0 = the user has nothing; negative = everything, as a patch.
   */
  async answer(flags: CompiledFlags, user: User, cursor: number): Promise<ClientAnswer> {
    const isFull = cursor === 0;
    const ordered = flags.inOrder();
    const occasion = new Occasion(user, flags.store);
    const texts: string[] = [];
    const turns = new Turns();
    for (let index = firstAfter(ordered, cursor); index < ordered.length; index++) {
      const known = ordered[index];
      // It may have changed while others had their turn.
      const facts = known && flags.facts.get(known.key);
      if (facts === undefined) continue;
      const text = this.#textOf(flags, facts, occasion, isFull);
      if (text !== undefined) texts.push(text);
      if (turns.isDue) await turns.next();
    }
    return { message: messageOf(isFull ? 'full' : 'patch', user, texts), isEmpty: !isFull && texts.length === 0 };
  }

  /** A patch with some flags. @returns `undefined` when the user is told nothing of any of them. */
  push(flags: CompiledFlags, user: User, keys: readonly string[]): Buffer | undefined {
    const occasion = new Occasion(user, flags.store);
    const known = keys.flatMap((key) => flags.facts.get(key) ?? []).filter(({ toClients }) => toClients !== 'hidden');
    if (known.length === 0) return undefined;
    const texts = known.flatMap((facts) => this.#textOf(flags, facts, occasion, false) ?? []);
    return messageOf('patch', user, texts);
  }

  #textOf(flags: CompiledFlags, facts: FlagFacts, occasion: Occasion, isFull: boolean): string | undefined {
    if (facts.toClients === 'hidden' || (facts.toClients === 'withdrawn' && isFull)) return undefined;
    const flag = facts.toClients === 'visible' ? flags.store.flag(facts.key) : undefined;
    if (flag === undefined) return this.#text(facts, 'archived', false, undefined);
    const served = flag.evaluate(occasion);
    if (served instanceof Failure) return undefined;
    return this.#text(facts, served, served.sendToExperiment(occasion.user), flag);
  }

  #text(facts: FlagFacts, served: Serving | 'archived', sendToExperiment: boolean, flag: Flag | undefined): string {
    let texts = this.#texts.get(facts);
    if (texts === undefined) {
      texts = new Map();
      this.#texts.set(facts, texts);
    }
    let both = texts.get(served);
    if (both === undefined) {
      both = {};
      texts.set(served, both);
    }
    const name = String(sendToExperiment);
    both[name] ??= this.#write(facts, served, sendToExperiment, flag);
    return both[name];
  }

  #write(facts: FlagFacts, served: Serving | 'archived', sendToExperiment: boolean, flag: Flag | undefined): string {
    const { key, type, variations, valuesVersion } = facts;
    const isServed = served !== 'archived' && flag !== undefined;
    return JSON.stringify({
      id: key,
      variation: isServed ? served.variation.value : null,
      variationType: type,
      variationId: isServed ? served.variation.id : null,
      // SDKs recognise an archived flag by this text alone.
      matchReason: isServed ? matchReasonOf(flag, served, facts, this.#rules) : 'flag archived',
      variationOptions: variations,
      sendToExperiment,
      timestamp: valuesVersion,
    });
  }
}

/** Where those begin that are newer than a cursor. */
function firstAfter(ordered: readonly FlagFacts[], cursor: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle]?.valuesVersion ?? 0) > cursor) high = middle;
    else low = middle + 1;
  }
  return low;
}

function messageOf(eventType: 'full' | 'patch', { key }: User, texts: readonly string[]): Buffer {
  const head = `{"messageType":"data-sync","data":{"eventType":"${eventType}","userKeyId":${JSON.stringify(key)}`;
  return Buffer.from(`${head},"featureFlags":[${texts.join(',')}]}}`);
}
