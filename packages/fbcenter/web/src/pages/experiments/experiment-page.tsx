import { useState } from 'react';
import type { ExperimentMetricBody, ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import { experimentCalls, useExperiment, useResults, useSeries } from '../../api/experiments.js';
import { hrefOf } from '../../model/route.js';
import { moment } from '../../model/time.js';
import { Button, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';
import '../../styles/experiments.css';
import { Actions } from './actions.js';
import { StateBadge, VerdictBadge } from './badges.js';
import { MetricTable } from './metric-table.js';
import { adjustmentIn, METHODS, pText, servedText, VERDICTS } from './plain-words.js';
import { SeriesPlot } from './plots.js';

/** What may be concluded from an experiment now, and what that depends on. */
export function ExperimentPage({
  environment,
  experimentKey,
}: {
  readonly environment: string;
  readonly experimentKey: string;
}) {
  const experiment = useExperiment(environment, experimentKey);
  const [iteration, setIteration] = useState(0);
  const started = (experiment.data?.iterations.length ?? 0) > 0;
  const results = useResults(environment, experimentKey, iteration, started);
  const { data } = experiment;
  return (
    <div className="page experiment">
      <Link className="back" href={hrefOf({ page: 'experiments', environment })}>
        <Icon name="back" /> Experiments
      </Link>
      <div className="page-head">
        <Heading title={data?.name ?? experimentKey} />
        {data !== undefined && <Actions environment={environment} experiment={data} />}
      </div>
      <LoadFailure of={experiment} what="The experiment" />
      {data === undefined ? (
        experiment.error === null && <Skeleton lines={8} />
      ) : (
        <>
          <Summary environment={environment} experiment={data} iteration={iteration} onIteration={setIteration} />
          {started ? (
            <>
              <LoadFailure of={results} what="The results" />
              {results.data === undefined ? (
                results.error === null && <Skeleton lines={8} />
              ) : (
                <Results environment={environment} results={results.data} iteration={iteration} />
              )}
            </>
          ) : (
            <NotStarted environment={environment} experiment={data} />
          )}
        </>
      )}
    </div>
  );
}

function Summary({
  environment,
  experiment,
  iteration,
  onIteration,
}: {
  readonly environment: string;
  readonly experiment: ExperimentBody;
  readonly iteration: number;
  readonly onIteration: (number: number) => void;
}) {
  const { state, flagKey, hypothesis, iterations, decision } = experiment;
  return (
    <>
      <p className="experiment-line">
        <StateBadge state={state} /> on the flag{' '}
        <Link href={hrefOf({ page: 'flag', environment, key: flagKey, tab: 'targeting' })}>{flagKey}</Link>
        {iterations.length > 1 && (
          <label>
            {' · '}
            <span className="visually-hidden">Iteration</span>
            <select value={iteration} onChange={(event) => onIteration(Number(event.currentTarget.value))}>
              <option value={0}>latest iteration</option>
              {iterations.map(({ number, start }) => (
                <option key={number} value={number}>
                  iteration {number}, {moment(Date.parse(start))}
                </option>
              ))}
            </select>
          </label>
        )}
      </p>
      {hypothesis !== '' && <p className="hypothesis">{hypothesis}</p>}
      {decision !== null && (
        <Notice>
          {decision.kind === 'roll-out' ? `“${decision.variation}” was rolled out` : 'The control was put back'} by{' '}
          {decision.by.name}, {moment(Date.parse(decision.at))}.
        </Notice>
      )}
    </>
  );
}

function NotStarted({
  environment,
  experiment,
}: {
  readonly environment: string;
  readonly experiment: ExperimentBody;
}) {
  return (
    <Notice
      action={
        <Link href={hrefOf({ page: 'experiment-setup', environment, key: experiment.key })}>
          Set it up and start it
        </Link>
      }
    >
      Not started yet: nothing is counted.
    </Notice>
  );
}

function Results({
  environment,
  results,
  iteration,
}: {
  readonly environment: string;
  readonly results: ExperimentResultsBody;
  readonly iteration: number;
}) {
  const { verdict, sentence, metrics, split, method, covariateDays, key } = results;
  const { tone } = VERDICTS[verdict];
  const isGreyed = tone === 'wrong';
  const ofRole = (role: ExperimentMetricBody['role']) => metrics.filter((metric) => metric.role === role);
  const download = async () => {
    try {
      const text = await experimentCalls.csv(environment, key, results.iteration.number);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      link.download = `${key}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      say(reasonOf(error));
    }
  };
  return (
    <>
      <section className={`conclusion ${tone}`} aria-label="Verdict" aria-live="polite">
        <VerdictBadge verdict={verdict} />
        <p>{sentence}</p>
      </section>
      <Users results={results} />
      <div className={isGreyed ? 'greyed' : ''}>
        <MetricTable title="Goals" results={results} metrics={ofRole('goal')} />
        <Narrowing environment={environment} results={results} iteration={iteration} />
        <MetricTable title="Guardrails" results={results} metrics={ofRole('guardrail')} />
        <MetricTable
          title="Secondary metrics"
          results={results}
          metrics={ofRole('secondary')}
          hint="Ideas for the next experiment rather than results of this one: the more there are, the more differ by chance."
        />
      </div>
      <section aria-label="Split and exclusions">
        <h2>Who is counted</h2>
        <p>{splitText(split)}</p>
        <Counts results={results} />
      </section>
      <details className="method">
        <summary>How is this computed?</summary>
        <p>{METHODS[method]}</p>
        {covariateDays !== null && <p>{adjustmentIn(covariateDays)}</p>}
        <p>
          Every user counts from the first exposure on, once, with 0 for who did nothing. The interval holds the true
          value in {Math.round((1 - results.alpha) * 100)} of 100 experiments. Goals are judged together, so that any
          wrong “better” or “worse” among all of them is that rare. The chance to win is a second opinion: easier to
          read, and no rule for stopping.
        </p>
      </details>
      <p className="experiment-end">
        <Button look="quiet" onClick={() => void download()}>
          Download as CSV
        </Button>
      </p>
    </>
  );
}

function Users({ results }: { readonly results: ExperimentResultsBody }) {
  const { users, plannedUsers, usersPerDay, variations, iteration, lastEventAt } = results;
  const planned = (plannedUsers / 2) * variations.length;
  const since = moment(Date.parse(iteration.start));
  return (
    <section className="experiment-users" aria-label="Users">
      <p>
        <strong>{users.toLocaleString('en')}</strong> users of {Math.round(planned).toLocaleString('en')} planned
        {usersPerDay !== null && `, about ${Math.round(usersPerDay).toLocaleString('en')} a day`} ·{' '}
        {iteration.end === null ? `since ${since}` : `${since} to ${moment(Date.parse(iteration.end))}`}
        {lastEventAt !== null && ` · last event ${moment(Date.parse(lastEventAt))}`}
        {iteration.end !== null && !iteration.isFrozen && ' · late events may still come'}
      </p>
      <progress value={Math.min(users, planned)} max={planned} aria-label="Users of those that are planned" />
      {iteration.marks.map(({ at, what, by, isUnsound, flagVersion }) => (
        <Notice key={`${at} ${flagVersion}`} kind={isUnsound ? 'warning' : 'info'}>
          {moment(Date.parse(at))}: {by} changed {what.join(', ')} of the flag
          {isUnsound ? '. Users before and after are different ones.' : ', which changes nobody’s variation.'}
        </Notice>
      ))}
      {results.warnings.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} kind="warning">
          {message}
        </Notice>
      ))}
    </section>
  );
}

/** How the interval of a goal has narrowed. */
function Narrowing({
  environment,
  results,
  iteration,
}: {
  readonly environment: string;
  readonly results: ExperimentResultsBody;
  readonly iteration: number;
}) {
  const series = useSeries(environment, results.key, iteration, true);
  const choices = results.metrics.flatMap(({ key, name, comparisons }) =>
    comparisons.map(({ variation }) => ({
      id: `${key} ${variation}`,
      metric: key,
      variation,
      name: `${name}, ${servedText(results, variation)}`,
    })),
  );
  const [chosen, choose] = useState('');
  const shown = choices.find(({ id }) => id === chosen) ?? choices[0];
  if (shown === undefined || series.data === undefined) return null;
  return (
    <section aria-label="How the interval narrows">
      <div className="section-head">
        <h2>How the interval narrows</h2>
        {choices.length > 1 && (
          <select
            aria-label="Metric and variation"
            value={shown.id}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {choices.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      <SeriesPlot points={series.data.points} metric={shown.metric} variation={shown.variation} name={shown.name} />
    </section>
  );
}

function splitText(split: ExperimentResultsBody['split']): string {
  switch (split.status) {
    case 'ok':
      return split.alarm
        ? `The split is wrong (p ${pText(split.pValue)}): the groups are different people. Look for a redirect, a crash or a bot that loses users of one variation.`
        : `The users are split as planned (p = ${pText(split.pValue)}).`;
    case 'no-users':
      return 'The split is checked once there are users.';
    case 'no-expectation':
      return 'Rules let users in with different shares, so there is no split to be expected.';
  }
}

function Counts({ results }: { readonly results: ExperimentResultsBody }) {
  const { variations, users, excluded, late, oversized, undeclared, replays, refusedRequests } = results;
  const total = variations.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const rows: readonly (readonly [string, number])[] = [
    ['Seen with several variations, left out', excluded.several],
    ['Given a variation by name, left out', excluded.targeted],
    ['In the excluded segment, left out', excluded.segment],
    ['Events more than 72 hours late', late],
    ['Events with a value that is too large', oversized],
    ['Evaluations by SDKs that do not say whether they count', undeclared],
    ['Requests that came again, counted once', replays],
    ['Requests refused while too much was waiting', refusedRequests],
  ];
  return (
    <table className="list counts-list">
      <caption className="visually-hidden">Users of each variation, and what does not count</caption>
      <tbody>
        {variations.map(({ id, weight, isControl, users: own }) => (
          <tr key={id}>
            <th scope="row">
              {servedText(results, id)}
              {isControl && <span className="quiet"> control</span>}
            </th>
            <td className="number">
              {own.toLocaleString('en')}
              {users > 0 && ` (${((100 * own) / users).toFixed(1)} %`}
              {users > 0 && (weight === null ? ')' : `, planned ${((100 * weight) / total).toFixed(1)} %)`)}
            </td>
          </tr>
        ))}
        {rows.map(([what, number]) => (
          <tr key={what} className={number === 0 ? 'muted' : ''}>
            <th scope="row">{what}</th>
            <td className="number">{number.toLocaleString('en')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
