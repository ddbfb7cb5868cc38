import { useState } from 'react';
import { figure } from '../../model/figure.js';
import { Button, Field } from '../../ui/controls.js';
import { usersFor } from './planned-users.js';
import { type SetupDraft, shareIn } from './setup-draft.js';

const COVARIATE_HINT =
  'The intervals are narrower where people go on as before. It is kept from now on: save the draft, and start when the days are over.';

/** Those that are usual, and the one that was chosen elsewhere. */
function daysOffered(chosen: number | null): readonly number[] {
  return [...new Set([7, 14, 28, ...(chosen === null ? [] : [chosen])])].sort((a, b) => a - b);
}

/** How many users are planned, and how they are looked at. */
export function SizeStep({
  draft,
  onChange,
  methods,
}: {
  readonly draft: SetupDraft;
  readonly onChange: (part: Partial<SetupDraft>) => void;
  readonly methods: Readonly<Record<SetupDraft['method'], string>>;
}) {
  const goal = draft.metrics.find(({ role }) => role === 'goal');
  const [rate, setRate] = useState('5');
  const [effect, setEffect] = useState(goal === undefined || goal.plannedEffect === '' ? '10' : goal.plannedEffect);
  const needed = usersFor(shareIn(rate) ?? 0, shareIn(effect) ?? 0, draft.method);
  return (
    <>
      <fieldset className="choices">
        <legend>How will you look at it?</legend>
        {(['always-valid', 'fixed'] as const).map((method) => (
          <label key={method}>
            <input type="radio" name="method" checked={draft.method === method} onChange={() => onChange({ method })} />{' '}
            {methods[method]}
          </label>
        ))}
      </fieldset>
      <Field
        label="Planned users of two variations together"
        hint="Fixed before the start: intervals are narrowest there."
      >
        <input
          inputMode="numeric"
          autoComplete="off"
          value={String(draft.plannedUsers)}
          onInput={(event) => onChange({ plannedUsers: Number(event.currentTarget.value.replace(/\D/g, '')) })}
        />
      </Field>
      <Field label="Subtract what users did before they entered" hint={COVARIATE_HINT}>
        <select
          value={draft.covariateDays ?? ''}
          onChange={({ currentTarget: { value } }) => onChange({ covariateDays: value === '' ? null : Number(value) })}
        >
          <option value="">No</option>
          {daysOffered(draft.covariateDays).map((days) => (
            <option key={days} value={days}>
              {days === 1 ? 'Of the day before' : `Of the ${days} days before`}
            </option>
          ))}
        </select>
      </Field>
      <section className="needed" aria-label="What would be needed">
        <h2>What would be needed?</h2>
        <p className="quiet">For a conversion, to find the effect in 80 of 100 experiments in which it is there.</p>
        <Field label="Of 100 users do it today">
          <input
            inputMode="decimal"
            autoComplete="off"
            value={rate}
            onInput={(event) => setRate(event.currentTarget.value)}
          />
        </Field>
        <Field label="An effect that would matter, in %">
          <input
            inputMode="decimal"
            autoComplete="off"
            value={effect}
            onInput={(event) => setEffect(event.currentTarget.value)}
          />
        </Field>
        {needed === undefined ? (
          <p role="status">These numbers are not a rate and an effect.</p>
        ) : (
          <p role="status">
            About <strong>{figure(needed)}</strong> users of two variations together.{' '}
            <Button look="quiet" onClick={() => onChange({ plannedUsers: Math.max(100, needed) })}>
              Plan for that
            </Button>
          </p>
        )}
      </section>
    </>
  );
}
