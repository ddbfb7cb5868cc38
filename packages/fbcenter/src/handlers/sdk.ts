import type { EvaluatedFlag } from '../api/answers.js';
import { audienceOf } from '../evaluation/audience.js';
import type { ClientFlags } from '../evaluation/client-flags.js';
import { type Audience, evaluateFlags, expectedBytes, type FlagFilter } from '../evaluation/evaluate.js';
import type { LatestUsers } from '../evaluation/latest-users.js';
import { memberOf, userOf } from '../evaluation/wire-user.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, empty, jsonText } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import { jsonList } from '../http/json-list.js';
import { roomFor } from '../http/room.js';
import { decodeInsights, type IsServed } from '../insights/decode.js';
import type { InsightRecorder } from '../insights/recorder.js';
import type { UnknownFlags } from '../insights/unknown-flags.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Tally } from '../model/tally.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import { wholeNumber } from './parameters.js';
import { syncAnswer } from './sync-answer.js';

export interface SdkParts {
  readonly live: LiveEnvironments;
  readonly budget: Pick<ByteBudget, 'take'>;
  readonly recorder: InsightRecorder;
  readonly experiments: ExperimentService;
  readonly unknownFlags: Pick<UnknownFlags, 'note'>;
  /** Remembers users; absent when that is not wanted. */
  readonly latestUsers?: LatestUsers | undefined;
  readonly clientFlags: Pick<ClientFlags, 'rules'>;
  /** Hears of insights once they are kept. */
  onInsights(environment: Environment, tally: Tally): void;
}

/** Evaluations of unknown flags that are noted of one request: no SDK sends as many, and each costs memory for a while. */
const MOST_UNKNOWN = 1_000;

const CURSOR = { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER };

/** FeatBit's HTTP calls for SDKs that are answered from memory. */
export function servingHandlers(parts: Pick<SdkParts, 'live' | 'budget' | 'unknownFlags' | 'clientFlags'>) {
  const { live, budget, unknownFlags, clientFlags } = parts;
  // Whoever bears a server secret has the rules themselves.
  const toldTo = (caller: Caller): Audience => {
    const isClient = caller.kind === 'sdk' && caller.secret === 'client';
    return { isClient, rules: isClient ? clientFlags.rules : 'names' };
  };
  return {
    /** What is newer than `timestamp`, an empty body when nothing is; everything without one that is known. */
    latestAll: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const cursor = wholeNumber(exchange, 'timestamp', CURSOR);
      const { feed } = live.of(exchange.environment.id);
      // Before it is read: those who wait for their turn hold nothing.
      const transfer = await roomFor(exchange, budget, feed.expectedBytes(cursor), true);
      try {
        const { isEmpty, message } = await feed.answer(cursor);
        return { ...(isEmpty ? empty() : await syncAnswer(message, exchange.headers)), transfer };
      } catch (error) {
        transfer.end();
        throw error;
      }
    },
    /** Evaluates for one user in the center. */
    evaluate: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, body, caller } = exchange;
      const request = isJsonObject(body) ? body : {};
      const user = userOf(memberOf(request, 'user'));
      if (user === undefined) throw new Refusal('invalid-request', 'user.keyId must be a string that is not blank.');
      const filter = readFilter(memberOf(request, 'filter'));
      const flags = await live.of(environment.id).flags.current();
      const noteUnknown = unknownOf(exchange, unknownFlags);
      for (const key of filter.keys ?? []) if (!flags.facts.has(key)) noteUnknown(key);
      // Each answer is another one, of megabytes where there are many flags: those who wait for their turn hold nothing.
      const bytes = expectedBytes(flags, filter);
      const transfer = await roomFor(exchange, budget, bytes, false);
      try {
        const evaluated: Iterable<EvaluatedFlag> = evaluateFlags(flags, user, filter, toldTo(caller));
        return { ...jsonText(await jsonList(evaluated, bytes, exchange.isGone)), transfer };
      } catch (error) {
        transfer.end();
        throw error;
      }
    },
  };
}

/** FeatBit's HTTP calls for SDKs. */
export function sdkHandlers(parts: SdkParts) {
  const { live, recorder, unknownFlags, experiments, latestUsers, onInsights } = parts;
  return {
    ...servingHandlers(parts),
    /** Counts events. The answer has no body, as FeatBit's has none: headers say how many were taken, and how many could not be understood. */
    track: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, body, text } = exchange;
      const flags = await live.of(environment.id).flags.current();
      const gathering = experiments.intake.gather(environment.id, audienceOf(flags));
      const noteUnknown = unknownOf(exchange, unknownFlags);
      const isServed: IsServed = (key, id) => {
        const known = flags.facts.get(key);
        if (known === undefined) noteUnknown(key);
        return known?.variationIds.has(id) === true;
      };
      const tally = decodeInsights(body, isServed, experiments.reach.listener(environment.id), gathering);
      if (tally === undefined) throw new Refusal('invalid-request', 'Send a JSON array of insights.');
      await Promise.all([
        recorder.record(environment.id, tally),
        gathering && experiments.intake.take(environment.id, gathering, text),
      ]);
      if (Array.isArray(body)) latestUsers?.note(environment.id, body);
      onInsights(environment, tally);
      const { evaluations, metrics } = countsOf(tally);
      const accepted = evaluations + metrics + tally.identifications;
      return empty(200, {
        'x-insights-accepted': String(accepted),
        'x-insights-rejected': String(tally.rejected),
      });
    },
  };
}

/** Notes flags that nobody has made. Of browsers, whose secret everybody knows, nobody believes that one is missing. */
function unknownOf(
  { caller, environment }: EnvironmentExchange,
  unknownFlags: SdkParts['unknownFlags'],
): (key: string) => void {
  let left = caller.kind === 'sdk' && caller.secret === 'server' ? MOST_UNKNOWN : 0;
  return (key) => {
    left -= 1;
    if (left >= 0) unknownFlags.note(environment.id, key);
  };
}

/** How many evaluations and metrics a tally holds. */
export function countsOf({ evaluations, metrics }: Tally): { readonly evaluations: number; readonly metrics: number } {
  const sum = (counts: readonly { readonly count: number }[]) => counts.reduce((total, { count }) => total + count, 0);
  return { evaluations: sum(evaluations), metrics: sum(metrics) };
}

function readFilter(given: unknown): FlagFilter {
  const filter = isJsonObject(given) ? given : {};
  const member = (name: string) => memberOf(filter, name);
  const [keys, tags] = [readTexts(member('keys'), 'keys'), readTexts(member('tags'), 'tags')];
  const mode = member('tagFilterMode');
  const timestamp = member('timestamp') ?? 0;
  if (typeof timestamp !== 'number') throw new Refusal('invalid-request', 'filter.timestamp must be a number.');
  // Null or empty switches the filter by tags off.
  const isByTags = mode !== null && mode !== '';
  const tagFilterMode = isByTags ? (mode ?? 'and') : 'and';
  if (tagFilterMode !== 'and' && tagFilterMode !== 'or') {
    throw new Refusal('invalid-request', 'filter.tagFilterMode must be "and" or "or".');
  }
  return { keys, tags: isByTags ? tags : undefined, tagFilterMode, newerThan: timestamp };
}

function readTexts(list: unknown, name: string): ReadonlySet<string> | undefined {
  // An empty list filters nothing.
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined;
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return new Set(list);
  throw new Refusal('invalid-request', `filter.${name} must be an array of strings.`);
}
