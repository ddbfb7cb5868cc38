import type { FlagDocument, RolloutDocument } from 'fbclient/core';
import type { Edit, Target } from '../documents/edit.js';
import { judge } from '../documents/judge.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { lettingIn } from './flag-shares.js';

/** The flag that is changed, and by whom. */
export type FlagTarget = Omit<Target, 'kind'>;

/** Sets the experiment fields of a flag so that exactly those users are let in for whom chance decides. */
export function letUsersIn(target: FlagTarget, compared: readonly string[]): Edit {
  return editOf(target, 'prepare-experiment', (flag) => lettingIn(flag, compared));
}

/**
 * Serves one variation to all who were served one of the compared ones by chance, and ends the experiment's part of the flag. It is
 * refused where nobody is served by chance any more, but for a flag that serves the variation already.
 */
export function serveToAll(target: FlagTarget, compared: readonly string[], variation: string): Edit {
  return editOf(target, 'decide-experiment', ({ rules, fallthrough }) => {
    const parts = [...rules, fallthrough].map((part) => servedOf(part, compared)).filter(({ size }) => size > 0);
    const isDecided = parts.length > 0 && parts.every((ids) => ids.has(variation));
    if (!isDecided && parts.every(({ size }) => size < 2)) throw new Refusal('not-ready', NOT_DIVIDED);
    return {
      rules: rules.map((rule) => ({ ...rule, ...decided(rule, compared, variation) })),
      fallthrough: { ...fallthrough, ...decided(fallthrough, compared, variation) },
    };
  });
}

const NOT_DIVIDED =
  'No rule of the flag serves the compared variations by chance any more, so there is nobody for whom it could be decided: change the flag itself.';

/** The compared variations that a part of a flag serves. */
function servedOf({ variations }: RolloutDocument, compared: readonly string[]): ReadonlySet<string> {
  return new Set(variations.flatMap(({ id, rollout: [low, high] }) => (high > low && compared.includes(id) ? id : [])));
}

function decided(
  rollout: RolloutDocument,
  compared: readonly string[],
  variation: string,
): Pick<RolloutDocument, 'includedInExpt' | 'variations'> {
  const { variations, includedInExpt } = rollout;
  if (servedOf(rollout, compared).size < 2) return { includedInExpt, variations };
  const served = variations.filter(({ rollout: [low, high] }) => high > low);
  const slices = served.map((slice) => (compared.includes(slice.id) ? { ...slice, id: variation } : slice));
  const isAll = slices.every(({ id }) => id === variation);
  return {
    includedInExpt: false,
    variations: isAll ? [{ id: variation, rollout: [0, 1], exptRollout: 1 }] : slices,
  };
}

function editOf(target: FlagTarget, action: string, change: (flag: FlagDocument) => Partial<FlagDocument>): Edit {
  return {
    ...target,
    kind: 'flag',
    creates: false,
    action: () => action,
    change(before: JsonObject) {
      if (before.isArchived === true) throw new Refusal('archived', 'The flag is archived: restore it first.');
      // What is kept was judged before it was kept.
      const changed = { ...before, ...change(before as unknown as FlagDocument) };
      if (JSON.stringify(changed) === JSON.stringify(before)) return 'unchanged';
      return judge('flag', changed, target.key, before);
    },
  };
}
