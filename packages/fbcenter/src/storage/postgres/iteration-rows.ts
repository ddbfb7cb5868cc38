import type { Iteration } from '../../model/experiment.js';
import { intactValue } from '../kept-json.js';

/** What is read of an iteration. */
export const ITERATION = 'SELECT id, environment_id, experiment_key, number, text FROM iterations';

export interface IterationRow {
  readonly id: number;
  readonly environment_id: string;
  readonly experiment_key: string;
  readonly number: number;
  readonly text: string;
}

/** What is damaged is left out, and the others are not disturbed. */
export function iterationOf({ id, experiment_key: experimentKey, number, text }: IterationRow): Iteration | undefined {
  const rest = intactValue<Omit<Iteration, 'id' | 'experimentKey' | 'number'>>(text);
  return rest && { ...rest, id, experimentKey, number };
}
