import type { Experiment, Iteration, MetricDefinition } from '../../model/experiment.js';
import type { Experiments } from '../experiments.js';
import { intactValue, keptText, keptValue } from '../kept-json.js';
import type { SqliteConnection } from './connection.js';
import { type CountedJournal, folded } from './counted-journal.js';
import type { Session } from './session.js';

/** Rows of single users that are deleted at a time. */
const DELETED_AT_A_TIME = 500;

export function sqliteExperiments(session: Session, journal: CountedJournal): Experiments {
  const { connection, read, write } = session;
  const texts = (sql: string, ...parameters: readonly (string | number)[]) =>
    connection.rows<{ readonly text: string }>(sql, ...parameters).map(({ text }) => text);
  return {
    metrics: (environmentId) =>
      read(() =>
        texts('SELECT text FROM experiment_metrics WHERE environment_id = ? ORDER BY key', environmentId).flatMap(
          (text) => intactValue<MetricDefinition>(text) ?? [],
        ),
      ),
    saveMetric: (environmentId, metric) =>
      write(() => {
        const text = keptText(metric);
        connection.run('INSERT OR REPLACE INTO experiment_metrics VALUES (?, ?, ?)', environmentId, metric.key, text);
      }),
    deleteMetric: (environmentId, key) =>
      write(
        () =>
          connection.run('DELETE FROM experiment_metrics WHERE environment_id = ? AND key = ?', environmentId, key) > 0,
      ),
    list: (environmentId) =>
      read(() =>
        texts('SELECT text FROM experiments WHERE environment_id = ? ORDER BY key', environmentId).flatMap(
          (text) => intactValue<Experiment>(text) ?? [],
        ),
      ),
    get: (environmentId, key) =>
      read(() =>
        texts('SELECT text FROM experiments WHERE environment_id = ? AND key = ?', environmentId, key)
          .map((text) => keptValue<Experiment>(text))
          .at(0),
      ),
    save: (environmentId, experiment, revision) =>
      write(() => {
        const { key } = experiment;
        const sql = 'SELECT revision FROM experiments WHERE environment_id = ? AND key = ?';
        const now = connection.row<{ readonly revision: number }>(sql, environmentId, key)?.revision ?? 0;
        if (now !== revision) return false;
        connection.run(
          'INSERT OR REPLACE INTO experiments VALUES (?, ?, ?, ?)',
          environmentId,
          key,
          experiment.revision,
          keptText(experiment),
        );
        return true;
      }),
    delete: (environmentId, key) => folded(session, journal, () => deletePart(connection, environmentId, key)),
    iterations: (environmentId, key) =>
      read(() => {
        const sql = `${ITERATION} WHERE environment_id = ? AND experiment_key = ? ORDER BY number`;
        return connection.rows<IterationRow>(sql, environmentId, key).flatMap((row) => fromRow(row) ?? []);
      }),
    openIterations: () =>
      read(() =>
        connection.rows<IterationRow>(`${ITERATION} WHERE is_frozen = 0 ORDER BY id`).flatMap((row) => {
          const iteration = fromRow(row);
          return iteration === undefined ? [] : [{ environmentId: row.environment_id, iteration }];
        }),
      ),
    addIteration: (environmentId, { experimentKey, ...rest }) =>
      write(() => {
        const sql =
          'SELECT coalesce(max(number), 0) + 1 AS number FROM iterations WHERE environment_id = ? AND experiment_key = ?';
        const number = connection.row<{ readonly number: number }>(sql, environmentId, experimentKey)?.number ?? 1;
        const row = connection.row<{ readonly id: number }>(
          `INSERT INTO iterations (environment_id, experiment_key, number, is_frozen, text) VALUES (?, ?, ?, ?, ?) RETURNING id`,
          environmentId,
          experimentKey,
          number,
          rest.isFrozen ? 1 : 0,
          keptText(rest),
        );
        return { ...rest, experimentKey, id: row?.id ?? 0, number };
      }),
    saveIteration: ({ id, number: _, experimentKey: __, ...rest }) =>
      write(() => {
        const text = keptText(rest);
        connection.run('UPDATE iterations SET is_frozen = ?, text = ? WHERE id = ?', rest.isFrozen ? 1 : 0, text, id);
      }),
  };
}

const ITERATION = 'SELECT id, environment_id, experiment_key, number, text FROM iterations';

interface IterationRow {
  readonly id: number;
  readonly environment_id: string;
  readonly experiment_key: string;
  readonly number: number;
  readonly text: string;
}

/** What is damaged is left out, and the others are not disturbed. */
function fromRow({ id, experiment_key: experimentKey, number, text }: IterationRow): Iteration | undefined {
  const rest = intactValue<Omit<Iteration, 'id' | 'experimentKey' | 'number'>>(text);
  return rest && { ...rest, id, experimentKey, number };
}

/** @returns whether nothing is left. */
function deletePart(connection: SqliteConnection, environmentId: string, key: string): boolean {
  const sql = 'SELECT id FROM iterations WHERE environment_id = ? AND experiment_key = ?';
  for (const { id } of connection.rows<{ readonly id: number }>(sql, environmentId, key)) {
    if (deleteParticipants(connection, id) > 0) return false;
    for (const table of ['iteration_sums', 'iteration_series']) {
      connection.run(`DELETE FROM ${table} WHERE iteration = ?`, id);
    }
    connection.run('DELETE FROM iterations WHERE id = ?', id);
  }
  connection.run('DELETE FROM experiments WHERE environment_id = ? AND key = ?', environmentId, key);
  return true;
}

/** Deletes some of the users of an iteration. @returns how many. */
export function deleteParticipants(connection: SqliteConnection, iteration: number): number {
  return connection.run(
    `DELETE FROM participants WHERE iteration = ?1 AND user <=
       (SELECT max(user) FROM (SELECT user FROM participants WHERE iteration = ?1 ORDER BY user LIMIT ?2))`,
    iteration,
    DELETED_AT_A_TIME,
  );
}
