import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import { experimentCalls, useExperiment } from '../../api/experiments.js';
import { keys } from '../../api/keys.js';
import { hrefOf } from '../../model/route.js';
import { Button, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf } from '../../ui/toasts.js';
import '../../styles/experiments.css';
import { CompareStep } from './compare-step.js';
import { MetricsStep } from './metrics-step.js';
import { METHODS } from './plain-words.js';
import { emptyDraft, missingIn, type SetupDraft, settingsOf } from './setup-draft.js';
import { SizeStep } from './size-step.js';
import { StartStep } from './start-step.js';

const STEPS = ['What is compared', 'What decides', 'How many users', 'Check and start'] as const;

/** Sets an experiment up in four steps. */
export function SetupPage({
  environment,
  experimentKey,
}: {
  readonly environment: string;
  readonly experimentKey: string | undefined;
}) {
  const experiment = useExperiment(environment, experimentKey ?? '', experimentKey !== undefined);
  if (experimentKey !== undefined && experiment.data === undefined) {
    return (
      <div className="page">
        <Heading title={experimentKey} />
        <LoadFailure of={experiment} what="The experiment" />
        {experiment.error === null && <Skeleton lines={6} />}
      </div>
    );
  }
  return <Steps environment={environment} experiment={experiment.data} />;
}

function Steps({
  environment,
  experiment,
}: {
  readonly environment: string;
  readonly experiment: ExperimentBody | undefined;
}) {
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<SetupDraft>(() => emptyDraft(experiment));
  const [saved, setSaved] = useState(experiment);
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const change = (part: Partial<SetupDraft>) => setDraft((now) => ({ ...now, ...part }));
  const key = saved?.key ?? draft.key;
  const missing = missingIn(draft, step);
  const next = async () => {
    setProblem(missing);
    if (missing !== undefined) return;
    if (step < 2) return setStep(step + 1);
    try {
      const body = await experimentCalls.save(environment, key, settingsOf(draft), saved?.revision);
      client.setQueryData(keys.experiment(environment, key), body);
      void client.invalidateQueries({ queryKey: keys.experiments(environment) });
      setSaved(body);
      setStep(3);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <div className="page experiment">
      <Link className="back" href={hrefOf({ page: 'experiments', environment })}>
        <Icon name="back" /> Experiments
      </Link>
      <Heading title={experiment === undefined ? 'New experiment' : `Set up: ${experiment.name}`} />
      <ol className="steps" aria-label="Steps">
        {STEPS.map((name, index) => (
          <li key={name} aria-current={index === step ? 'step' : undefined} className={index > step ? 'muted' : ''}>
            {index + 1}. {name}
          </li>
        ))}
      </ol>
      <form
        className="setup"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (step < 3) void next();
        }}
      >
        {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
        {step === 0 && (
          <CompareStep environment={environment} draft={draft} isNew={saved === undefined} onChange={change} />
        )}
        {step === 1 && <MetricsStep environment={environment} draft={draft} onChange={change} />}
        {step === 2 && <SizeStep draft={draft} onChange={change} methods={METHODS} />}
        {step === 3 && saved !== undefined && <StartStep environment={environment} experiment={saved} />}
        <p className="actions">
          {step > 0 && <Button onClick={() => setStep(step - 1)}>Back</Button>}
          {step < 3 && (
            <Button look="primary" type="submit">
              {step === 2 ? 'Save and check' : 'Next'}
            </Button>
          )}
        </p>
      </form>
    </div>
  );
}
