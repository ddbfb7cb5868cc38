import { ConnectionListBody } from '../connections.js';
import type { Operations } from '../operation.js';
import { oneOf, text, whole } from '../schema.js';
import { EvaluationsBody, UsageBody } from '../usage.js';

const environment = '/api/v1/environments/:environment';

export const usageOperations: Operations = {
  [`GET ${environment}/usage`]: {
    summary: 'How the flags are used, in short',
    description: 'Those that were evaluated, and the keys that server SDKs ask for and nobody has made.',
    answers: { 200: UsageBody },
  },
  [`GET ${environment}/flags/:key/evaluations`]: {
    summary: 'Evaluations of a flag over time',
    description: 'By the minute for three hours, by the hour for two weeks, by the day for 400 days; all by UTC.',
    query: {
      bucket: oneOf(['minute', 'hour', 'day'], '`hour` unless given.'),
      from: text('ISO 8601; as long as they are kept unless given.'),
      to: text('ISO 8601; now unless given.'),
    },
    answers: { 200: EvaluationsBody },
  },
  [`GET ${environment}/connections`]: {
    summary: 'The SDKs that stream now',
    query: { limit: whole('1 to 1,000; 100 unless given.'), after: text('The `next` of the page before.') },
    answers: { 200: ConnectionListBody },
  },
};
