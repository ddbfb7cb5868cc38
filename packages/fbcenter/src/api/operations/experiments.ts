import { ExperimentResultsBody, ExperimentSeriesBody } from '../experiment-results.js';
import { ChecksBody, ExperimentBody, ExperimentInput, ExperimentListBody } from '../experiments.js';
import { MetricBody, MetricInput, MetricListBody } from '../metrics.js';
import type { Operation, Operations } from '../operation.js';
import { either, object, optional, text, truth, whole } from '../schema.js';

const environment = '/api/v1/environments/:environment';
const experiment = `${environment}/experiments/:key`;

const iteration = { iteration: whole('Its number; the latest unless given.') };

/** Something that is done with an experiment, and answered with what it is then. */
function act(summary: string, more: Partial<Operation> = {}): Operation {
  return { summary, answers: { 200: ExperimentBody }, changes: 'experiment', ...more };
}

const adjusting = { body: { schema: object({ adjustFlag: optional(truth()) }), isOptional: true as const } };

export const experimentOperations: Operations = {
  [`GET ${environment}/metrics`]: { summary: 'What an environment measures', answers: { 200: MetricListBody } },
  [`PUT ${environment}/metrics/:key`]: {
    summary: 'Defines a metric',
    body: { schema: MetricInput },
    answers: { 200: MetricBody, 201: MetricBody },
    changes: 'something',
  },
  [`DELETE ${environment}/metrics/:key`]: {
    summary: 'Deletes a metric that no experiment has',
    answers: { 204: 'empty' },
    changes: 'something',
  },
  [`GET ${environment}/experiments`]: {
    summary: 'The experiments, each with its verdict in a word',
    answers: { 200: ExperimentListBody },
  },
  [`GET ${experiment}`]: { summary: 'An experiment as it was set up', answers: { 200: ExperimentBody } },
  [`PUT ${experiment}`]: {
    summary: 'Creates an experiment, or changes one that does not run',
    body: { schema: ExperimentInput },
    answers: { 200: ExperimentBody, 201: ExperimentBody },
    changes: 'experiment',
  },
  [`DELETE ${experiment}`]: {
    summary: 'Deletes a draft, or an archived experiment, with all that it has counted',
    answers: { 204: 'empty' },
    changes: 'experiment',
  },
  [`GET ${experiment}/checks`]: { summary: 'What speaks against a start', answers: { 200: ChecksBody } },
  [`POST ${experiment}/start`]: act('Begins an iteration', adjusting),
  [`POST ${experiment}/pause`]: act('Lets nobody in any more; who is in goes on counting'),
  [`POST ${experiment}/resume`]: act('Lets users in again'),
  [`POST ${experiment}/restart`]: act('Ends the iteration, and begins another one', adjusting),
  [`POST ${experiment}/stop`]: act('Ends the experiment; events may still be 72 hours late'),
  [`POST ${experiment}/decide`]: act('Ends the experiment, and serves one variation to everybody', {
    body: { schema: either(object({ rollOut: text('The id of a variation.') }), object({ putBack: truth() })) },
  }),
  [`POST ${experiment}/recount`]: act('Counts anew from the single events that are kept'),
  [`POST ${experiment}/archive`]: act('Puts it out of sight'),
  [`POST ${experiment}/restore`]: act('Brings it back'),
  [`GET ${experiment}/results`]: {
    summary: 'What may be concluded',
    query: iteration,
    answers: { 200: ExperimentResultsBody },
  },
  [`GET ${experiment}/results.csv`]: {
    summary: 'The results as a table',
    query: iteration,
    answers: { 200: { type: 'text/csv', each: text() } },
  },
  [`GET ${experiment}/results.txt`]: {
    summary: 'The results drawn for a terminal',
    query: { ...iteration, width: whole('In characters.') },
    answers: { 200: { type: 'text/plain', each: text() } },
  },
  [`GET ${experiment}/series`]: {
    summary: 'How the intervals have narrowed',
    query: iteration,
    answers: { 200: ExperimentSeriesBody },
  },
  [`DELETE ${environment}/pseudonyms`]: {
    summary: 'Forgets the key of the pseudonyms',
    answers: { 204: 'empty' },
    changes: 'something',
  },
};
