import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MetricType } from '../../../../src/model/experiment.js';
import { experimentCalls } from '../../api/experiments.js';
import { keys } from '../../api/keys.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/notice.js';
import { reasonOf } from '../../ui/toasts.js';
import { asksFor, emptyMetric, type MetricDraft, metricOf } from './metric-draft.js';

const TYPES: Readonly<Record<MetricType, string>> = {
  conversion: 'How many users do it at all',
  count: 'How often a user does it',
  sum: 'What it adds up to for a user, such as revenue',
  ratio: 'One thing divided by another, such as revenue per order',
  retention: 'How many users do it a day or more later',
};

const AGGREGATIONS = { sum: 'The sum of their values', count: 'How many there are' } as const;

/** Defines a metric. */
export function MetricDialog({
  environment,
  event,
  taken,
  onClose,
  onMade,
}: {
  readonly environment: string;
  /** Whose events it counts, to begin with. */
  readonly event: string;
  /** The keys that there are already. */
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onMade: (key: string) => void;
}) {
  const [draft, setDraft] = useState<MetricDraft>(() => emptyMetric(event));
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const change = (part: Partial<MetricDraft>) => setDraft((now) => ({ ...now, ...part }));
  const asked = asksFor(draft);
  const submit = async () => {
    const made = metricOf(draft, taken);
    if ('problem' in made) return setProblem(made.problem);
    try {
      await experimentCalls.saveMetric(environment, made.key, made.metric);
      await client.invalidateQueries({ queryKey: keys.metrics(environment) });
      onMade(made.key);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  const amount = (field: 'cap' | 'windowHours' | 'delayDays', label: string, hint?: string) => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <input
        inputMode="decimal"
        autoComplete="off"
        value={draft[field]}
        onInput={({ currentTarget: { value } }) => change({ [field]: value })}
      />
    </Field>
  );
  const aggregation = (field: 'aggregation' | 'divisorAggregation', label: string) => (
    <Field label={label}>
      <select
        value={draft[field]}
        onChange={({ currentTarget: { value } }) => change({ [field]: value as MetricDraft['aggregation'] })}
      >
        {Object.entries(AGGREGATIONS).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
  return (
    <Dialog
      title="Define a metric"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Define
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <Field label="Name">
        <input
          data-autofocus=""
          autoComplete="off"
          value={draft.name}
          placeholder="Purchases"
          onInput={({ currentTarget: { value } }) => change({ name: value })}
        />
      </Field>
      <Field label="Event" hint="The name that your code tracks: trackMetric(user, 'purchase').">
        <input
          className="mono"
          autoComplete="off"
          value={draft.event}
          onInput={({ currentTarget: { value } }) => change({ event: value })}
        />
      </Field>
      <Field label="What of it">
        <select value={draft.type} onChange={({ currentTarget: { value } }) => change({ type: value as MetricType })}>
          {(Object.keys(TYPES) as MetricType[]).map((one) => (
            <option key={one} value={one}>
              {TYPES[one]}
            </option>
          ))}
        </select>
      </Field>
      {asked.ratio && (
        <>
          {aggregation('aggregation', 'What is divided')}
          <Field label="Event that it is divided by">
            <input
              className="mono"
              autoComplete="off"
              value={draft.divisor}
              onInput={({ currentTarget: { value } }) => change({ divisor: value })}
            />
          </Field>
          {aggregation('divisorAggregation', 'What it is divided by')}
        </>
      )}
      {asked.delay && amount('delayDays', 'Days after the first exposure from which on it counts')}
      {asked.cap && amount('cap', 'At most, for one user', 'So that no single user decides. Empty: no bound.')}
      {amount(
        'windowHours',
        'Hours for which it counts',
        `From ${asked.delay ? 'then' : 'the first exposure'} on. Empty: until the end.`,
      )}
      <label>
        <input
          type="checkbox"
          checked={draft.lowerIsBetter}
          onChange={({ currentTarget: { checked } }) => change({ lowerIsBetter: checked })}
        />{' '}
        Less is better
      </label>
    </Dialog>
  );
}
