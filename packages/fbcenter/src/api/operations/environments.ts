import {
  ChangeEventBody,
  EnvironmentBody,
  EnvironmentListBody,
  ExperimentEventBody,
  InsightsBody,
  NewEnvironmentBody,
  NewSecretBody,
  SecretListBody,
} from '../answers.js';
import { ConnectionsEventBody } from '../connections.js';
import type { Operations } from '../operation.js';
import { either, object, oneOf, optional, text, truth } from '../schema.js';
import { TriggersEventBody } from '../triggers.js';
import { UsageEventBody } from '../usage.js';
import { WebhooksEventBody } from '../webhooks.js';

const environment = '/api/v1/environments/:environment';

export const environmentOperations: Operations = {
  'GET /api/v1/environments': { summary: 'Lists the environments', answers: { 200: EnvironmentListBody } },
  'POST /api/v1/environments': {
    summary: 'Makes an environment',
    body: { schema: object({ key: text(), name: optional(text('The key unless given.')) }) },
    answers: { 201: NewEnvironmentBody },
    changes: 'something',
  },
  [`GET ${environment}`]: { summary: 'One environment', answers: { 200: EnvironmentBody } },
  [`PUT ${environment}`]: {
    summary: 'Names an environment, or protects it',
    description:
      'What is left out stays as it is. Protection is a question that the page asks; who may change something is a matter of roles.',
    body: { schema: object({ name: optional(text()), isProtected: optional(truth()) }) },
    answers: { 200: EnvironmentBody },
    changes: 'something',
  },
  [`GET ${environment}/events`]: {
    summary: 'What is changed from now on',
    description:
      'Server-sent events for as long as the client stays: `change`, `experiment`, `usage` at most twice a second, `connections`, `webhooks` and `triggers` at most once.',
    answers: {
      200: {
        type: 'text/event-stream',
        each: either(
          either(either(ChangeEventBody, ExperimentEventBody), either(UsageEventBody, ConnectionsEventBody)),
          either(WebhooksEventBody, TriggersEventBody),
        ),
      },
    },
  },
  [`GET ${environment}/secrets`]: {
    summary: 'Lists the secrets, without themselves',
    answers: { 200: SecretListBody },
  },
  [`POST ${environment}/secrets`]: {
    summary: 'Makes a secret beside the others',
    body: {
      schema: object({
        kind: oneOf(['server', 'client']),
        name: optional(text()),
        secret: optional(text('Your own; one is made unless given.')),
      }),
    },
    answers: { 201: NewSecretBody },
    changes: 'something',
  },
  [`GET ${environment}/secrets/:secret`]: { summary: 'One secret, with itself', answers: { 200: NewSecretBody } },
  [`DELETE ${environment}/secrets/:secret`]: {
    summary: 'Revokes a secret',
    description: 'Its connections are cut, and nobody gets in with it.',
    answers: { 204: 'empty' },
    changes: 'something',
  },
  [`GET ${environment}/insights`]: { summary: 'What SDKs have reported', answers: { 200: InsightsBody } },
  [`DELETE ${environment}/insights`]: {
    summary: 'Forgets what SDKs have reported',
    answers: { 204: 'empty' },
    changes: 'something',
  },
};
