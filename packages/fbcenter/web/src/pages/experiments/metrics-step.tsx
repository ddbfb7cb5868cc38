import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MetricRole, MetricType } from '../../../../src/model/experiment.js';
import { experimentCalls, useMetrics } from '../../api/experiments.js';
import { keys } from '../../api/keys.js';
import { figure } from '../../model/figure.js';
import { keyFromName } from '../../model/shapes.js';
import { Button, Field, IconButton, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf } from '../../ui/toasts.js';
import type { SetupDraft } from './setup-draft.js';

const ROLES: Readonly<Record<MetricRole, string>> = {
  goal: 'Goal: decides',
  guardrail: 'Guardrail: must not suffer',
  secondary: 'Secondary: to explore',
};

/** Which metrics decide, which must not suffer, which are looked at. */
export function MetricsStep({
  environment,
  draft,
  onChange,
}: {
  readonly environment: string;
  readonly draft: SetupDraft;
  readonly onChange: (part: Partial<SetupDraft>) => void;
}) {
  const metrics = useMetrics(environment);
  const [defining, define] = useState<string>();
  const known = metrics.data?.items ?? [];
  const rest = known.filter(({ key }) => !draft.metrics.some((use) => use.key === key));
  const set = (at: number, part: Partial<SetupDraft['metrics'][number]>) =>
    onChange({ metrics: draft.metrics.map((use, index) => (index === at ? { ...use, ...part } : use)) });
  const add = (key: string) =>
    onChange({
      metrics: [...draft.metrics, { key, role: draft.metrics.length === 0 ? 'goal' : 'secondary', effect: '' }],
    });
  return (
    <>
      <p>
        One goal is best: with each further one it takes more users to find anything. Guardrails warn of harm. The
        smallest effect that would matter to you says how long it takes.
      </p>
      <LoadFailure of={metrics} what="The metrics" />
      {metrics.data === undefined && metrics.error === null && <Skeleton lines={3} />}
      {draft.metrics.map(({ key, role, effect }, at) => (
        <div key={key} className="metric-choice">
          <strong>{known.find((metric) => metric.key === key)?.name ?? key}</strong>
          <Field label="Role">
            <select value={role} onChange={(event) => set(at, { role: event.currentTarget.value as MetricRole })}>
              {(Object.keys(ROLES) as MetricRole[]).map((name) => (
                <option key={name} value={name}>
                  {ROLES[name]}
                </option>
              ))}
            </select>
          </Field>
          <Field label={role === 'guardrail' ? 'Accepted loss in %' : 'Effect that matters in %'}>
            <input
              inputMode="decimal"
              autoComplete="off"
              value={effect}
              placeholder={role === 'guardrail' ? '2' : '10'}
              onInput={(event) => set(at, { effect: event.currentTarget.value })}
            />
          </Field>
          <IconButton
            icon="trash"
            label={`Remove ${key}`}
            onClick={() => onChange({ metrics: draft.metrics.filter((_, index) => index !== at) })}
          />
        </div>
      ))}
      <Field label="Add a metric">
        <select value="" onChange={(event) => event.currentTarget.value !== '' && add(event.currentTarget.value)}>
          <option value="">Choose a metric</option>
          {rest.map(({ key, name, type }) => (
            <option key={key} value={key}>
              {name} ({type})
            </option>
          ))}
        </select>
      </Field>
      <p className="actions">
        <Button icon="plus" onClick={() => define('')}>
          Define a metric
        </Button>
        {(metrics.data?.offered ?? []).slice(0, 8).map(({ event, count }) => (
          <Button key={event} look="quiet" onClick={() => define(event)}>
            {event} <span className="quiet">{figure(count)} events</span>
          </Button>
        ))}
      </p>
      {defining !== undefined && (
        <MetricDialog
          environment={environment}
          event={defining}
          onClose={() => define(undefined)}
          onMade={(key) => {
            define(undefined);
            add(key);
          }}
        />
      )}
    </>
  );
}

const TYPES: Readonly<Record<Exclude<MetricType, 'ratio'>, string>> = {
  conversion: 'How many users do it at all',
  count: 'How often a user does it',
  sum: 'What it adds up to for a user, such as revenue',
  retention: 'How many users do it a day or more later',
};

function MetricDialog({
  environment,
  event,
  onClose,
  onMade,
}: {
  readonly environment: string;
  readonly event: string;
  readonly onClose: () => void;
  readonly onMade: (key: string) => void;
}) {
  const [name, setName] = useState('');
  const [tracked, setTracked] = useState(event);
  const [type, setType] = useState<keyof typeof TYPES>('conversion');
  const [lowerIsBetter, setLower] = useState(false);
  const [cap, setCap] = useState('');
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const submit = async () => {
    const key = keyFromName(name);
    if (key === '') return setProblem('Give the metric a name.');
    if (tracked.trim() === '') return setProblem('Say which events count.');
    const hasCap = (type === 'count' || type === 'sum') && cap.trim() !== '';
    try {
      const metric = { name, type, event: tracked, lowerIsBetter, ...(hasCap ? { cap: Number(cap) } : {}) };
      await experimentCalls.saveMetric(environment, key, metric);
      await client.invalidateQueries({ queryKey: keys.metrics(environment) });
      onMade(key);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
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
          value={name}
          placeholder="Purchases"
          onInput={(e) => setName(e.currentTarget.value)}
        />
      </Field>
      <Field label="Event" hint="The name that your code tracks: trackMetric(user, 'purchase').">
        <input className="mono" autoComplete="off" value={tracked} onInput={(e) => setTracked(e.currentTarget.value)} />
      </Field>
      <Field label="What of it">
        <select value={type} onChange={(e) => setType(e.currentTarget.value as keyof typeof TYPES)}>
          {(Object.keys(TYPES) as (keyof typeof TYPES)[]).map((one) => (
            <option key={one} value={one}>
              {TYPES[one]}
            </option>
          ))}
        </select>
      </Field>
      {(type === 'count' || type === 'sum') && (
        <Field label="At most, for one user" hint="So that no single user decides. Empty: no bound.">
          <input inputMode="decimal" autoComplete="off" value={cap} onInput={(e) => setCap(e.currentTarget.value)} />
        </Field>
      )}
      <label>
        <input type="checkbox" checked={lowerIsBetter} onChange={(e) => setLower(e.currentTarget.checked)} /> Less is
        better
      </label>
    </Dialog>
  );
}
