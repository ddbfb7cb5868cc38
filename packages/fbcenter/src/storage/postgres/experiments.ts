import type { Experiment, MetricDefinition } from '../../model/experiment.js';
import type { Experiments } from '../experiments.js';
import { intactValue, keptText, keptValue } from '../kept-json.js';
import type { PostgresConnection } from './connection.js';
import { ITERATION, type IterationRow, iterationOf } from './iteration-rows.js';
import type { Scope, Session } from './session.js';

/** Rows of single users that are deleted at a time. */
const DELETED_AT_A_TIME = 500;

export function postgresExperiments({ read, write }: Session): Experiments {
  const of = (environmentId: string): Scope => ({ kind: 'experiments', environmentId });
  const texts = async (connection: PostgresConnection, sql: string, ...parameters: readonly string[]) =>
    (await connection.rows<{ readonly text: string }>(sql, ...parameters)).map(({ text }) => text);
  return {
    metrics: (environmentId) =>
      read(async (connection) => {
        const sql = 'SELECT text FROM experiment_metrics WHERE environment_id = $1 ORDER BY key';
        return (await texts(connection, sql, environmentId)).flatMap(
          (text) => intactValue<MetricDefinition>(text) ?? [],
        );
      }, of(environmentId)),
    saveMetric: (environmentId, metric) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'experiments', environmentId });
        await connection.run(
          `INSERT INTO experiment_metrics VALUES ($1, $2, $3)
           ON CONFLICT (environment_id, key) DO UPDATE SET text = excluded.text`,
          environmentId,
          metric.key,
          keptText(metric),
        );
      }, of(environmentId)),
    deleteMetric: (environmentId, key) =>
      write(async (connection) => {
        const sql = 'DELETE FROM experiment_metrics WHERE environment_id = $1 AND key = $2';
        return (await connection.run(sql, environmentId, key)) > 0;
      }, of(environmentId)),
    list: (environmentId) =>
      read(async (connection) => {
        const sql = 'SELECT text FROM experiments WHERE environment_id = $1 ORDER BY key';
        return (await texts(connection, sql, environmentId)).flatMap((text) => intactValue<Experiment>(text) ?? []);
      }, of(environmentId)),
    get: (environmentId, key) =>
      read(async (connection) => {
        const sql = 'SELECT text FROM experiments WHERE environment_id = $1 AND key = $2';
        const [text] = await texts(connection, sql, environmentId, key);
        return text === undefined ? undefined : keptValue<Experiment>(text);
      }, of(environmentId)),
    save: (environmentId, experiment, revision) =>
      write(async (connection, { touched }) => {
        const { key } = experiment;
        const sql = 'SELECT revision FROM experiments WHERE environment_id = $1 AND key = $2';
        const now = (await connection.row<{ readonly revision: number }>(sql, environmentId, key))?.revision ?? 0;
        if (now !== revision) return false;
        touched({ kind: 'experiments', environmentId });
        await connection.run(
          `INSERT INTO experiments VALUES ($1, $2, $3, $4)
           ON CONFLICT (environment_id, key) DO UPDATE SET revision = excluded.revision, text = excluded.text`,
          environmentId,
          key,
          experiment.revision,
          keptText(experiment),
        );
        return true;
      }, of(environmentId)),
    delete: (environmentId, key) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'experiments', environmentId });
        return deletePart(connection, environmentId, key);
      }, of(environmentId)),
    iterations: (environmentId, key) =>
      read(async (connection) => {
        const sql = `${ITERATION} WHERE environment_id = $1 AND experiment_key = $2 ORDER BY number`;
        const rows = await connection.rows<IterationRow>(sql, environmentId, key);
        return rows.flatMap((row) => iterationOf(row) ?? []);
      }, of(environmentId)),
    openIterations: () =>
      read(async (connection) => {
        const rows = await connection.rows<IterationRow>(`${ITERATION} WHERE NOT is_frozen ORDER BY id`);
        return rows.flatMap((row) => {
          const iteration = iterationOf(row);
          return iteration === undefined ? [] : [{ environmentId: row.environment_id, iteration }];
        });
      }),
    addIteration: (environmentId, { experimentKey, ...rest }) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'experiments', environmentId });
        const row = await connection.row<{ readonly id: number; readonly number: number }>(
          `INSERT INTO iterations (environment_id, experiment_key, number, is_frozen, text)
           SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4 FROM iterations WHERE environment_id = $1 AND experiment_key = $2
           RETURNING id, number`,
          environmentId,
          experimentKey,
          rest.isFrozen,
          keptText(rest),
        );
        return { ...rest, experimentKey, id: row?.id ?? 0, number: row?.number ?? 1 };
      }, of(environmentId)),
    saveIteration: ({ id, number: _, experimentKey: __, ...rest }) =>
      write(async (connection, { touched }) => {
        const row = await connection.row<{ readonly environment_id: string }>(
          'UPDATE iterations SET is_frozen = $1, text = $2 WHERE id = $3 RETURNING environment_id',
          rest.isFrozen,
          keptText(rest),
          id,
        );
        if (row !== undefined) touched({ kind: 'experiments', environmentId: row.environment_id });
      }),
  };
}

/** @returns whether nothing is left. */
async function deletePart(connection: PostgresConnection, environmentId: string, key: string): Promise<boolean> {
  const sql = 'SELECT id FROM iterations WHERE environment_id = $1 AND experiment_key = $2 ORDER BY id';
  for (const { id } of await connection.rows<{ readonly id: number }>(sql, environmentId, key)) {
    if ((await deleteParticipants(connection, id)) > 0) return false;
    for (const table of ['iteration_sums', 'iteration_series']) {
      await connection.run(`DELETE FROM ${table} WHERE iteration = $1`, id);
    }
    await connection.run('DELETE FROM iterations WHERE id = $1', id);
  }
  await connection.run('DELETE FROM experiments WHERE environment_id = $1 AND key = $2', environmentId, key);
  return true;
}

/** Deletes some of the users of an iteration. @returns how many. */
export function deleteParticipants(connection: PostgresConnection, iteration: number): Promise<number> {
  return connection.run(
    `DELETE FROM participants WHERE iteration = $1 AND participant <=
       (SELECT max(participant) FROM (SELECT participant FROM participants WHERE iteration = $1 ORDER BY participant LIMIT $2) AS part)`,
    iteration,
    DELETED_AT_A_TIME,
  );
}
