import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import { experimentCalls, useChecks, useExperiment, useMetrics } from '../../api/experiments.js';
import { keys } from '../../api/keys.js';
import { useFlag, useSegments, useSummaries } from '../../api/queries.js';
import { hrefOf } from '../../model/route.js';
import { keyFromName } from '../../model/shapes.js';
import { goTo } from '../../shell/navigation.js';
import { Button, Field, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';
import '../../styles/experiments.css';
import { MetricsStep } from './metrics-step.js';
import { METHODS } from './plain-words.js';
import { emptyDraft, type SetupDraft, settingsOf } from './setup-draft.js';
import { SizeStep } from './size-step.js';

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

function missingIn(draft: SetupDraft, step: number): string | undefined {
  if (step === 0) {
    if (draft.name.trim() === '') return 'Give the experiment a name.';
    if (draft.key.trim() === '') return 'Give the experiment a key.';
    if (draft.flagKey === '') return 'Choose a flag.';
    if (draft.treatments.length === 0) return 'Choose at least one variation to compare with the control.';
  }
  if (step === 1 && !draft.metrics.some(({ role }) => role === 'goal'))
    return 'Choose a metric as the goal: it decides.';
  if (step === 2 && !(draft.plannedUsers >= 100)) return 'Plan for at least 100 users.';
  return undefined;
}

interface StepProps {
  readonly environment: string;
  readonly draft: SetupDraft;
  readonly onChange: (part: Partial<SetupDraft>) => void;
}

function CompareStep({ environment, draft, isNew, onChange }: StepProps & { readonly isNew: boolean }) {
  const flags = useSummaries(environment);
  const segments = useSegments(environment);
  const flag = useFlag(environment, draft.flagKey);
  const variations = draft.flagKey === '' ? [] : (flag.data?.data.variations ?? []);
  const choices = (flags.data ?? []).filter(({ isArchived }) => !isArchived);
  const control = draft.control === '' ? (flag.data?.data.disabledVariationId ?? '') : draft.control;
  const setControl = (id: string) =>
    onChange({
      control: id,
      treatments: variations
        .map((one) => one.id)
        .filter((one) => one !== id)
        .slice(0, 9),
    });
  const isChosen = draft.control === '' && control !== '' && variations.length > 0;
  const setFirst = useRef(setControl);
  setFirst.current = setControl;
  useEffect(() => {
    if (isChosen) setFirst.current(control);
  }, [isChosen, control]);
  return (
    <>
      <Field label="Name">
        <input
          autoComplete="off"
          value={draft.name}
          placeholder="A friendlier button"
          onInput={(event) => {
            const name = event.currentTarget.value;
            onChange(isNew && !draft.hasOwnKey ? { name, key: keyFromName(name) } : { name });
          }}
        />
      </Field>
      <Field label="Key" hint={isNew ? 'Cannot be changed later.' : undefined}>
        <input
          className="mono"
          autoComplete="off"
          spellCheck={false}
          value={draft.key}
          disabled={!isNew}
          onInput={(event) => onChange({ key: event.currentTarget.value, hasOwnKey: true })}
        />
      </Field>
      <Field label="What do you believe, and why?" hint="Written down before, it cannot be found afterwards.">
        <textarea
          rows={3}
          value={draft.hypothesis}
          onInput={(event) => onChange({ hypothesis: event.currentTarget.value })}
        />
      </Field>
      <LoadFailure of={flags} what="The flags" />
      <Field label="Flag">
        <select
          value={draft.flagKey}
          onChange={(event) => onChange({ flagKey: event.currentTarget.value, control: '', treatments: [] })}
        >
          <option value="">Choose a flag</option>
          {choices.map(({ key, name }) => (
            <option key={key} value={key}>
              {name === key ? key : `${name} (${key})`}
            </option>
          ))}
        </select>
      </Field>
      {variations.length > 0 && (
        <>
          <Field label="Control" hint="What the others are compared with: mostly what users see today.">
            <select value={control} onChange={(event) => setControl(event.currentTarget.value)}>
              {variations.map(({ id, value }) => (
                <option key={id} value={id}>
                  {value.slice(0, 60)}
                </option>
              ))}
            </select>
          </Field>
          <fieldset className="choices">
            <legend>Compared with it</legend>
            {variations
              .filter(({ id }) => id !== control)
              .map(({ id, value }) => (
                <label key={id}>
                  <input
                    type="checkbox"
                    checked={draft.treatments.includes(id)}
                    onChange={(event) =>
                      onChange({
                        treatments: event.currentTarget.checked
                          ? [...draft.treatments, id]
                          : draft.treatments.filter((one) => one !== id),
                      })
                    }
                  />
                  {value.slice(0, 60)}
                </label>
              ))}
          </fieldset>
        </>
      )}
      <Field label="Leave out the users of a segment" hint="Bots, staff, testers.">
        <select
          value={draft.excludedSegment}
          onChange={(event) => onChange({ excludedSegment: event.currentTarget.value })}
        >
          <option value="">Nobody</option>
          {(segments.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}

const LEVELS = { error: ['bad', 'Missing'], warning: ['wrong', 'Look'], ok: ['good', 'Good'] } as const;

function StartStep({ environment, experiment }: { readonly environment: string; readonly experiment: ExperimentBody }) {
  const { key, revision, name } = experiment;
  const checks = useChecks(environment, key, revision);
  const metrics = useMetrics(environment);
  const [problem, setProblem] = useState<ReactNode>();
  const client = useQueryClient();
  const start = async (adjustFlag: boolean) => {
    try {
      await experimentCalls.act(environment, key, 'start', { adjustFlag });
      void client.invalidateQueries({ queryKey: ['env', environment] });
      goTo({ page: 'experiment', environment, key });
      say(`${name} runs.`);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  const { data } = checks;
  if (data === undefined)
    return checks.error === null ? <Skeleton lines={5} /> : <LoadFailure of={checks} what="The checks" />;
  return (
    <>
      <LoadFailure of={metrics} what="The metrics" />
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <ul className="check-list">
        {data.checks.map(({ code, level, message }) => {
          const [tone, word] = LEVELS[level];
          return (
            <li key={`${code} ${message}`}>
              <span className={`verdict ${tone}`}>{word}</span>
              <span>{message}</span>
            </li>
          );
        })}
      </ul>
      <p>
        With the start the flag’s variations and shares, the metrics and these settings are frozen. If the flag is
        changed afterwards, the results say so.
      </p>
      <p className="actions">
        <Button look="primary" disabled={!data.canStart} onClick={() => void start(false)}>
          Start
        </Button>
        {!data.canStart && data.canStartAdjusted && (
          <Button look="primary" onClick={() => void start(true)}>
            Set the flag so, and start
          </Button>
        )}
      </p>
      {!data.canStart && data.canStartAdjusted && (
        <p className="quiet">
          Then the flag lets exactly those users in for whom chance decides. Who is served what stays as it is.
        </p>
      )}
    </>
  );
}
