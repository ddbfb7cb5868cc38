import { useEffect, useId, useState } from 'react';
import { useLatestUsers } from '../api/queries.js';
import { attributesOf, fitsForm, type PlainUser, readUser, type TypedAttribute, userOf } from '../model/user.js';
import { useMay } from '../shell/may.js';
import { replaceParameters, useParameters } from '../shell/navigation.js';
import { Button, Field, IconButton } from '../ui/controls.js';

/** The address follows when typing rests, in milliseconds. */
const ADDRESS_DELAY = 250;

/** The user that is asked about. It stands in the address, so that the question can be sent to somebody. */
export function useAskedUser(): { readonly user: PlainUser | undefined; readonly text: string } {
  const text = useParameters().get('user') ?? '';
  const user = text === '' ? undefined : readUser(text);
  return { user: typeof user === 'string' ? undefined : user, text };
}

/** A user to ask about: typed as a form or as JSON, or chosen from those seen lately. */
export function UserForm({
  environment,
  attributes,
}: {
  readonly environment: string;
  /** Names of attributes that are offered. */
  readonly attributes: readonly string[];
}) {
  const { user: asked, text: inAddress } = useAskedUser();
  // Who only looks does not see the users of others.
  const may = useMay(environment);
  const latest = useLatestUsers(environment, may.edit).data ?? [];
  const [json, setJson] = useState<string | undefined>(() =>
    asked !== undefined && !fitsForm(asked) ? JSON.stringify(asked, null, 2) : undefined,
  );
  const [key, setKey] = useState(asked?.key ?? '');
  const [rows, setRows] = useState<readonly TypedAttribute[]>(() => (asked === undefined ? [] : attributesOf(asked)));
  const list = useId();

  const typed = json === undefined ? userOf(key, rows) : readUser(json);
  const problem = typeof typed === 'string' ? typed : undefined;
  const wanted = typeof typed === 'string' || typed.key.trim() === '' ? '' : JSON.stringify(typed);
  useEffect(() => {
    if (wanted === inAddress) return;
    const timer = setTimeout(() => replaceParameters({ user: wanted }), ADDRESS_DELAY);
    return () => clearTimeout(timer);
  }, [wanted, inAddress]);

  const take = (user: PlainUser) => {
    setKey(user.key);
    setRows(attributesOf(user));
    setJson(json === undefined && fitsForm(user) ? undefined : JSON.stringify(user, null, 2));
  };
  const setRow = (index: number, change: Partial<TypedAttribute>) =>
    setRows((before) => before.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <form className="user-form" aria-label="The user" onSubmit={(event) => event.preventDefault()}>
      {latest.length > 0 && (
        <Field label="A user seen lately">
          <select
            value=""
            onChange={({ currentTarget: { value } }) => {
              const chosen = latest.find(({ user }) => user.key === value);
              if (chosen !== undefined) take(chosen.user as PlainUser);
            }}
          >
            <option value="">choose …</option>
            {latest.map(({ user }) => (
              <option key={String(user.key)} value={String(user.key)}>
                {String(user.key)}
              </option>
            ))}
          </select>
        </Field>
      )}
      {json === undefined ? (
        <>
          <Field label="User key">
            <input
              autoComplete="off"
              spellCheck={false}
              placeholder="ada"
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          </Field>
          <fieldset className="attribute-rows">
            <legend>Attributes</legend>
            {rows.map(({ name, value }, index) => (
              <div key={index} className="attribute-row">
                <input
                  aria-label={`Name of attribute ${index + 1}`}
                  list={list}
                  autoComplete="off"
                  placeholder="country"
                  value={name}
                  onInput={(event) => setRow(index, { name: event.currentTarget.value })}
                />
                <input
                  aria-label={`Value of ${name || `attribute ${index + 1}`}`}
                  autoComplete="off"
                  placeholder="NZ"
                  value={value}
                  onInput={(event) => setRow(index, { value: event.currentTarget.value })}
                />
                <IconButton
                  icon="close"
                  label={`Remove ${name || `attribute ${index + 1}`}`}
                  onClick={() => setRows((before) => before.filter((_, at) => at !== index))}
                />
              </div>
            ))}
            <datalist id={list}>
              {attributes.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </fieldset>
          <div className="user-actions">
            <Button
              look="quiet"
              icon="plus"
              onClick={() => setRows((before) => [...before, { name: firstMissing(attributes, before), value: '' }])}
            >
              Attribute
            </Button>
            <Button
              look="quiet"
              onClick={() => setJson(JSON.stringify({ ...userOf(key, rows), key: key || 'ada' }, null, 2))}
            >
              As JSON
            </Button>
          </div>
        </>
      ) : (
        <>
          <Field label="The user as JSON" problem={problem}>
            <textarea
              className="mono"
              rows={8}
              spellCheck={false}
              value={json}
              aria-invalid={problem !== undefined}
              onInput={(event) => setJson(event.currentTarget.value)}
            />
          </Field>
          <div className="user-actions">
            <Button
              look="quiet"
              disabled={typeof typed === 'string' || !fitsForm(typed)}
              onClick={() => {
                if (typeof typed === 'string') return;
                take(typed);
                setJson(undefined);
              }}
            >
              As a form
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

/** The first of the attributes that are offered which has no row yet. */
function firstMissing(attributes: readonly string[], rows: readonly TypedAttribute[]): string {
  return attributes.find((name) => name !== 'keyId' && !rows.some((row) => row.name === name)) ?? '';
}
