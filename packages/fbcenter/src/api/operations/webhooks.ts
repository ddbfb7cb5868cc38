import type { Operations } from '../operation.js';
import { list, object, optional, text, truth, whole } from '../schema.js';
import { DeliveryBody, DeliveryListBody, NewWebhookBody, WebhookBody, WebhookListBody } from '../webhooks.js';

const webhooks = '/api/v1/environments/:environment/webhooks';
const webhook = `${webhooks}/:webhook`;

const members = {
  name: text('What people call it by.'),
  url: text('http or https.'),
  events: optional(list(text(), '`["flag.*", "segment.*"]` unless given.')),
};

export const webhookOperations: Operations = {
  [`GET ${webhooks}`]: { summary: 'Lists the webhooks, without their secrets', answers: { 200: WebhookListBody } },
  [`POST ${webhooks}`]: {
    summary: 'Makes a webhook',
    description:
      'From now on what happens in the environment is posted to its address, signed as the Standard Webhooks specification has it. The answer has the secret, for the only time.',
    body: { schema: object(members) },
    answers: { 201: NewWebhookBody },
    changes: 'something',
  },
  [`GET ${webhook}`]: { summary: 'One webhook', answers: { 200: WebhookBody } },
  [`PUT ${webhook}`]: {
    summary: 'Changes a webhook',
    description: 'What is left out stays as it is.',
    body: {
      schema: object({
        name: optional(members.name),
        url: optional(members.url),
        events: members.events,
        isEnabled: optional(truth()),
      }),
    },
    answers: { 200: WebhookBody },
    changes: 'something',
  },
  [`DELETE ${webhook}`]: {
    summary: 'Removes a webhook',
    description: 'What waits for it is not sent any more.',
    answers: { 204: 'empty' },
    changes: 'something',
  },
  [`POST ${webhook}/secret`]: {
    summary: 'Gives a webhook a new secret',
    description: 'The answer has it, for the only time. For a day messages are signed by the one before it, too.',
    answers: { 200: NewWebhookBody },
    changes: 'something',
  },
  [`POST ${webhook}/test`]: {
    summary: 'Sends a webhook a message `webhook.test`',
    description: 'Now and once; the answer says what came of it, within 15 seconds.',
    answers: { 200: DeliveryBody },
    changes: 'something',
  },
  [`GET ${webhook}/deliveries`]: {
    summary: 'The last messages of a webhook',
    query: { limit: whole('1 to 100; 50 unless given.') },
    answers: { 200: DeliveryListBody },
  },
  [`POST ${webhook}/deliveries/:delivery/retry`]: {
    summary: 'Has a message tried anew that was given up',
    answers: { 200: DeliveryBody },
    changes: 'something',
  },
};
