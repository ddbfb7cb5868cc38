import '../../styles/settings.css';
import '../../styles/webhooks.css';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewWebhookBody } from '../../../../src/api/webhooks.js';
import { keys } from '../../api/keys.js';
import { useEnvironments } from '../../api/queries.js';
import { useWebhooks, webhookCalls } from '../../api/webhooks.js';
import { hrefOf } from '../../model/route.js';
import { useMay } from '../../shell/may.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { Button, Empty, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure } from '../../ui/notice.js';
import { ShownOnce } from '../settings/shown-once.js';
import { WebhookCard } from './webhook-card.js';
import { WebhookForm } from './webhook-form.js';

const SECRET_HINT = 'The receiver needs it to know that a message is from here. It is not shown again.';

/** Who is sent what happens in an environment, and whether it arrives. */
export function WebhooksPage({ environment }: { readonly environment: string }) {
  const may = useMay(environment);
  const webhooks = useWebhooks(environment, may.rule);
  const place = useEnvironments().data?.find(({ key }) => key === environment)?.name ?? environment;
  const client = useQueryClient();
  const [isCreating, setCreating] = useState(false);
  const [shown, setShown] = useState<NewWebhookBody>();
  const create = () => setCreating(true);
  const reload = () => client.invalidateQueries({ queryKey: keys.webhooks(environment) });
  useShortcuts({ n: () => may.rule && create() });
  const button = (
    <Button look="primary" icon="plus" onClick={create} aria-keyshortcuts="n">
      New webhook
    </Button>
  );
  return (
    <div className="page">
      <Link className="back" href={hrefOf({ page: 'settings' })}>
        <Icon name="back" /> Settings
      </Link>
      <div className="page-head">
        <Heading title={`Webhooks of ${place}`} />
        {may.rule && webhooks.data?.length !== 0 && button}
      </div>
      {may.rule ? (
        <LoadFailure of={webhooks} what="The webhooks" />
      ) : (
        <p className="quiet">Only admins of an environment see its webhooks. {may.why}</p>
      )}
      {may.rule &&
        (webhooks.data === undefined ? (
          webhooks.error === null && <Skeleton lines={6} />
        ) : webhooks.data.length === 0 ? (
          <Empty icon="out" title="No webhook yet">
            <p>
              A webhook is an address of yours that is sent what happens in {place}: a flag was switched, a segment
              changed. A chat, a pipeline and an alert can take it from there.
            </p>
            {button}
          </Empty>
        ) : (
          <ul className="cards webhooks">
            {webhooks.data.map((webhook) => (
              <WebhookCard
                key={webhook.id}
                environment={environment}
                place={place}
                webhook={webhook}
                onSecret={setShown}
                onChanged={reload}
              />
            ))}
          </ul>
        ))}
      {isCreating && (
        <WebhookForm
          title={`New webhook of ${place}`}
          environment={environment}
          action="Create"
          save={async (fields) => {
            const made = await webhookCalls.create(environment, fields);
            await reload();
            setCreating(false);
            setShown(made);
          }}
          onClose={() => setCreating(false)}
        />
      )}
      {shown !== undefined && (
        <ShownOnce
          title={`The secret of ${shown.name}`}
          text={shown.secret}
          hint={SECRET_HINT}
          onClose={() => setShown(undefined)}
        />
      )}
    </div>
  );
}
