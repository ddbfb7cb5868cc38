import { AuditDetailBody, AuditListBody } from '../audit.js';
import type { Operations } from '../operation.js';
import { text, time, whole } from '../schema.js';

const filters = {
  actor: text('The id or the name of who did it.'),
  action: text(),
  kind: text('Of what it was done to.'),
  key: text('Of what it was done to.'),
  group: text('Everything that one act has changed.'),
  from: time('Not before this time.'),
  to: time('Before this time.'),
};
const everywhere = { ...filters, environment: text('The key of an environment.') };
const page = { limit: whole('1 to 1,000; 100 unless given.'), after: text('The `next` of the page before.') };
const environment = '/api/v1/environments/:environment';

export const auditOperations: Operations = {
  'GET /api/v1/audit': {
    summary: 'Who did what, when, to what, and why',
    query: { ...everywhere, ...page },
    answers: { 200: AuditListBody },
  },
  'GET /api/v1/audit/:entry': {
    summary: 'One entry, with what it was like before and after',
    answers: { 200: AuditDetailBody },
  },
  'GET /api/v1/audit/export': {
    summary: 'The audit log as lines of JSON',
    description:
      'The newest entry first, each on its line with what it was like before and after. It is sent as fast as it is taken.',
    query: everywhere,
    answers: { 200: { type: 'application/x-ndjson', each: AuditDetailBody } },
  },
  [`GET ${environment}/audit`]: {
    summary: 'The same, of one environment',
    query: { ...filters, ...page },
    answers: { 200: AuditListBody },
  },
  [`GET ${environment}/audit/:entry`]: {
    summary: 'One entry of an environment',
    answers: { 200: AuditDetailBody },
  },
};
