import { ExplainedFlagsBody, ExplanationBody, LatestUsersBody } from '../explanation.js';
import type { Operations } from '../operation.js';
import { either, object, openObject, optional, text } from '../schema.js';

const environment = '/api/v1/environments/:environment';

export const explainOperations: Operations = {
  [`POST ${environment}/explain`]: {
    summary: 'Why a user gets what',
    description: 'Of one flag everything that evaluation looked at; without a flag the value of each.',
    body: { schema: object({ user: openObject({ key: text() }), flag: optional(text()) }) },
    answers: { 200: either(ExplanationBody, ExplainedFlagsBody) },
  },
  [`GET ${environment}/latest-users`]: { summary: 'Users seen lately', answers: { 200: LatestUsersBody } },
};
