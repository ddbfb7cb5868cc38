import { useState } from 'react';
import type { GrantsBody, LinkBody, UserBody } from '../../../../src/api/access.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { reasonOf } from '../../ui/toasts.js';
import { GrantsField, NO_GRANTS } from './grants-field.js';
import { settingsCalls } from './settings-calls.js';

export function InviteDialog({
  onClose,
  onInvited,
}: {
  readonly onClose: () => void;
  readonly onInvited: (name: string, link: LinkBody) => void;
}) {
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<GrantsBody>({ ...NO_GRANTS, role: 'viewer' });
  const [problem, setProblem] = useState<string>();
  const submit = async () => {
    try {
      const invited = await settingsCalls.invite(name, grants);
      onInvited(invited.user.name, invited);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title="Invite a user"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Make the link
          </Button>
        </>
      }
    >
      <Field label="Name" hint="What the user signs in with." problem={problem}>
        <input
          data-autofocus=""
          autoComplete="off"
          spellCheck={false}
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
            setProblem(undefined);
          }}
        />
      </Field>
      <GrantsField grants={grants} onChange={setGrants} />
    </Dialog>
  );
}

export function RoleDialog({
  user,
  onClose,
  onSave,
}: {
  readonly user: UserBody;
  readonly onClose: () => void;
  readonly onSave: (grants: GrantsBody) => Promise<void>;
}) {
  const [grants, setGrants] = useState<GrantsBody>({ role: user.role, environments: user.environments });
  const [problem, setProblem] = useState<string>();
  const submit = async () => {
    try {
      await onSave(grants);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`What ${user.name} may do`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Save
          </Button>
        </>
      }
    >
      <GrantsField grants={grants} onChange={setGrants} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
