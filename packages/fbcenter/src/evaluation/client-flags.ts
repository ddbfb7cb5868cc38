import { Failure, type Flag, Occasion, type Serving, type User } from 'fbclient/core';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { FlagFacts } from '../live/flag-facts.js';
import { Bytes } from '../runtime/bytes.js';
import { Turns } from '../runtime/turns.js';
import { matchReasonOf, type RuleNames } from './match-reason.js';

/** The flags of an environment as one user gets them. */
export interface ClientAnswer {
  readonly message: Bytes;
  /** Nothing is newer than what the user has: the message is a patch without flags. */
  readonly isEmpty: boolean;
}

/** What is sent to those who are served the same, with and without their being sent to an experiment. */
interface Part {
  readonly served: Serving;
  with?: Buffer;
  without?: Buffer;
}

/** A flag, ready to be told to anybody. */
interface Entry {
  readonly facts: FlagFacts;
  /** Absent for a flag that is archived, or that browsers may not have. */
  readonly flag: Flag | undefined;
  readonly parts: Map<Serving, Part>;
  /** The one of {@link parts} that was sent last: most users are served what the one before was. */
  last?: Part;
  archived?: Buffer;
}

/**
 * Flags in the form for browsers: values that are evaluated, and nothing of how. What everybody is told who is served the same is written
 * once; a user costs an evaluation of each flag.
 */
export class ClientFlags {
  /** What is said of rules: their names are free text, and what goes out every visitor can read. */
  readonly rules: RuleNames;
  /** By the facts of a flag, which are new with each change of its values. */
  readonly #entries = new WeakMap<FlagFacts, Entry>();
  /** By the facts of all flags, which are a new list with each change. */
  readonly #lists = new WeakMap<readonly FlagFacts[], readonly Entry[]>();

  constructor(rules: RuleNames) {
    this.rules = rules;
  }

  /**
   * All flags, or those that are newer than a cursor, in turns of the event loop. A flag that cannot be evaluated is left out.
   *
   * @param cursor 0 = the user has nothing; negative = everything, as a patch.
   * @param isGone whether nobody waits for it any more: then it rejects.
   */
  async answer(flags: CompiledFlags, user: User, cursor: number, isGone?: () => boolean): Promise<ClientAnswer> {
    const isFull = cursor === 0;
    const ordered = flags.inOrder();
    const entries = this.#listOf(flags, ordered);
    const occasion = new Occasion(user, flags.store);
    const parts: Buffer[] = [];
    const turns = new Turns(isGone);
    let isCurrent = true;
    for (let index = firstAfter(ordered, cursor); index < entries.length; index++) {
      // It may have changed while others had their turn.
      const entry = isCurrent ? entries[index] : this.#entryOf(flags, ordered[index]?.key ?? '');
      const part = entry && this.#partOf(entry, occasion, isFull);
      if (part !== undefined) parts.push(part);
      if (turns.isDue) {
        await turns.next();
        isCurrent = flags.inOrder() === ordered;
      }
    }
    return { message: messageOf(isFull ? 'full' : 'patch', user, parts), isEmpty: !isFull && parts.length === 0 };
  }

  /** A patch with some flags. @returns `undefined` when the user is told nothing of any of them. */
  push(flags: CompiledFlags, user: User, keys: readonly string[]): Buffer | undefined {
    const occasion = new Occasion(user, flags.store);
    const parts: Buffer[] = [];
    let isTold = false;
    for (const key of keys) {
      const entry = this.#entryOf(flags, key);
      if (entry === undefined || entry.facts.toClients === 'hidden') continue;
      isTold = true;
      const part = this.#partOf(entry, occasion, false);
      if (part !== undefined) parts.push(part);
    }
    return isTold ? messageOf('patch', user, parts).whole() : undefined;
  }

  #listOf(flags: CompiledFlags, ordered: readonly FlagFacts[]): readonly Entry[] {
    const known = this.#lists.get(ordered);
    if (known !== undefined) return known;
    const entries = ordered.map((facts) => this.#entry(flags, facts));
    this.#lists.set(ordered, entries);
    return entries;
  }

  #entryOf(flags: CompiledFlags, key: string): Entry | undefined {
    const facts = flags.facts.get(key);
    return facts && this.#entry(flags, facts);
  }

  #entry({ store }: CompiledFlags, facts: FlagFacts): Entry {
    const known = this.#entries.get(facts);
    if (known !== undefined) return known;
    const flag = facts.toClients === 'visible' ? store.flag(facts.key) : undefined;
    const entry: Entry = { facts, flag, parts: new Map() };
    this.#entries.set(facts, entry);
    return entry;
  }

  #partOf(entry: Entry, occasion: Occasion, isFull: boolean): Buffer | undefined {
    const { flag, facts } = entry;
    if (flag === undefined) {
      if (facts.toClients === 'hidden' || (facts.toClients === 'withdrawn' && isFull)) return undefined;
      // SDKs recognise an archived flag by this text alone.
      entry.archived ??= write(facts, null, null, 'flag archived', false);
      return entry.archived;
    }
    const served = flag.evaluate(occasion);
    if (served instanceof Failure) return undefined;
    const part = entry.last?.served === served ? entry.last : lastOf(entry, served);
    if (served.sendToExperiment(occasion.user)) {
      part.with ??= this.#write(facts, flag, served, true);
      return part.with;
    }
    part.without ??= this.#write(facts, flag, served, false);
    return part.without;
  }

  #write(facts: FlagFacts, flag: Flag, served: Serving, sendToExperiment: boolean): Buffer {
    const { id, value } = served.variation;
    return write(facts, value, id, matchReasonOf(flag, served, facts, this.rules), sendToExperiment);
  }
}

function lastOf(entry: Entry, served: Serving): Part {
  let part = entry.parts.get(served);
  if (part === undefined) {
    part = { served };
    entry.parts.set(served, part);
  }
  entry.last = part;
  return part;
}

/** With a comma before it, as a list has it. */
function write(
  { key, type, variations, valuesVersion }: FlagFacts,
  variation: string | null,
  variationId: string | null,
  matchReason: string | null,
  sendToExperiment: boolean,
): Buffer {
  const flag = {
    id: key,
    variation,
    variationType: type,
    variationId,
    matchReason,
    variationOptions: variations,
    sendToExperiment,
    timestamp: valuesVersion,
  };
  return Buffer.from(`,${JSON.stringify(flag)}`);
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

/** The parts are shared by all who are served the same: however many are sent how much, what they are sent is held once. */
function messageOf(eventType: 'full' | 'patch', { key }: User, parts: readonly Buffer[]): Bytes {
  const start = `{"messageType":"data-sync","data":{"eventType":"${eventType}","userKeyId":${JSON.stringify(key)}`;
  return Bytes.list(`${start},"featureFlags":[`, parts, ']}}');
}
