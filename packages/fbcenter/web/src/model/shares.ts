import type { Share } from './document.js';

/** Weights are whole hundredths of a percent: shares then add up without rounding. */
export const WHOLE = 10_000;

/** The weight of each share of a rollout. They add up to {@link WHOLE} when the rollout covers everybody. */
export function weightsOf(shares: readonly Share[]): number[] {
  return shares.map(({ rollout: [low, high] }) => Math.round(high * WHOLE) - Math.round(low * WHOLE));
}

/** Shares one after the other, in the order given: users keep their bucket, so only the ends move. */
export function sharesOf(ids: readonly string[], weights: readonly number[], before: readonly Share[] = []): Share[] {
  let low = 0;
  return ids.map((id, index) => {
    const high = low + (weights[index] ?? 0);
    const old = before.find((share) => share.id === id);
    const share: Share = {
      ...old,
      id,
      // A share of nothing is written [0, 0]: evaluation never matches it, wherever it stands.
      rollout: low === high ? [0, 0] : [low / WHOLE, high / WHOLE],
      exptRollout: old?.exptRollout ?? 1,
    };
    low = high;
    return share;
  });
}

/** Everybody gets one variation. */
export function everybody(id: string): Share[] {
  return [{ id, rollout: [0, 1], exptRollout: 1 }];
}

/** The variation that everybody gets, or `undefined` when users are divided. */
export function onlyVariation(shares: readonly Share[]): string | undefined {
  const served = weightsOf(shares).flatMap((weight, index) => (weight > 0 ? [shares[index]?.id] : []));
  return new Set(served).size === 1 ? served[0] : undefined;
}

/** Moves the boundary behind the share at `index` by `delta`; it stops at the boundaries beside it. */
export function moveBoundary(weights: readonly number[], index: number, delta: number): number[] {
  const left = weights[index];
  const right = weights[index + 1];
  if (left === undefined || right === undefined) return [...weights];
  const moved = Math.max(-left, Math.min(right, Math.round(delta)));
  return weights.map((weight, at) => (at === index ? weight + moved : at === index + 1 ? weight - moved : weight));
}

/** Gives one share a weight and takes the difference from the others, in proportion to what they have. */
export function setWeight(weights: readonly number[], index: number, wanted: number): number[] {
  if (weights.length < 2) return weights.map(() => WHOLE);
  const target = Math.max(0, Math.min(WHOLE, Math.round(wanted)));
  const rest = WHOLE - target;
  const others = weights.reduce((sum, weight, at) => (at === index ? sum : sum + weight), 0);
  const exact = weights.map((weight, at) => {
    if (at === index) return target;
    return others === 0 ? rest / (weights.length - 1) : (weight * rest) / others;
  });
  const rounded = exact.map(Math.floor);
  // What rounding down leaves over goes to those that lost most by it.
  const left = WHOLE - rounded.reduce((sum, weight) => sum + weight, 0);
  const loss = (at: number) => (exact[at] ?? 0) - (rounded[at] ?? 0);
  const losers = [...rounded.keys()].filter((at) => at !== index).sort((a, b) => loss(b) - loss(a));
  const raised = new Set(losers.slice(0, left));
  return rounded.map((weight, at) => (raised.has(at) ? weight + 1 : weight));
}

/** `2500` → `25 %`, `3333` → `33.33 %`. */
export function percent(weight: number): string {
  return `${Number((weight / 100).toFixed(2))} %`;
}

/** Reads a percentage as people type it: `25`, `33.3`, `33,3 %`. */
export function readPercent(text: string): number | undefined {
  const match = /^\s*(\d{1,3}(?:[.,]\d*)?|[.,]\d+)\s*%?\s*$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const weight = Math.round(Number(match[1].replace(',', '.')) * 100);
  return weight <= WHOLE ? weight : undefined;
}
