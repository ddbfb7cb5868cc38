import type { ResolvedOptions } from './options.js';
import type { Clock } from './runtime/clock.js';
import type { Logger } from './runtime/log.js';
import type { Storage } from './storage/storage.js';
import { type AttemptResult, WebhookDispatcher } from './webhooks/dispatcher.js';
import { WebhookSender } from './webhooks/sender.js';
import { WebhookManagement } from './webhooks/webhooks.js';

interface OutboundParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: Pick<ResolvedOptions, 'webhooksToPrivate'>;
  readonly onAttempt: ((result: AttemptResult) => void) | undefined;
}

/** Everything that goes out to webhooks, wired. It begins when it is poked first. */
export function createOutbound({ storage, clock, log, options, onAttempt }: OutboundParts) {
  const sender = new WebhookSender({ toPrivate: options.webhooksToPrivate });
  const random = () => Math.random();
  const poke = () => dispatcher.poke();
  const webhooks = new WebhookManagement({ storage, sender, clock, poke });
  const dispatcher = new WebhookDispatcher({
    ...{ webhooks: storage.webhooks, sender, clock, log, random, onAttempt },
    onSettled: ({ environmentId, id }) => webhooks.changes.note(environmentId, id),
  });
  // What else is written into the audit log is found when it is looked next.
  storage.changes.watch(poke);
  return { dispatcher, webhooks };
}
