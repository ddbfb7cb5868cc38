import { list, named, nullable, object, oneOf, type TypeOf, text, time, truth, whole } from './schema.js';

/** The bodies of what is about webhooks. */

export const DeliveryBody = named(
  'WebhookDelivery',
  object({
    id: text('By which it is tried anew.'),
    messageId: text('What the receiver got as `webhook-id`: the same in each attempt.'),
    type: text('Such as `flag.switch-on`.'),
    state: oneOf(
      ['waiting', 'delivered', 'dead'],
      '`dead`: it was tried nine times over a day, or the receiver said 410.',
    ),
    createdAt: time(),
    attempts: whole('How often it was tried.'),
    triedAt: nullable(time('The last time.')),
    nextAt: nullable(time('Null unless it waits.')),
    status: nullable(whole('What the receiver answered the last time; null = nothing.')),
    problem: nullable(
      text('`status`, `redirect`, `gone`, `timeout`, `stopped`, `address-refused`, or `unreachable:` with a code.'),
    ),
  }),
);
export type DeliveryBody = TypeOf<typeof DeliveryBody>;

const webhookMembers = {
  id: text(),
  name: text(),
  url: text(),
  events: list(text(), 'Such as `flag.*`, `flag.switch-off`, or `*` for everything.'),
  isEnabled: truth('What happens while it is not is not queued for it.'),
  createdBy: text(),
  createdAt: time(),
  deliveries: object(
    {
      waiting: whole(),
      delivered: whole('Of the last hundred that are over.'),
      dead: whole('Of the same.'),
      dropped: whole('Since the webhook was made: more than 10,000 waited.'),
    },
    'How many messages are in which state.',
  ),
  last: nullable(DeliveryBody),
};

/** A webhook, without its secret. */
export const WebhookBody = named('Webhook', object(webhookMembers));
export type WebhookBody = TypeOf<typeof WebhookBody>;

/** The same with the secret, which is not shown again. */
export const NewWebhookBody = named('WebhookWithSecret', object({ ...webhookMembers, secret: text() }));
export type NewWebhookBody = TypeOf<typeof NewWebhookBody>;

export const WebhookListBody = object({ items: list(WebhookBody) });
export type WebhookListBody = TypeOf<typeof WebhookListBody>;

/** The data of an event `webhooks`. */
export const WebhooksEventBody = named('WebhooksEvent', object({ ids: list(text()) }));
export type WebhooksEventBody = TypeOf<typeof WebhooksEventBody>;

export const DeliveryListBody = object({ items: list(DeliveryBody, 'The newest first.') });
export type DeliveryListBody = TypeOf<typeof DeliveryListBody>;
