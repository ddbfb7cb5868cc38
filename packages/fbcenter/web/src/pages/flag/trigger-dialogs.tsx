import { useState } from 'react';
import type { NewTriggerBody, TriggerBody } from '../../../../src/api/triggers.js';
import { TRIGGER_ACTIONS, type TriggerAction } from '../../../../src/model/trigger.js';
import { triggerCalls } from '../../api/triggers.js';
import { ConfirmDialog } from '../../editing/confirm-dialog.js';
import { useGuard } from '../../editing/guard.js';
import { type RefusedField, refusedField } from '../../model/refused-field.js';
import { ACTION_NAMES, ACTION_TEXTS, curlOf } from '../../model/triggers.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/notice.js';
import { reasonOf } from '../../ui/toasts.js';
import { ShownOnce } from '../settings/shown-once.js';

/** What somebody is asked, or shown, about the triggers of a flag. */
export type TriggerQuestion =
  | { readonly name: 'make' }
  /** With its address, for the only time. */
  | { readonly name: 'made'; readonly made: NewTriggerBody }
  | { readonly name: 'rename' | 'switch' | 'renew' | 'remove'; readonly trigger: TriggerBody };

interface QuestionProps {
  readonly environment: string;
  readonly flagKey: string;
  /** It is done: a sentence that says so, or what is shown once. */
  readonly onDone: (done: string | NewTriggerBody) => Promise<void>;
  readonly onClose: () => void;
}

export function TriggerDialog({ question, ...props }: QuestionProps & { readonly question: TriggerQuestion }) {
  const { environment, flagKey, onDone, onClose } = props;
  if (question.name === 'make') return <NameDialog {...props} />;
  if (question.name === 'made') return <AddressDialog made={question.made} onClose={onClose} />;
  const { trigger } = question;
  const { id, name, action, isEnabled } = trigger;
  switch (question.name) {
    case 'rename':
      return <NameDialog {...props} trigger={trigger} />;
    case 'switch':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Switch the trigger ${name} ${isEnabled ? 'off' : 'on'}?`}
          action={`Switch ${isEnabled ? 'off' : 'on'}`}
          run={async () => {
            await triggerCalls.change(environment, flagKey, id, { isEnabled: !isEnabled });
            await onDone(`The trigger ${name} is ${isEnabled ? 'off' : 'on'}.`);
          }}
          onClose={onClose}
        >
          {isEnabled
            ? 'Whoever posts to its address is answered as if there were none, until it is on again.'
            : `Whoever posts to its address ${ACTION_TEXTS[action]} again.`}
        </ConfirmDialog>
      );
    case 'renew':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Give the trigger ${name} a new address?`}
          action="Make a new address"
          run={async () => onDone(await triggerCalls.renew(environment, flagKey, id))}
          onClose={onClose}
        >
          The address of now ends at once: what posts there switches nothing any more. The new one is shown once.
        </ConfirmDialog>
      );
    case 'remove':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Remove the trigger ${name}?`}
          action="Remove"
          isDanger
          run={async () => {
            await triggerCalls.remove(environment, flagKey, id);
            await onDone(`The trigger ${name} is removed.`);
          }}
          onClose={onClose}
        >
          Its address ends at once: what posts there switches nothing any more. It cannot be brought back.
        </ConfirmDialog>
      );
  }
}

/** What a new trigger is called and does; of one that there is, what it is called. */
function NameDialog({
  environment,
  flagKey,
  trigger,
  onDone,
  onClose,
}: QuestionProps & { readonly trigger?: TriggerBody }) {
  const guard = useGuard(environment);
  const [name, setName] = useState(trigger?.name ?? '');
  const [action, setAction] = useState<TriggerAction>('off');
  const [refused, setRefused] = useState<RefusedField<'name'>>();
  const [isSending, setSending] = useState(false);
  const submit = async () => {
    if (!guard.isOpen || isSending) return;
    setSending(true);
    const wanted = name.trim();
    try {
      if (trigger === undefined) {
        await onDone(await triggerCalls.create(environment, flagKey, { name: wanted, action }));
      } else {
        await triggerCalls.change(environment, flagKey, trigger.id, { name: wanted });
        await onDone(`Saved: ${wanted}.`);
      }
    } catch (error) {
      setRefused(refusedField(reasonOf(error), ['name']));
      setSending(false);
    }
  };
  return (
    <Dialog
      title={trigger === undefined ? `New trigger of ${flagKey}` : `Rename ${trigger.name}`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isSending || !guard.isOpen}>
            {trigger === undefined ? 'Create' : 'Save'}
          </Button>
        </>
      }
    >
      {refused !== undefined && refused.field === undefined && <Notice kind="warning">{refused.text}</Notice>}
      <Field
        label="Name"
        hint="Which program uses it: the history says it when the flag is switched."
        problem={refused?.field === 'name' ? refused.text : undefined}
      >
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="Error rate"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      {trigger === undefined && (
        <fieldset className="choices">
          <legend className="field-label">What it does</legend>
          {TRIGGER_ACTIONS.map((one) => (
            <label key={one}>
              <input type="radio" name="action" checked={one === action} onChange={() => setAction(one)} />
              {ACTION_NAMES[one]}
            </label>
          ))}
        </fieldset>
      )}
      {guard.field}
    </Dialog>
  );
}

/** The address of a trigger, which nobody can show again, and how it is used. */
function AddressDialog({
  made: { name, path },
  onClose,
}: {
  readonly made: NewTriggerBody;
  readonly onClose: () => void;
}) {
  const address = location.origin + path;
  return (
    <ShownOnce
      title={`The address of ${name}`}
      text={address}
      hint="Whoever posts to it switches the flag: keep it where credentials are. It is not shown again; should it get lost, make a new one."
      command={curlOf(address)}
      onClose={onClose}
    />
  );
}
