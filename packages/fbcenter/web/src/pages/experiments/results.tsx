import type { ExperimentMetricBody, ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import { experimentCalls } from '../../api/experiments.js';
import { figure } from '../../model/figure.js';
import { moment } from '../../model/time.js';
import { Button } from '../../ui/controls.js';
import { Notice } from '../../ui/notice.js';
import { saveFile } from '../../ui/save-file.js';
import { complain } from '../../ui/toasts.js';
import { VerdictBadge } from './badges.js';
import { MetricTable } from './metric-table.js';
import { Narrowing } from './narrowing.js';
import { adjustmentIn, METHODS, servedText, VERDICTS } from './plain-words.js';
import { WhoCounts } from './who-counts.js';

/** The results of an iteration: the verdict first, then what it rests on. */
export function Results({
  environment,
  results,
  iteration,
}: {
  readonly environment: string;
  readonly results: ExperimentResultsBody;
  readonly iteration: number;
}) {
  const { verdict, sentence, metrics, method, covariateDays, key } = results;
  const { tone } = VERDICTS[verdict];
  const isGreyed = tone === 'wrong';
  const ofRole = (role: ExperimentMetricBody['role']) => metrics.filter((metric) => metric.role === role);
  const download = async () => {
    try {
      const text = await experimentCalls.csv(environment, key, results.iteration.number);
      saveFile(`${key}.csv`, new Blob([text], { type: 'text/csv' }));
    } catch (error) {
      complain('The results were not downloaded', error);
    }
  };
  return (
    <>
      <Decided results={results} />
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
      <WhoCounts results={results} />
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

function Decided({ results }: { readonly results: ExperimentResultsBody }) {
  const { decision } = results;
  if (decision === null) return null;
  const { kind, variation, by, at } = decision;
  return (
    <Notice>
      “{servedText(results, variation)}” was {kind === 'roll-out' ? 'rolled out' : 'put back'} by {by.name},{' '}
      {moment(Date.parse(at))}.
    </Notice>
  );
}

function Users({ results }: { readonly results: ExperimentResultsBody }) {
  const { users, plannedUsers, usersPerDay, variations, iteration, lastEventAt } = results;
  const planned = (plannedUsers / 2) * variations.length;
  const since = moment(Date.parse(iteration.start));
  return (
    <section className="experiment-users" aria-label="Users">
      <p>
        <strong>{figure(users)}</strong> users of {figure(Math.round(planned))} planned
        {usersPerDay !== null && `, about ${figure(Math.round(usersPerDay))} a day`} ·{' '}
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
