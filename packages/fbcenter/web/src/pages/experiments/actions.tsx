import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import type { ExperimentState } from '../../../../src/model/experiment.js';
import { type ExperimentAct, experimentCalls } from '../../api/experiments.js';
import { keys } from '../../api/keys.js';
import { useFlag } from '../../api/queries.js';
import { goTo } from '../../shell/navigation.js';
import { Button } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';

type Ask = 'restart' | 'stop' | 'decide' | 'delete';

/** What can be done in each state, the next thing first. */
const POSSIBLE: Readonly<Record<ExperimentState, readonly (ExperimentAct | Ask | 'set-up')[]>> = {
  draft: ['set-up', 'delete'],
  running: ['decide', 'pause', 'restart', 'stop'],
  paused: ['resume', 'decide', 'restart', 'stop'],
  stopped: ['decide', 'set-up', 'archive'],
  archived: ['restore', 'delete'],
};

const LABELS: Readonly<Record<ExperimentAct | Ask | 'set-up', string>> = {
  'set-up': 'Set up',
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  restart: 'Restart',
  stop: 'Stop',
  decide: 'Decide',
  archive: 'Archive',
  restore: 'Restore',
  delete: 'Delete',
};

const ASKED: readonly string[] = ['restart', 'stop', 'decide', 'delete'] satisfies readonly Ask[];

export function Actions({
  environment,
  experiment,
}: {
  readonly environment: string;
  readonly experiment: ExperimentBody;
}) {
  const [asked, ask] = useState<Ask>();
  const { key, state, name } = experiment;
  const client = useQueryClient();
  const act = async (action: ExperimentAct, done: string) => {
    try {
      client.setQueryData(keys.experiment(environment, key), await experimentCalls.act(environment, key, action));
      void client.invalidateQueries({ queryKey: keys.experiment(environment, key) });
      say(done);
    } catch (error) {
      say(reasonOf(error));
    }
  };
  const press = (action: ExperimentAct | Ask | 'set-up') => {
    if (action === 'set-up') goTo({ page: 'experiment-setup', environment, key });
    else if (ASKED.includes(action)) ask(action as Ask);
    else void act(action as ExperimentAct, `${name}: done.`);
  };
  return (
    <div className="actions">
      {POSSIBLE[state].map((action, index) => (
        <Button key={action} look={index === 0 ? 'primary' : 'plain'} onClick={() => press(action)}>
          {LABELS[action]}
        </Button>
      ))}
      {asked === 'decide' && (
        <DecideDialog environment={environment} experiment={experiment} onClose={() => ask(undefined)} />
      )}
      {asked !== undefined && asked !== 'decide' && (
        <AskDialog environment={environment} experiment={experiment} what={asked} onClose={() => ask(undefined)} />
      )}
    </div>
  );
}

const EFFECTS: Readonly<Record<Exclude<Ask, 'decide'>, string>> = {
  restart:
    'The iteration that runs ends, and another one begins that counts from now, with nobody. What was counted so far can still be looked at.',
  stop: 'Nobody is counted any more. Events that are late still come in for 72 hours; then the results are frozen. The flag stays as it is.',
  delete: 'The experiment is gone for good, with all that it has counted.',
};

interface DialogProps {
  readonly environment: string;
  readonly experiment: ExperimentBody;
  readonly onClose: () => void;
}

function AskDialog({
  environment,
  experiment,
  what,
  onClose,
}: DialogProps & { readonly what: Exclude<Ask, 'decide'> }) {
  const { key, name } = experiment;
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const submit = async () => {
    try {
      if (what === 'delete') {
        await experimentCalls.delete(environment, key);
        goTo({ page: 'experiments', environment });
      } else {
        await experimentCalls.act(environment, key, what);
      }
      void client.invalidateQueries({ queryKey: ['env', environment] });
      onClose();
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`${LABELS[what]}: ${name}`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={what === 'delete' ? 'danger' : 'primary'} type="submit" data-autofocus="">
            {LABELS[what]}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <p>{EFFECTS[what]}</p>
    </Dialog>
  );
}

/** Rolls a variation out, or puts the control back: says what it does to the flag. */
function DecideDialog({ environment, experiment, onClose }: DialogProps) {
  const { key, name, control, treatments, flagKey } = experiment;
  const flag = useFlag(environment, flagKey);
  const [variation, choose] = useState(treatments[0] ?? control);
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const value = (id: string) => flag.data?.data.variations.find((one) => one.id === id)?.value ?? id;
  const submit = async () => {
    try {
      const body = variation === control ? { putBack: true } : { rollOut: variation };
      await experimentCalls.act(environment, key, 'decide', body);
      void client.invalidateQueries({ queryKey: ['env', environment] });
      onClose();
      say(`“${value(variation)}” is served to everybody now.`);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`Decide: ${name}`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {variation === control ? 'Put the control back' : 'Roll it out'}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <fieldset className="choices">
        <legend>Which variation is served from now on?</legend>
        {[...treatments, control].map((id, index) => (
          <label key={id}>
            <input
              type="radio"
              name="variation"
              checked={variation === id}
              onChange={() => choose(id)}
              data-autofocus={index === 0 ? '' : undefined}
            />
            “{value(id)}” {id === control && <span className="quiet">the control</span>}
          </label>
        ))}
      </fieldset>
      <p>
        The experiment ends. In {flagKey}, everybody who was served one of the variations by chance is served “
        {value(variation)}”. Rules that serve one variation stay as they are.
      </p>
    </Dialog>
  );
}
