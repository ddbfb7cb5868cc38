/** Evaluation fixtures, many to an environment: one client, one connection, an evaluation for each case. */

import { DriverError } from '../driver/driver-process.js';
import type { EvaluateReply } from '../driver/protocol.js';
import type { BucketCase, EvaluateCase } from '../fixtures/types.js';
import { evaluate, isUsableUser } from '../reference/evaluate.js';
import { stringsOf } from '../reference/values.js';
import type { Flag, Segment } from '../reference/wire.js';
import type { ScriptedServer } from '../server/scripted-server.js';
import { exactBucketFlag } from './bucket-flag.js';
import type { CaseInfo, Finding, Job } from './case.js';
import { MismatchError, SkipError, show, type Trial, type TrialClient } from './trial.js';

interface PackedCase extends CaseInfo {
  source: EvaluateCase;
}

const PACK_SIZE = 150;
/** Cases about damage are kept in small packs: an SDK that a damaged flag brings down takes few others with it. */
const DAMAGED_PACK_SIZE = 10;

/** An environment that cases share; two of them fit together when neither changes what the other sees. */
class Pack {
  readonly cases: PackedCase[] = [];
  readonly flags = new Map<string, Flag>();
  readonly segments = new Map<string, Segment>();
  /** What a case relies on not to be there. */
  readonly #absentFlags = new Set<string>();
  readonly #absentSegments = new Set<string>();
  readonly #calls = new Set<string>();

  /** Takes a case in, or answers false where it does not fit. */
  take(item: PackedCase): boolean {
    const { given, when } = item.source;
    const absentFlag = given.flags.some((flag) => flag.key === when.flag) ? undefined : String(when.flag);
    const absentSegments = namedSegments(given.flags).filter(
      (id) => !given.segments.some((segment) => segment.id === id),
    );
    const call = JSON.stringify([when.flag, isUsableUser(given.user) ? given.user.key : null]);
    const fits =
      given.flags.every((flag) => same(this.flags.get(flag.key), flag) && !this.#absentFlags.has(flag.key)) &&
      given.segments.every((item) => same(this.segments.get(item.id), item) && !this.#absentSegments.has(item.id)) &&
      (absentFlag === undefined || !this.flags.has(absentFlag)) &&
      absentSegments.every((id) => !this.segments.has(id)) &&
      !this.#calls.has(call);
    if (!fits) return false;
    this.cases.push(item);
    for (const flag of given.flags) this.flags.set(flag.key, flag);
    for (const segment of given.segments) this.segments.set(segment.id, segment);
    if (absentFlag !== undefined) this.#absentFlags.add(absentFlag);
    for (const id of absentSegments) this.#absentSegments.add(id);
    this.#calls.add(call);
    return true;
  }
}

const same = (held: object | undefined, document: object): boolean =>
  held === undefined || JSON.stringify(held) === JSON.stringify(document);

/** Segment ids in the rules of flags, as far as they can be read. */
function namedSegments(flags: readonly Flag[]): string[] {
  return flags
    .flatMap((flag) => flag.rules.flatMap((rule) => rule.conditions))
    .filter((condition) => condition.property.startsWith('User is'))
    .flatMap((condition) =>
      [...(condition.value ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? ''),
    );
}

/** A list that an SDK may read, and fall over, before anybody evaluates: such a case runs alone. */
const hasBadSegmentList = ({ source }: PackedCase): boolean =>
  source.given.flags
    .flatMap((flag) => flag.rules.flatMap((rule) => rule.conditions))
    .some(({ property, value }) => property.startsWith('User is') && stringsOf(value ?? '') === undefined);

const isAboutDamage = ({ source }: PackedCase): boolean =>
  source.then.reason === 'Error' || source.rule.includes('short-circuit') || source.rule === 'cond.order';

/** Jobs for evaluation cases. */
export function evaluationJobs(group: string, cases: readonly EvaluateCase[]): Job[] {
  const items = cases.map((source): PackedCase => {
    const { id, rule, description } = source;
    return { id, group, rule, description, source };
  });
  const alone = items.filter(hasBadSegmentList);
  const others = items.filter((item) => !hasBadSegmentList(item));
  const damaged = others.filter(isAboutDamage);
  const sound = others.filter((item) => !isAboutDamage(item));
  return [...packed(sound, PACK_SIZE), ...packed(damaged, DAMAGED_PACK_SIZE), ...packed(alone, 1)].map(packJob);
}

/** Jobs for bucket cases: each as a flag whose middle interval is the bucket and nothing else. */
export function bucketJobs(group: string, cases: readonly BucketCase[]): Job[] {
  const asEvaluations = cases.map((source): EvaluateCase => {
    const { flag, user } = exactBucketFlag(source);
    const when = { flag: flag.key, type: 'string', default: 'fallback' } as const;
    const given = { flags: [flag], segments: [], user };
    return { ...source, given, when, then: evaluate(given, flag.key, user, 'string', 'fallback') };
  });
  return evaluationJobs(group, asEvaluations);
}

function packed(items: readonly PackedCase[], size: number): Pack[] {
  const packs: Pack[] = [];
  for (const item of items) {
    const open = packs.find((pack) => pack.cases.length < size && pack.take(item));
    if (open !== undefined) continue;
    const pack = new Pack();
    pack.take(item);
    packs.push(pack);
  }
  return packs;
}

function packJob(pack: Pack): Job {
  const { cases } = pack;
  const job: Job = { cases, run: (trial) => runPack(trial, pack) };
  if (cases.length > 1) {
    const middle = Math.ceil(cases.length / 2);
    job.split = () =>
      [cases.slice(0, middle), cases.slice(middle)].flatMap((half) => packed(half, half.length)).map(packJob);
  }
  return job;
}

async function runPack(trial: Trial, pack: Pack): Promise<Map<string, Finding>> {
  const { client, server } = await trial.clientWith([...pack.flags.values()], [...pack.segments.values()]);
  const findings = new Map<string, Finding>();
  for (const item of pack.cases)
    findings.set(item.id, await findingOf(trial, () => checkResult(trial, client, item.source)));
  await settleEvents(trial, client, server, pack.cases.filter(({ source }) => source.then.event !== null).length);
  for (const item of pack.cases) {
    if (findings.get(item.id) !== undefined) continue;
    findings.set(item.id, await findingOf(trial, async () => checkEvent(trial, server, item.source)));
  }
  return findings;
}

/** A case's own finding; what ends the whole pack is thrown on. */
async function findingOf(trial: Trial, check: () => Promise<void>): Promise<Finding> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof MismatchError || error instanceof SkipError) return error;
    if (error instanceof DriverError && trial.driver.alive && error.fault !== 'timeout') return error;
    throw error;
  }
}

