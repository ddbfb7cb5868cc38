import { ErrorBody } from '../answers.js';
import type { Operations } from '../operation.js';
import { object, optional, text, truth } from '../schema.js';
import { NewTriggerBody, TriggerActionBody, TriggerBody, TriggeredBody, TriggerListBody } from '../triggers.js';

const environment = '/api/v1/environments/:environment';
const triggers = `${environment}/flags/:key/triggers`;
const trigger = `${triggers}/:trigger`;

export const triggerOperations: Operations = {
  'POST /api/public/triggers/:token': {
    summary: 'Switches the flag of a trigger',
    description:
      'Its token in the address is all that it takes; a body is not looked at. 404 for a token that there is not, or not any more; 409 when the flag is archived; 429 after 60 uses in a minute.',
    answers: { 200: TriggeredBody, 403: ErrorBody, 409: ErrorBody, 413: ErrorBody },
  },
  [`GET ${environment}/triggers`]: {
    summary: 'Lists the triggers of all flags, without their tokens',
    answers: { 200: TriggerListBody },
  },
  [`GET ${triggers}`]: { summary: 'Lists the triggers of a flag', answers: { 200: TriggerListBody } },
  [`POST ${triggers}`]: {
    summary: 'Makes a trigger',
    description: 'The answer has its token, and the path to post to, for the only time.',
    body: { schema: object({ name: text(), action: TriggerActionBody }) },
    answers: { 201: NewTriggerBody },
    changes: 'something',
  },
  [`PUT ${trigger}`]: {
    summary: 'Names a trigger, or switches it off',
    description: 'What is left out stays as it is.',
    body: { schema: object({ name: optional(text()), isEnabled: optional(truth()) }) },
    answers: { 200: TriggerBody },
    changes: 'something',
  },
  [`DELETE ${trigger}`]: { summary: 'Removes a trigger', answers: { 204: 'empty' }, changes: 'something' },
  [`POST ${trigger}/token`]: {
    summary: 'Gives a trigger a new token',
    description: 'The answer has it, for the only time. The one before it counts no more.',
    answers: { 200: NewTriggerBody },
    changes: 'something',
  },
};
