import { describe, expect, it } from 'vitest';
import { after, type ExperimentAction, LIFE } from '../../src/experiments/life.js';
import type { ExperimentState } from '../../src/model/experiment.js';

/** The whole table: what each action makes of each state, `-` where it is refused. */
const TABLE: Readonly<Record<ExperimentAction, Readonly<Record<ExperimentState, string>>>> = {
  edit: { draft: 'draft', running: '-', paused: '-', stopped: 'stopped', archived: '-' },
  start: { draft: 'running', running: '-', paused: '-', stopped: 'running', archived: '-' },
  pause: { draft: '-', running: 'paused', paused: '-', stopped: '-', archived: '-' },
  resume: { draft: '-', running: '-', paused: 'running', stopped: '-', archived: '-' },
  restart: { draft: '-', running: 'running', paused: 'running', stopped: '-', archived: '-' },
  stop: { draft: '-', running: 'stopped', paused: 'stopped', stopped: '-', archived: '-' },
  decide: { draft: '-', running: 'stopped', paused: 'stopped', stopped: 'stopped', archived: '-' },
  recount: { draft: '-', running: 'running', paused: 'paused', stopped: 'stopped', archived: '-' },
  archive: { draft: '-', running: '-', paused: '-', stopped: 'archived', archived: '-' },
  restore: { draft: '-', running: '-', paused: '-', stopped: '-', archived: 'stopped' },
  delete: { draft: 'deleted', running: '-', paused: '-', stopped: '-', archived: 'deleted' },
};

const cells = (Object.keys(TABLE) as ExperimentAction[]).flatMap((action) =>
  (Object.keys(TABLE[action]) as ExperimentState[]).map((state) => [state, action, TABLE[action][state]] as const),
);

describe('the life of an experiment', () => {
  it.each(cells)('%s, %s: %s', (state, action, next) => {
    expect(LIFE[state][action] ?? '-').toBe(next);
    if (next !== '-') expect(after(state, action)).toBe(next);
    else expect(() => after(state, action)).toThrow(expect.objectContaining({ code: 'wrong-state' }));
  });

  it('says what is possible instead', () => {
    expect(() => after('archived', 'start')).toThrow(
      'The experiment is archived: what can be done with it is restore, delete.',
    );
  });
});
