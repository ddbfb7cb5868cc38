import type { ExperimentMetricBody, ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import type { OverallVerdict } from '../../../../src/api/experiments.js';
import type { ExperimentState } from '../../../../src/model/experiment.js';
import { figure } from '../../model/figure.js';

/** How a verdict looks: good news, bad news, nothing yet, something is wrong. */
export type Tone = 'good' | 'bad' | 'open' | 'wrong';

export const VERDICTS: Readonly<Record<OverallVerdict, { readonly word: string; readonly tone: Tone }>> = {
  better: { word: 'Better', tone: 'good' },
  worse: { word: 'Worse', tone: 'bad' },
  mixed: { word: 'Mixed', tone: 'bad' },
  harm: { word: 'Harm', tone: 'bad' },
  safe: { word: 'Safe', tone: 'good' },
  undecided: { word: 'Undecided', tone: 'open' },
  collecting: { word: 'Collecting', tone: 'open' },
  'not-started': { word: 'Not started', tone: 'open' },
  'no-users': { word: 'No users yet', tone: 'open' },
  'too-few-users': { word: 'Too few users', tone: 'open' },
  'no-variance': { word: 'No events yet', tone: 'open' },
  'zero-denominator': { word: 'No denominator', tone: 'open' },
  'wrong-split': { word: 'Wrong split', tone: 'wrong' },
  unsound: { word: 'Unsound', tone: 'wrong' },
  'invalid-data': { word: 'Invalid data', tone: 'wrong' },
};

export const STATES: Readonly<Record<ExperimentState, string>> = {
  draft: 'Draft',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  archived: 'Archived',
};

/** A share in percent with its sign. */
export function percent(share: number, digits = Math.abs(share) >= 0.1 ? 0 : 1): string {
  const text = Math.abs(share * 100).toFixed(digits);
  return `${share < 0 ? '−' : '+'}${text} %`;
}

/** The value of a metric: rates in percent. */
export function valueText(value: number | null, type: ExperimentMetricBody['type']): string {
  if (value === null) return '–';
  if (type === 'conversion' || type === 'retention') return `${(value * 100).toFixed(2)} %`;
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 4 });
}

export function pText(pValue: number | null): string {
  if (pValue === null) return '–';
  return pValue < 0.001 ? '< 0.001' : pValue.toFixed(3);
}

/** Nothing is certain: not even what rounds to it. */
export function chanceText(chance: number): string {
  if (chance > 0.999) return '> 99.9 %';
  return chance < 0.001 ? '< 0.1 %' : `${(100 * chance).toFixed(1)} %`;
}

export function daysText(days: number): string {
  if (days < 1) return 'less than a day';
  const whole = Math.ceil(days);
  return whole === 1 ? 'about a day' : `about ${figure(whole)} days`;
}

/** That what users did before is subtracted. */
export function adjustmentIn(days: number): string {
  return `What users did in ${days === 1 ? 'the day' : `the ${days} days`} before they entered is subtracted: people who always do a lot, or little, disturb less. The means that are shown are not changed by it; differences and intervals are.`;
}

/** The method in plain words. */
export const METHODS = {
  'always-valid':
    'Always valid: you may look as often as you like and stop when the verdict says so. If there is no difference, this says “better” or “worse” in at most 5 of 100 experiments, however often you look. The price is a wider interval.',
  fixed:
    'Fixed: one look, when the planned number of users is reached; no verdict before. The interval is narrower, and only right at that one look.',
} as const;

/** What a variation serves. */
export function servedText({ variations }: Pick<ExperimentResultsBody, 'variations'>, id: string): string {
  const value = variations.find((variation) => variation.id === id)?.value ?? id;
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}

/** An interval in words, for those who do not see the picture. */
export function intervalText(low: number, high: number): string {
  return `between ${percent(low)} and ${percent(high)}`;
}
