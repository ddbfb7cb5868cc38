import { useState } from 'react';
import type { NewWebhookBody, WebhookBody } from '../../../../src/api/webhooks.js';
import { webhookCalls } from '../../api/webhooks.js';
import { timeOf } from '../../model/time.js';
import { countsText, deliveryText, eventsText, hostOf, problemText } from '../../model/webhooks.js';
import { Button, Since, Toggle } from '../../ui/controls.js';
import { Menu } from '../../ui/menu.js';
import { complain, say } from '../../ui/toasts.js';
import { Deliveries } from './deliveries.js';
import { WebhookDialog, type WebhookQuestion } from './webhook-dialog.js';

/** A webhook: where it leads, what it is sent, whether that arrives, and what can be done about it. */
export function WebhookCard({
  environment,
  place,
  webhook,
  onSecret,
  onChanged,
}: {
  readonly environment: string;
  /** The name of the environment. */
  readonly place: string;
  readonly webhook: WebhookBody;
  /** It has a new secret, which is shown once. */
  readonly onSecret: (renewed: NewWebhookBody) => void;
  readonly onChanged: () => Promise<void>;
}) {
  const { id, name, url, events, isEnabled, createdBy, deliveries } = webhook;
  const [isTesting, setTesting] = useState(false);
  const [question, setQuestion] = useState<WebhookQuestion>();
  const test = async () => {
    setTesting(true);
    try {
      const delivery = await webhookCalls.test(environment, id);
      const problem = problemText(delivery);
      if (problem === undefined) say(`${name} has taken the test message.`);
      else complain(`${name} has not taken the test message`, new Error(problem));
      await onChanged();
    } catch (error) {
      complain('The test message was not sent', error);
    } finally {
      setTesting(false);
    }
  };
  return (
    <li className="card webhook">
      <div className="card-head">
        <h2>{name}</h2>
        {!isEnabled && <span className="tag">off</span>}
        <Toggle isOn={isEnabled} label={`Send to ${name}`} onPress={() => setQuestion('switch')} />
      </div>
      <dl className="facts">
        <div>
          <dt>Leads to</dt>
          <dd>
            <code>{hostOf(url)}</code>
          </dd>
        </div>
        <div>
          <dt>Is sent</dt>
          <dd>{eventsText(events)}</dd>
        </div>
        <div>
          <dt>Messages</dt>
          <dd>{countsText(deliveries)}</dd>
        </div>
        <div>
          <dt>Made by</dt>
          <dd>{createdBy}</dd>
        </div>
      </dl>
      <LastMessage webhook={webhook} />
      <Deliveries environment={environment} webhook={webhook} onChanged={onChanged} />
      <div className="row-actions">
        <Button
          disabled={isTesting}
          aria-label={isTesting ? undefined : `Send a test to ${name}`}
          onClick={() => void test()}
        >
          {isTesting ? 'Sending …' : 'Send a test'}
        </Button>
        <Button icon="pencil" aria-label={`Edit ${name}`} onClick={() => setQuestion('edit')}>
          Edit
        </Button>
        <Menu
          label={`More actions for ${name}`}
          items={[
            { label: 'New secret', icon: 'copy', onPress: () => setQuestion('secret') },
            { label: 'Remove', icon: 'trash', isDanger: true, onPress: () => setQuestion('remove') },
          ]}
        />
      </div>
      {question !== undefined && (
        <WebhookDialog
          question={question}
          environment={environment}
          place={place}
          webhook={webhook}
          onSecret={onSecret}
          onChanged={onChanged}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </li>
  );
}

/** How the newest message stands, and why. */
function LastMessage({ webhook: { last } }: { readonly webhook: WebhookBody }) {
  if (last === null) return <p className="quiet">Nothing was sent yet: a test shows whether the receiver takes it.</p>;
  const problem = problemText(last);
  return (
    <p role="status">
      The last message, <code>{last.type}</code>:{' '}
      <strong className={`delivery ${last.state}`}>{deliveryText(last)}</strong>{' '}
      <span className="quiet">
        <Since at={timeOf(last.triedAt ?? last.createdAt) ?? 0} />
      </span>
      {problem !== undefined && <span className="problem"> {problem}</span>}
    </p>
  );
}
