import { useState } from 'react';
import type { WebhookFields } from '../../api/webhooks.js';
import { useGuard } from '../../editing/guard.js';
import { type RefusedField, refusedField } from '../../model/refused-field.js';
import { DEFAULT_EVENTS, eventsProblem, OFFERED_EVENTS } from '../../model/webhooks.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { ListInput } from '../../ui/list-input.js';
import { Notice } from '../../ui/notice.js';
import { reasonOf } from '../../ui/toasts.js';

const FIELDS = ['name', 'url', 'events'] as const;
const NEW: WebhookFields = { name: '', url: '', events: DEFAULT_EVENTS };

/** What a webhook is called, where it leads and what it is sent: of a new one, or of one that there is. */
export function WebhookForm({
  title,
  environment,
  action,
  webhook = NEW,
  save,
  onClose,
}: {
  readonly title: string;
  readonly environment: string;
  readonly action: string;
  readonly webhook?: WebhookFields;
  /** What it throws is shown where it belongs, and the dialog stays. */
  save(fields: WebhookFields): Promise<void>;
  readonly onClose: () => void;
}) {
  const guard = useGuard(environment);
  const [name, setName] = useState(webhook.name);
  const [url, setUrl] = useState(webhook.url);
  const [events, setEvents] = useState(webhook.events);
  const [refused, setRefused] = useState<RefusedField<(typeof FIELDS)[number]>>();
  const [isSending, setSending] = useState(false);
  const problemOf = (field: (typeof FIELDS)[number]) => (refused?.field === field ? refused.text : undefined);
  const submit = async () => {
    if (!guard.isOpen || isSending) return;
    const odd = eventsProblem(events);
    if (odd !== undefined) return setRefused({ field: 'events', text: odd });
    setSending(true);
    try {
      await save({ name: name.trim(), url: url.trim(), events });
    } catch (error) {
      setRefused(refusedField(reasonOf(error), FIELDS));
      setSending(false);
    }
  };
  const eventsOdd = problemOf('events');
  return (
    <Dialog
      title={title}
      size="medium"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isSending || !guard.isOpen}>
            {action}
          </Button>
        </>
      }
    >
      {refused !== undefined && refused.field === undefined && <Notice kind="warning">{refused.text}</Notice>}
      <Field label="Name" hint="Who gets the messages." problem={problemOf('name')}>
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="Chat of the team"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field
        label="Address"
        hint="Messages are posted there, signed. What is in the address is shown to admins only."
        problem={problemOf('url')}
      >
        <input
          className="mono"
          type="url"
          autoComplete="off"
          spellCheck={false}
          value={url}
          placeholder="https://chat.example.org/hook"
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
      </Field>
      <div className="field">
        <span className="field-label">Events</span>
        <ListInput
          label="Events"
          items={events}
          suggestions={OFFERED_EVENTS}
          placeholder="flag.*"
          onChange={(chosen) => {
            setEvents(chosen);
            setRefused(undefined);
          }}
        />
        {eventsOdd === undefined ? (
          <span className="hint">flag.* is everything about flags, flag.switch-off one thing, * everything.</span>
        ) : (
          <span className="problem" role="alert">
            {eventsOdd}
          </span>
        )}
      </div>
      {guard.field}
    </Dialog>
  );
}
