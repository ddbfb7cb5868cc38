import type { NewWebhookBody, WebhookBody } from '../../../../src/api/webhooks.js';
import { webhookCalls } from '../../api/webhooks.js';
import { ConfirmDialog } from '../../editing/confirm-dialog.js';
import { removalText } from '../../model/webhooks.js';
import { say } from '../../ui/toasts.js';
import { WebhookForm } from './webhook-form.js';

/** What somebody is asked before something is done about a webhook. */
export type WebhookQuestion = 'edit' | 'switch' | 'secret' | 'remove';

export function WebhookDialog({
  question,
  environment,
  place,
  webhook,
  onSecret,
  onChanged,
  onClose,
}: {
  readonly question: WebhookQuestion;
  readonly environment: string;
  readonly place: string;
  readonly webhook: WebhookBody;
  readonly onSecret: (renewed: NewWebhookBody) => void;
  readonly onChanged: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { id, name, isEnabled, deliveries } = webhook;
  const finish = async (done?: string) => {
    await onChanged();
    onClose();
    if (done !== undefined) say(done);
  };
  switch (question) {
    case 'edit':
      return (
        <WebhookForm
          title={`Edit ${name}`}
          environment={environment}
          action="Save"
          webhook={webhook}
          save={async (fields) => {
            await webhookCalls.change(environment, id, fields);
            await finish(`Saved: ${fields.name}.`);
          }}
          onClose={onClose}
        />
      );
    case 'switch':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Switch ${name} ${isEnabled ? 'off' : 'on'}?`}
          action={`Switch ${isEnabled ? 'off' : 'on'}`}
          run={async () => {
            await webhookCalls.change(environment, id, { isEnabled: !isEnabled });
            await finish(`${name} is ${isEnabled ? 'off' : 'on'}.`);
          }}
          onClose={onClose}
        >
          {isEnabled
            ? `It is sent nothing while it is off, and not later either what happens in ${place} meanwhile. What waits already is sent when it is on again.`
            : `It is sent what happens in ${place} from now on, and what has waited.`}
        </ConfirmDialog>
      );
    case 'secret':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Give ${name} a new secret?`}
          action="Make a new secret"
          run={async () => {
            const renewed = await webhookCalls.renewSecret(environment, id);
            await finish();
            onSecret(renewed);
          }}
          onClose={onClose}
        >
          For a day messages are signed by the secret of now, too, so that the receiver has time to take over the new
          one, which is shown once.
        </ConfirmDialog>
      );
    case 'remove':
      return (
        <ConfirmDialog
          environment={environment}
          title={`Remove ${name}?`}
          action="Remove"
          isDanger
          run={async () => {
            await webhookCalls.remove(environment, id);
            await finish(`${name} is removed.`);
          }}
          onClose={onClose}
        >
          {removalText(deliveries)}
        </ConfirmDialog>
      );
  }
}
