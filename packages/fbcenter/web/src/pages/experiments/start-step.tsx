import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ExperimentBody } from '../../../../src/api/experiments.js';
import { experimentCalls, useChecks } from '../../api/experiments.js';
import { goTo } from '../../shell/navigation.js';
import { Button, Skeleton } from '../../ui/controls.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';

const LEVELS = { error: ['bad', 'Missing'], warning: ['wrong', 'Look'], ok: ['good', 'Good'] } as const;

/** The last step: what the server finds in the settings, and the start. */
export function StartStep({
  environment,
  experiment,
}: {
  readonly environment: string;
  readonly experiment: ExperimentBody;
}) {
  const { key, revision, name } = experiment;
  const checks = useChecks(environment, key, revision);
  const [problem, setProblem] = useState<ReactNode>();
  const client = useQueryClient();
  const start = async (adjustFlag: boolean) => {
    try {
      await experimentCalls.act(environment, key, 'start', { adjustFlag });
      void client.invalidateQueries({ queryKey: ['env', environment] });
      goTo({ page: 'experiment', environment, key });
      say(`${name} runs.`);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  const { data } = checks;
  if (data === undefined)
    return checks.error === null ? <Skeleton lines={5} /> : <LoadFailure of={checks} what="The checks" />;
  return (
    <>
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <ul className="check-list">
        {data.checks.map(({ code, level, message }) => {
          const [tone, word] = LEVELS[level];
          return (
            <li key={`${code} ${message}`}>
              <span className={`verdict ${tone}`}>{word}</span>
              <span>{message}</span>
            </li>
          );
        })}
      </ul>
      <p>
        With the start the flag’s variations and shares, the metrics and these settings are frozen. If the flag is
        changed afterwards, the results say so.
      </p>
      <p className="actions">
        <Button look="primary" disabled={!data.canStart} onClick={() => void start(false)}>
          Start
        </Button>
        {!data.canStart && data.canStartAdjusted && (
          <Button look="primary" onClick={() => void start(true)}>
            Change the flag and start
          </Button>
        )}
      </p>
      {!data.canStart && data.canStartAdjusted && (
        <p className="quiet">
          Then the flag lets exactly those users in for whom chance decides. Who is served what stays as it is.
        </p>
      )}
    </>
  );
}
