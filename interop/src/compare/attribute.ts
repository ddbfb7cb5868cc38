import type { Flag } from 'fbclient-conformance/reference';
import type { Who } from '../driven.js';
import { type Answer, answerOf, OURS, type Semantics } from './model.js';
import { QUIRKS, type QuirkName } from './quirks.js';
import type { World } from './world.js';

/** A quirk, or several that are only together what an SDK did; `unexplained` for what none of them is. */
export type Cause = readonly QuirkName[] | 'unexplained';

/**
 * Why an SDK answered something else: the least of its quirks with which the model answers the same; of several, the one that
 * stands first in its list.
 */
export function causeOf(world: World, flag: Flag, who: Who, answer: Answer, quirks: readonly QuirkName[]): Cause {
  const sets: (readonly QuirkName[])[] = [
    ...quirks.map((one) => [one]),
    ...quirks.flatMap((one, index) => quirks.slice(index + 1).map((other) => [one, other])),
    quirks,
  ];
  const found = sets.find((names) => answerOf(semanticsWith(names), world, flag, who) === answer);
  return found ?? 'unexplained';
}

export function semanticsWith(names: readonly QuirkName[]): Semantics {
  return names.reduce((semantics, name) => QUIRKS[name].quirk(semantics), OURS);
}
