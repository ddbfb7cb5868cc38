import type { Operations } from '../operation.js';
import { text, truth } from '../schema.js';
import { EnvironmentFileBody, PromotionInput, TransferBody } from '../transfer.js';

const environment = '/api/v1/environments/:environment';
const query = {
  dryRun: truth('Only say what would be done.'),
  plan: text('The `plan` of a dry run: refused with 412 when it would be another one by now.'),
};

export const transferOperations: Operations = {
  [`GET ${environment}/export`]: {
    summary: 'The flags and segments of an environment as one file',
    description: 'No secrets are in it.',
    answers: { 200: EnvironmentFileBody },
  },
  [`POST ${environment}/import`]: {
    summary: 'Puts what is in a file into an environment',
    description: 'All of it or nothing. What is not in the file stays as it is.',
    query: { ...query, withSwitch: truth('Take over whether flags are on; true unless given.') },
    body: { schema: EnvironmentFileBody },
    answers: { 200: TransferBody },
    changes: 'document',
  },
  [`POST ${environment}/promote`]: {
    summary: 'Puts flags of another environment into this one',
    description: 'All of them or none, with the segments that they ask about.',
    query,
    body: { schema: PromotionInput },
    answers: { 200: TransferBody },
    changes: 'document',
  },
};
