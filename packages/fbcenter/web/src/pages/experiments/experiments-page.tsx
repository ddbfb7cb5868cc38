import type { ExperimentListItem } from '../../../../src/api/experiments.js';
import { useExperiments } from '../../api/experiments.js';
import { hrefOf } from '../../model/route.js';
import { timeOf } from '../../model/time.js';
import { count } from '../../model/words.js';
import { goTo, replaceParameters, useParameters } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { Button, Empty, Since, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Link } from '../../ui/link.js';
import { LoadFailure } from '../../ui/notice.js';
import '../../styles/experiments.css';
import { figure } from '../../model/figure.js';
import { StateBadge, VerdictBadge } from './badges.js';
import { daysText } from './plain-words.js';

/** What runs, since when, how many days are left, and the verdict in a word. */
export function ExperimentsPage({ environment }: { readonly environment: string }) {
  const experiments = useExperiments(environment);
  const showsArchived = useParameters().get('archived') === 'yes';
  const make = () => goTo({ page: 'experiment-setup', environment, key: undefined });
  useShortcuts({ n: make });
  const all = experiments.data?.items ?? [];
  const archived = all.filter(({ state }) => state === 'archived').length;
  const shown = all.filter(({ state }) => showsArchived || state !== 'archived').sort(byState);
  return (
    <div className="page">
      <div className="page-head">
        <Heading title="Experiments" />
        <Button look="primary" icon="plus" onClick={make} aria-keyshortcuts="n">
          New experiment
        </Button>
      </div>
      <LoadFailure of={experiments} what="The experiments" />
      {experiments.data === undefined ? (
        experiments.error === null && <Skeleton lines={6} />
      ) : all.length === 0 ? (
        <Empty icon="flask" title="No experiment yet">
          <p>
            An experiment serves variations of a flag to different users, and compares what they do: does the new
            checkout sell more?
          </p>
          <Button look="primary" icon="plus" onClick={make}>
            New experiment
          </Button>
        </Empty>
      ) : (
        <>
          <table className="list">
            <thead>
              <tr>
                <th scope="col">Experiment</th>
                <th scope="col">State</th>
                <th scope="col">Verdict</th>
                <th scope="col" className="number">
                  Users
                </th>
                <th scope="col">Days left</th>
                <th scope="col">Started</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((item) => (
                <Row key={item.key} environment={environment} item={item} />
              ))}
            </tbody>
          </table>
          {archived > 0 && (
            <Button look="quiet" onClick={() => replaceParameters({ archived: showsArchived ? '' : 'yes' })}>
              {showsArchived ? 'Hide what is archived' : `Show ${count(archived, 'archived experiment')}`}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function Row({ environment, item }: { readonly environment: string; readonly item: ExperimentListItem }) {
  const { key, name, flagKey, state, start, users, daysLeft, verdict } = item;
  const time = timeOf(start);
  const runs = state === 'running' || state === 'paused';
  return (
    <tr className={state === 'archived' ? 'muted' : ''}>
      <td>
        <Link href={hrefOf({ page: 'experiment', environment, key })}>
          <span className="title">{name}</span>
          {name !== key && <span className="mono quiet">{key}</span>}
        </Link>
        <span className="quiet">on {flagKey}</span>
      </td>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        <VerdictBadge verdict={verdict} />
      </td>
      <td className="number">{figure(users)}</td>
      <td>{runs && daysLeft !== null ? daysText(daysLeft) : <span className="muted">–</span>}</td>
      <td className="quiet">{time === undefined ? '–' : <Since at={time} />}</td>
    </tr>
  );
}

const ORDER = ['running', 'paused', 'draft', 'stopped', 'archived'] as const;

function byState(one: ExperimentListItem, other: ExperimentListItem): number {
  return ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.name.localeCompare(other.name);
}
