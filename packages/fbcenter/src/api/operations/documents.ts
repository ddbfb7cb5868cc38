import { AuditListBody } from '../audit.js';
import { ChangedFlagBody, ChangedSegmentBody, FlagBody, FlagInput, SegmentBody, SegmentInput } from '../documents.js';
import { FlagSummariesBody } from '../flag-summary.js';
import type { Operations } from '../operation.js';
import { list, nullable, object, optional, type Schema, text, truth, whole } from '../schema.js';

const environment = '/api/v1/environments/:environment';

const page = {
  limit: whole('1 to 1,000; 100 unless given.'),
  after: text('The `next` of the page before.'),
};

/** What flags and segments have in common. */
function operationsOf(
  name: 'flag' | 'segment',
  kept: Schema<unknown>,
  changed: Schema<unknown>,
  input: Schema<unknown>,
): Operations {
  const all = `${environment}/${name}s`;
  const one = `${all}/:key`;
  return {
    [`GET ${all}`]: {
      summary: `Lists ${name}s by key`,
      query: { ...page, archived: truth('Only archived ones, or only active ones.') },
      answers: {
        200: object({ items: list(kept), next: nullable(text('What to send as `after` for the next page.')) }),
      },
    },
    [`GET ${one}`]: { summary: `One ${name}`, answers: { 200: kept, 304: 'empty' } },
    [`PUT ${one}`]: {
      summary: `Creates or replaces a ${name}`,
      description: 'It is replaced as a whole. What can be left out is in the guide.',
      body: { schema: input },
      answers: { 200: changed, 201: changed },
      changes: 'document',
    },
    [`DELETE ${one}`]: {
      summary: `Deletes an archived ${name} for good`,
      answers: { 204: 'empty' },
      changes: 'document',
    },
    [`POST ${one}/archive`]: { summary: `Archives a ${name}`, answers: { 200: kept }, changes: 'document' },
    [`POST ${one}/restore`]: { summary: `Brings a ${name} back`, answers: { 200: kept }, changes: 'document' },
    [`GET ${one}/history`]: {
      summary: `Who has changed a ${name}, and when`,
      query: page,
      answers: { 200: AuditListBody },
    },
    [`GET ${one}/history/:version`]: { summary: `A ${name} as it was in a version`, answers: { 200: kept } },
    [`POST ${one}/history/:version/put-back`]: {
      summary: `Makes a ${name} what it was in a version`,
      description: 'It is a change like any other: judged, under a new version, and written down.',
      answers: { 200: changed, 201: changed },
      changes: 'document',
    },
  };
}

export const documentOperations: Operations = {
  ...operationsOf('flag', FlagBody, ChangedFlagBody, FlagInput),
  ...operationsOf('segment', SegmentBody, ChangedSegmentBody, SegmentInput),
  [`GET ${environment}/flag-summaries`]: {
    summary: 'Every flag in short',
    answers: { 200: FlagSummariesBody, 304: 'empty' },
  },
  [`POST ${environment}/flags/:key/toggle`]: {
    summary: 'Switches a flag on or off',
    body: { schema: object({ isEnabled: optional(truth('The other state unless given.')) }), isOptional: true },
    answers: { 200: FlagBody },
    changes: 'document',
  },
};
