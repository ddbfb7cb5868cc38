import { alwaysValid, bayes, type Compared, compare, welch } from 'fbcenter/statistics';
import type { Seen } from './experiment.js';

/** Whether somebody who follows it would say "there is a difference" at this look. */
export type Rule = (compared: Compared, seen: Seen) => boolean;

export const ALPHA = 0.05;

export const welchSays: Rule = ({ difference, standardError }, seen) => {
  // No test of Welch's refuses below the normal quantile, and most looks are there: that saves most of the time.
  if (Math.abs(difference) < 1.95 * standardError) return false;
  const result = welch(seen);
  return result.status === 'ok' && result.pValue < ALPHA;
};

export function alwaysValidSays(tuning: number): Rule {
  return ({ difference: estimate, standardError, users }) =>
    alwaysValid({ estimate, standardError, users, tuning }).pValue < ALPHA;
}

/** The same formula on the relative effect and its error by the delta method, as some tools have it. */
export function alwaysValidRelativeSays(tuning: number): Rule {
  return ({ control, difference, upliftStandardError: standardError, users }) => {
    if (standardError === null || standardError === 0) return false;
    const estimate = difference / Math.abs(control);
    return alwaysValid({ estimate, standardError, users, tuning }).pValue < ALPHA;
  };
}

/** A constant number of standard errors, as Statsig's formula comes to for equal splits. */
export const constantSays: Rule = ({ difference, standardError }) => Math.abs(difference) > 3.58 * standardError;

/** The chance to win is above 95 % or below 5 %. */
export function chanceToWinSays(prior: 'flat' | 'usual'): Rule {
  return ({ difference: estimate, standardError, control }) => {
    const priorStandardDeviation = prior === 'usual' && control !== 0 ? 0.3 * Math.abs(control) : undefined;
    const { chanceToWin } = bayes({ estimate, standardError, priorStandardDeviation });
    return chanceToWin > 0.95 || chanceToWin < 0.05;
  };
}

/** The treatment can be shipped at an expected loss below 0.25 % of the control. */
export const expectedLossSays: Rule = ({ difference: estimate, standardError, control }) =>
  bayes({ estimate, standardError }).riskOfTreatment < 0.0025 * Math.abs(control);

/** The look, from 0, at which each rule first says "there is a difference" in one experiment; undefined for never. */
export function firstAlarms(rules: readonly Rule[], looks: Iterable<Seen>): readonly (number | undefined)[] {
  const alarms = rules.map((): number | undefined => undefined);
  let look = 0;
  for (const seen of looks) {
    const compared = compare(seen);
    for (const [index, rule] of rules.entries()) {
      if (compared.status === 'ok' && alarms[index] === undefined && rule(compared, seen)) alarms[index] = look;
    }
    look++;
  }
  return alarms;
}