async function checkResult(trial: Trial, client: TrialClient, { given, when, then }: EvaluateCase): Promise<void> {
  if (!isUsableUser(given.user) || typeof when.flag !== 'string') trial.needs('rawInput');
  const reply = await client.evaluate(when.flag, given.user, when.type, when.default);
  // What the SDK does not tell is not judged.
  const told = {
    value: true,
    variationId: reply.variationId !== undefined,
    reason: reply.reason !== undefined,
  };
  trial.equal('the result', only(reply, told), only(then, told));
}

function only(result: EvaluateReply, told: Record<'value' | 'variationId' | 'reason', boolean>): object {
  const { value, variationId, reason } = result;
  return { value, ...(told.variationId ? { variationId } : {}), ...(told.reason ? { reason } : {}) };
}

const seesEvents = (trial: Trial): boolean => trial.offers('streaming') && trial.offers('flush');

/** Waits until every event of the pack has arrived, or all that will. */
async function settleEvents(
  trial: Trial,
  client: TrialClient,
  server: ScriptedServer,
  expected: number,
): Promise<void> {
  if (!seesEvents(trial)) return;
  if (trial.offers('flushAndWait')) {
    await client.flushAndWait(5_000);
    return;
  }
  await client.flush();
  await server
    .until(`${expected} events`, () => (server.events.length >= expected ? true : undefined), 4_000)
    .catch(() => undefined);
}

interface VariationEvent {
  user?: { keyId?: unknown };
  variations?: {
    featureFlagKey?: unknown;
    sendToExperiment?: unknown;
    variation?: { id?: unknown; value?: unknown };
  }[];
}

function checkEvent(trial: Trial, server: ScriptedServer, { given, when, then }: EvaluateCase): void {
  if (!seesEvents(trial)) return;
  const keyId = isUsableUser(given.user) ? given.user.key : undefined;
  const seen = (server.events as VariationEvent[])
    .filter((event) => event.user?.keyId === keyId)
    .flatMap((event) => event.variations ?? [])
    .filter((variation) => variation.featureFlagKey === when.flag)
    .map(({ variation, sendToExperiment }) => ({
      variationId: variation?.id,
      value: variation?.value,
      sendToExperiment,
    }));
  const expected = then.event === null ? [] : [then.event];
  if (show(seen) === show(expected)) return;
  trial.equal('the recorded events', seen, expected);
}
