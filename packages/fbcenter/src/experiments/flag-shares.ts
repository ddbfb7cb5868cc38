import type { FlagDocument, RolloutDocument, RuleDocument } from 'fbclient/core';

/** A part of a flag that lets users into an experiment. */
export interface Feed {
  /** The rule's name or number, or the fallthrough. */
  readonly where: string;
  /** The share of all of its users that is let in with each variation, by the variation's id; none is 0. */
  readonly shares: ReadonlyMap<string, number>;
  /** The attribute that users are divided by; null = their keys. */
  readonly dispatchKey: string | null;
}

/** The parts of a flag that serve variations to users, with what each lets into an experiment. */
export function feedsOf({
  rules,
  fallthrough,
  exptIncludeAllTargets,
}: Pick<FlagDocument, 'rules' | 'fallthrough' | 'exptIncludeAllTargets'>): readonly Feed[] {
  const named = rules.map((rule, index) => ({ rollout: rule, where: nameOf(rule, index) }));
  return [...named, { rollout: fallthrough, where: 'the default rule' }].map(({ rollout, where }) => ({
    where,
    shares: sharesOf(rollout, exptIncludeAllTargets),
    dispatchKey: isDividedByKey(rollout.dispatchKey) ? null : String(rollout.dispatchKey),
  }));
}

/** Evaluation needs no name, but most rules have one. */
function nameOf(rule: RuleDocument & { readonly name?: unknown }, index: number): string {
  return typeof rule.name === 'string' && rule.name.trim() !== '' ? `the rule “${rule.name}”` : `rule ${index + 1}`;
}

function isDividedByKey(dispatchKey: string | null | undefined): boolean {
  return dispatchKey === null || dispatchKey === undefined || dispatchKey === '' || dispatchKey === 'keyId';
}

function sharesOf({ variations, includedInExpt }: RolloutDocument, includesAll: boolean): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { id, rollout, exptRollout } of variations) {
    const width = rollout[1] - rollout[0];
    const share = includesAll ? width : includedInExpt ? Math.min(exptRollout, width) : 0;
    if (share > 0) shares.set(id, (shares.get(id) ?? 0) + share);
  }
  return shares;
}

/** Shares that differ by less than this are the same: they are written as decimal fractions. */
const SAME = 1e-9;

/**
 * The share of each compared variation among the users of an experiment.
 *
 * @param compared ids of variations.
 * @returns null when different parts of the flag let in different shares: then no split is to be expected.
 */
export function expectedShares(feeds: readonly Feed[], compared: readonly string[]): readonly number[] | null {
  const all = feeds
    .map(({ shares }) => compared.map((id) => shares.get(id) ?? 0))
    .map((shares) => ({ shares, total: shares.reduce((sum, share) => sum + share, 0) }))
    .filter(({ total }) => total > 0)
    .map(({ shares, total }) => shares.map((share) => share / total));
  const [first, ...others] = all;
  if (first === undefined) return null;
  const isSame = others.every((shares) => shares.every((share, at) => Math.abs(share - (first[at] ?? 0)) < SAME));
  return isSame ? first : null;
}

/** The share of a flag's users who enter an experiment, at most: that of the rule that lets in the most. */
export function enteringShare(flag: Parameters<typeof feedsOf>[0], compared: readonly string[]): number {
  const shares = feedsOf(flag).map((feed) => compared.reduce((sum, id) => sum + (feed.shares.get(id) ?? 0), 0));
  return Math.min(1, Math.max(0, ...shares));
}

/** The part of a flag that decides who is in an experiment, set so that exactly those are who get a variation by chance. */
export function lettingIn(
  flag: FlagDocument,
  compared: readonly string[],
): Pick<FlagDocument, 'rules' | 'fallthrough' | 'exptIncludeAllTargets'> {
  return {
    exptIncludeAllTargets: false,
    rules: flag.rules.map((rule) => ({ ...rule, ...opened(rule, compared) })),
    fallthrough: { ...flag.fallthrough, ...opened(flag.fallthrough, compared) },
  };
}

function opened(
  { variations, includedInExpt }: RolloutDocument,
  compared: readonly string[],
): Pick<RolloutDocument, 'includedInExpt' | 'variations'> {
  const served = variations.filter(({ id, rollout }) => compared.includes(id) && rollout[1] > rollout[0]);
  const isByChance = new Set(served.map(({ id }) => id)).size >= 2;
  // What somebody has set for an experiment stays as it is.
  if (!isByChance || (includedInExpt && served.every(({ exptRollout }) => exptRollout > 0))) {
    return { includedInExpt: isByChance && includedInExpt, variations };
  }
  return { includedInExpt: true, variations: variations.map((slice) => ({ ...slice, exptRollout: 1 })) };
}
