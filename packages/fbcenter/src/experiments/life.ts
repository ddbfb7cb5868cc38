import type { ExperimentState } from '../model/experiment.js';
import { Refusal } from '../model/refusal.js';

/** What can be done with an experiment. */
export type ExperimentAction =
  | 'edit'
  | 'start'
  | 'pause'
  | 'resume'
  | 'restart'
  | 'stop'
  | 'decide'
  | 'recount'
  | 'archive'
  | 'restore'
  | 'delete';

/** What an action makes of a state; null where it is not possible. */
type Transitions = Readonly<Record<ExperimentAction, ExperimentState | 'deleted' | null>>;

const NOTHING: Transitions = {
  edit: null,
  start: null,
  pause: null,
  resume: null,
  restart: null,
  stop: null,
  decide: null,
  recount: null,
  archive: null,
  restore: null,
  delete: null,
};

/** The life of an experiment, cell by cell. What is not named is not possible. */
export const LIFE: Readonly<Record<ExperimentState, Transitions>> = {
  draft: { ...NOTHING, edit: 'draft', start: 'running', delete: 'deleted' },
  running: { ...NOTHING, pause: 'paused', restart: 'running', stop: 'stopped', decide: 'stopped', recount: 'running' },
  paused: { ...NOTHING, resume: 'running', restart: 'running', stop: 'stopped', decide: 'stopped', recount: 'paused' },
  stopped: {
    ...NOTHING,
    ...{ edit: 'stopped', start: 'running', decide: 'stopped', recount: 'stopped', archive: 'archived' },
  },
  archived: { ...NOTHING, restore: 'stopped', delete: 'deleted' },
};

/**
 * The state after an action.
 *
 * @throws Refusal `wrong-state` that says what is possible instead.
 */
export function after(state: ExperimentState, action: ExperimentAction): ExperimentState | 'deleted' {
  const next = LIFE[state][action];
  if (next !== null) return next;
  const possible = Object.entries(LIFE[state]).flatMap(([name, to]) => (to === null ? [] : [name]));
  throw new Refusal('wrong-state', `The experiment is ${state}: what can be done with it is ${possible.join(', ')}.`);
}
