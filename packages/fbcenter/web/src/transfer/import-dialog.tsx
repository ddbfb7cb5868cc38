import { useState } from 'react';
import type { Environment } from '../api/calls.js';
import { calls } from '../api/session.js';
import { count } from '../model/words.js';
import { Field } from '../ui/controls.js';
import { Notice } from '../ui/notice.js';
import { say } from '../ui/toasts.js';
import { TransferDialog } from './transfer-dialog.js';

interface Chosen {
  readonly name: string;
  /** Another one for each choice, so that a file that was edited is looked at again. */
  readonly serial: number;
  readonly content: unknown;
}

/** Puts what is in a file into an environment, after a look at what that would do. */
export function ImportDialog({
  environment: { key, name },
  onClose,
}: {
  readonly environment: Pick<Environment, 'key' | 'name'>;
  readonly onClose: () => void;
}) {
  const [chosen, setChosen] = useState<Chosen>();
  const [problem, setProblem] = useState<string>();
  const [withSwitch, setWithSwitch] = useState(true);
  const choose = async (file: File | undefined) => {
    setChosen(undefined);
    setProblem(undefined);
    if (file === undefined) return;
    try {
      const content: unknown = JSON.parse(await file.text());
      setChosen((before) => ({ name: file.name, content, serial: (before?.serial ?? 0) + 1 }));
    } catch {
      setProblem(`${file.name} is not JSON.`);
    }
  };
  return (
    <TransferDialog
      // A file that was chosen anew has nothing to do with what was shown of the one before.
      key={chosen === undefined ? '' : `${chosen.name} ${chosen.serial}`}
      title={`Import into ${name}`}
      into={key}
      verb="Import"
      question={chosen === undefined ? undefined : String(withSwitch)}
      run={(plan, comment) => calls.importFile(key, chosen?.content, { withSwitch, plan, comment })}
      onDone={({ counts }) => {
        onClose();
        say(`${count(counts.created + counts.changed, 'item was', 'items were')} imported into ${name}.`);
      }}
      onClose={onClose}
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {chosen === undefined ? (
        <Field label="File" hint="One that was exported here or elsewhere. What is not in it stays as it is.">
          <input
            type="file"
            accept=".json,application/json"
            data-autofocus=""
            onChange={(event) => void choose(event.currentTarget.files?.[0])}
          />
        </Field>
      ) : (
        <p>
          <strong>{chosen.name}</strong>
        </p>
      )}
      <fieldset className="choices">
        <legend className="visually-hidden">What is taken over</legend>
        <label>
          <input type="checkbox" checked={withSwitch} onChange={() => setWithSwitch(!withSwitch)} />
          the switches too; otherwise they stay as they are here, and new flags begin off
        </label>
      </fieldset>
    </TransferDialog>
  );
}
