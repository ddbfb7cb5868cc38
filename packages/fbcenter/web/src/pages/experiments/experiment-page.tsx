import { useState } from 'react';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import { useExperiment, useResults } from '../../api/experiments.js';
import { hrefOf } from '../../model/route.js';
import { moment } from '../../model/time.js';
import { Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import '../../styles/experiments.css';
import { Actions } from './actions.js';
import { StateBadge } from './badges.js';
import { Results } from './results.js';

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
  const { state, flagKey, hypothesis, iterations } = experiment;
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
