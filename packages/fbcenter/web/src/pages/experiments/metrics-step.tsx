import { useState } from 'react';
import type { MetricRole } from '../../../../src/model/experiment.js';
import { useMetrics } from '../../api/experiments.js';
import { figure } from '../../model/figure.js';
import { Button, Field, IconButton, Skeleton } from '../../ui/controls.js';
import { LoadFailure } from '../../ui/notice.js';
import { MetricDialog } from './metric-dialog.js';
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
      metrics: [
        ...draft.metrics,
        { key, role: draft.metrics.length === 0 ? 'goal' : 'secondary', margin: '', plannedEffect: '' },
      ],
    });
  return (
    <>
      <p>
        One goal is best: with each further one it takes more users to find anything. Guardrails warn of harm. The
        smallest effect that would matter to you says how long it takes.
      </p>
      <LoadFailure of={metrics} what="The metrics" />
      {metrics.data === undefined && metrics.error === null && <Skeleton lines={3} />}
      {draft.metrics.map(({ key, role, margin, plannedEffect }, at) => (
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
              value={role === 'guardrail' ? margin : plannedEffect}
              placeholder={role === 'guardrail' ? '2' : '10'}
              onInput={({ currentTarget: { value } }) =>
                set(at, role === 'guardrail' ? { margin: value } : { plannedEffect: value })
              }
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
          taken={known.map(({ key }) => key)}
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
