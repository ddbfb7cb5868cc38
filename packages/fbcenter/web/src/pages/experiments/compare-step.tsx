import { useEffect, useRef } from 'react';
import { useFlag, useSegments, useSummaries } from '../../api/queries.js';
import { keyFromName } from '../../model/shapes.js';
import { Field } from '../../ui/controls.js';
import { LoadFailure } from '../../ui/notice.js';
import type { SetupDraft } from './setup-draft.js';

interface CompareStepProps {
  readonly environment: string;
  readonly draft: SetupDraft;
  readonly isNew: boolean;
  readonly onChange: (part: Partial<SetupDraft>) => void;
}

/** The first step: which variations of which flag are compared, and what is believed of them. */
export function CompareStep({ environment, draft, isNew, onChange }: CompareStepProps) {
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
