import type { OverallVerdict } from '../../../../src/api/experiments.js';
import type { ExperimentState } from '../../../../src/model/experiment.js';
import { STATES, VERDICTS } from './plain-words.js';

export function VerdictBadge({ verdict }: { readonly verdict: OverallVerdict }) {
  const { word, tone } = VERDICTS[verdict];
  return <span className={`verdict ${tone}`}>{word}</span>;
}

export function StateBadge({ state }: { readonly state: ExperimentState }) {
  return <span className={`experiment-state ${state}`}>{STATES[state]}</span>;
}
