import { createHash } from 'node:crypto';
import { type FlagDocument, segmentsOf } from 'fbclient/core';

/** What of a flag decides who gets what, by the name under which a change of it is reported. */
const PARTS = {
  variations: ({ variations }: FlagDocument) => variations.map(({ id, value }) => [id, value]),
  targets: ({ targetUsers }: FlagDocument) => targetUsers,
  rules: ({ rules }: FlagDocument) =>
    rules.map(({ conditions, dispatchKey, includedInExpt, variations }) => [
      conditions.map(({ property, op, value }) => [property, op, value]),
      dispatchKey ?? null,
      includedInExpt,
      variations.map(({ id, rollout, exptRollout }) => [id, rollout, exptRollout]),
    ]),
  'default rule': ({ fallthrough: { dispatchKey, includedInExpt, variations } }: FlagDocument) => [
    dispatchKey ?? null,
    includedInExpt,
    variations.map(({ id, rollout, exptRollout }) => [id, rollout, exptRollout]),
  ],
  'who is let in': ({ exptIncludeAllTargets }: FlagDocument) => exptIncludeAllTargets,
  switch: ({ isEnabled }: FlagDocument) => isEnabled,
} as const;

/** A change of these leaves the users what they were: who is served nothing for a while comes back to the same variation. */
const HARMLESS = new Set<string>(['switch']);

/** A digest of each part of a flag that decides who gets what. */
export function flagFingerprints(flag: FlagDocument): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(PARTS).map(([name, of]) => [name, digest(of(flag))]));
}

/** The same for a segment that a flag asks about. */
export function segmentFingerprint(id: string, text: string): readonly [name: string, digest: string] {
  const { included = [], excluded = [], rules = [] } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return [`segment ${id}`, digest([included, excluded, rules])];
}

/** The segments that a flag asks about. */
export function segmentsIn(flag: FlagDocument): readonly string[] {
  return [...new Set(segmentsOf(flag))];
}

/** The names of the parts that differ. */
export function changedParts(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}

/** Whether the users before and after a change are different ones. */
export function isUnsound(what: readonly string[]): boolean {
  return what.some((name) => !HARMLESS.has(name));
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
