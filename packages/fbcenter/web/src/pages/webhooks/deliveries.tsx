import { useState } from 'react';
import type { DeliveryBody, WebhookBody } from '../../../../src/api/webhooks.js';
import { useDeliveries, webhookCalls } from '../../api/webhooks.js';
import { moment, timeOf } from '../../model/time.js';
import { deliveryText, problemText } from '../../model/webhooks.js';
import { count } from '../../model/words.js';
import { Button, Since, Skeleton } from '../../ui/controls.js';
import { LoadFailure } from '../../ui/notice.js';
import { complain, say } from '../../ui/toasts.js';

/** Messages that are shown before somebody wants all that are kept. */
const FEW = 20;

/** The last messages of a webhook; asked for when somebody wants to see them. */
export function Deliveries({
  environment,
  webhook: { id, name },
  onChanged,
}: {
  readonly environment: string;
  readonly webhook: WebhookBody;
  readonly onChanged: () => Promise<void>;
}) {
  const [isOpen, setOpen] = useState(false);
  const [showsAll, setShowsAll] = useState(false);
  const deliveries = useDeliveries(environment, id, isOpen);
  const list = deliveries.data;
  const retry = async (delivery: DeliveryBody) => {
    try {
      await webhookCalls.retry(environment, id, delivery.id);
      await onChanged();
      say(`${delivery.type} is sent to ${name} again.`);
    } catch (error) {
      complain(`${delivery.type} is not sent again`, error);
    }
  };
  return (
    <details className="deliveries" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Recent messages<span className="visually-hidden"> to {name}</span>
      </summary>
      <LoadFailure of={deliveries} what="The messages" />
      {list === undefined ? (
        deliveries.error === null && <Skeleton lines={3} />
      ) : list.length === 0 ? (
        <p className="quiet">There is none yet: the first one comes with the next change that it is sent.</p>
      ) : (
        <>
          <ul className="rows" aria-label={`Recent messages to ${name}`}>
            {(showsAll ? list : list.slice(0, FEW)).map((delivery) => (
              <Row key={delivery.id} delivery={delivery} onRetry={() => void retry(delivery)} />
            ))}
          </ul>
          {!showsAll && list.length > FEW && (
            <Button look="quiet" onClick={() => setShowsAll(true)}>
              Show {count(list.length - FEW, 'older message')}
            </Button>
          )}
        </>
      )}
    </details>
  );
}

function Row({ delivery, onRetry }: { readonly delivery: DeliveryBody; readonly onRetry: () => void }) {
  const { type, state, attempts, createdAt, nextAt } = delivery;
  const problem = problemText(delivery);
  const next = timeOf(nextAt);
  return (
    <li>
      <span className="row-main">
        <code>{type}</code>
        <span className={`delivery ${state}`}>{deliveryText(delivery)}</span>
        {attempts > 1 && <span className="quiet">after {count(attempts, 'attempt')}</span>}
        {next !== undefined && attempts > 0 && <span className="quiet">next at {moment(next)}</span>}
        {problem !== undefined && <span className="problem">{problem}</span>}
      </span>
      <span className="quiet row-time">
        <Since at={timeOf(createdAt) ?? 0} />
      </span>
      {state === 'dead' && (
        <Button look="quiet" aria-label={`Send again: ${type}`} onClick={onRetry}>
          Send again
        </Button>
      )}
    </li>
  );
}
