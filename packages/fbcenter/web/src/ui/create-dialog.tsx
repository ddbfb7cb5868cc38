import { useState } from 'react';
import { keyFromName } from '../model/shapes.js';
import { Button, Field } from './controls.js';
import { Dialog } from './dialog.js';
import { Notice } from './notice.js';
import { reasonOf } from './toasts.js';

/** Makes something that has a name for people and a key for programs; the key follows from the name until it is typed. */
export function CreateDialog({
  noun,
  keyLabel,
  keyHint,
  example,
  taken,
  create,
  onClose,
}: {
  /** What is made: "environment". */
  readonly noun: string;
  readonly keyLabel: string;
  readonly keyHint: string;
  /** A name that is shown as an example. */
  readonly example: string;
  /** The keys that there are. */
  readonly taken: readonly string[];
  /** What it throws is shown, and the dialog stays. */
  create(key: string, name: string): Promise<void>;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const key = typedKey ?? keyFromName(name);
  const submit = async () => {
    if (key.trim() === '') return setProblem(`Give the ${noun} a name, or the ${keyLabel.toLowerCase()} itself.`);
    if (taken.includes(key)) return setProblem(`There is one called ${key} already.`);
    try {
      await create(key, name.trim() || key);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`New ${noun}`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Create
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
          placeholder={example}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label={keyLabel} hint={keyHint}>
        <input
          className="mono"
          autoComplete="off"
          spellCheck={false}
          value={key}
          placeholder={keyFromName(example)}
          onInput={(event) => setTypedKey(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
}
