import '../styles/audit.css';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Environment } from '../api/calls.js';
import { keys } from '../api/keys.js';
import { calls } from '../api/session.js';
import { useGuard } from '../editing/guard.js';
import { useMay } from '../shell/may.js';
import { Button, Field } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';
import { saveFile } from '../ui/save-file.js';
import { complain, reasonOf, say } from '../ui/toasts.js';
import { ImportDialog } from './import-dialog.js';

type Described = Pick<Environment, 'key' | 'name' | 'isProtected'>;

/** What can be done with an environment as a whole. */
export function EnvironmentActions({
  environment,
  children,
}: {
  readonly environment: Described;
  /** What else can be done with it. */
  readonly children?: ReactNode;
}) {
  const [dialog, setDialog] = useState<'import' | 'edit'>();
  const { key, name } = environment;
  const may = useMay(key);
  const save = async () => {
    try {
      saveFile(`${key}.flags.json`, await calls.exportEnvironment(key, new AbortController().signal));
    } catch (error) {
      complain(`${name} was not exported`, error);
    }
  };
  const close = () => setDialog(undefined);
  return (
    <div className="card-actions">
      <Button look="quiet" aria-label={`Export ${name}`} onClick={() => void save()}>
        Export
      </Button>
      {may.edit && (
        <Button look="quiet" aria-label={`Import into ${name}`} onClick={() => setDialog('import')}>
          Import
        </Button>
      )}
      {may.rule && (
        <Button look="quiet" aria-label={`Edit ${name}`} onClick={() => setDialog('edit')}>
          Edit
        </Button>
      )}
      {children}
      {dialog === 'import' && <ImportDialog environment={environment} onClose={close} />}
      {dialog === 'edit' && <EditDialog environment={environment} onClose={close} />}
    </div>
  );
}

function EditDialog({ environment, onClose }: { readonly environment: Described; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(environment.name);
  const [isProtected, setProtected] = useState(environment.isProtected);
  const [problem, setProblem] = useState<string>();
  const guard = useGuard(environment.key);
  const submit = async () => {
    if (!guard.isOpen) return;
    try {
      await calls.describeEnvironment(environment.key, { name: name.trim(), isProtected });
      await client.invalidateQueries({ queryKey: keys.environments });
      onClose();
      say(`Saved: ${name.trim()}.`);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`Edit ${environment.name}`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!guard.isOpen}>
            Save
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
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <fieldset className="choices">
        <legend className="visually-hidden">Protection</legend>
        <label>
          <input type="checkbox" checked={isProtected} onChange={() => setProtected(!isProtected)} />
          protected: whoever changes something here types its name first
        </label>
      </fieldset>
      {guard.field}
    </Dialog>
  );
}
