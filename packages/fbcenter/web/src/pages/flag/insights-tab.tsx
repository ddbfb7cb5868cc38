import { useState } from 'react';
import { useEvaluations, useUsage } from '../../api/queries.js';
import { VariationName } from '../../editing/sentence.js';
import { colorIndex } from '../../editing/serving-editor.js';
import { type FlagDocument, labelOf } from '../../model/document.js';
import { figure } from '../../model/figure.js';
import { historyOf } from '../../model/history.js';
import { Since, Skeleton } from '../../ui/controls.js';
import { HistoryChart } from '../../ui/history-chart.js';
import { LoadFailure } from '../../ui/notice.js';
import { FlagCode } from './flag-code.js';

type Bucket = 'minute' | 'hour' | 'day';

const SPANS: readonly (readonly [bucket: Bucket, label: string])[] = [
  ['minute', '2 hours'],
  ['hour', '7 days'],
  ['day', '90 days'],
];

const FORMATS: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  minute: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }),
  hour: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
  // Days are counted by UTC.
  day: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }),
};

/** How often each variation was served, over time. */
export function InsightsTab({ environment, flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const [bucket, setBucket] = useState<Bucket>('hour');
  const usage = useUsage(environment);
  const evaluations = useEvaluations(environment, flag.key, bucket);
  if (usage.data === undefined || evaluations.data === undefined) {
    const failed = usage.error !== null ? usage : evaluations;
    return failed.error === null ? <Skeleton lines={5} /> : <LoadFailure of={failed} what="The figures" />;
  }
  const own = usage.data.flags.get(flag.key);
  if (own === undefined) {
    return (
      <div className="insights">
        <p role="status">
          <strong>Nobody has asked for this flag yet.</strong> This page waits: the first evaluation shows within a
          second.
        </p>
        <FlagCode environment={environment} flag={flag} />
      </div>
    );
  }
  const history = historyOf(
    evaluations.data,
    flag.variations.map(({ id }) => id),
  );
  const served = new Map(history.variations.map(({ id, total }) => [id, total]));
  const ids = [...new Set([...flag.variations.map(({ id }) => id), ...served.keys()])];
  return (
    <div className="insights">
      <LoadFailure of={evaluations} what="The figures" />
      <div className="insights-head">
        <p className="total">
          <strong>{figure(own.count)}</strong> evaluations in all
          {own.lastAt !== undefined && (
            <span className="quiet">
              , the last one <Since at={own.lastAt} />
            </span>
          )}
        </p>
        <div className="filters" role="group" aria-label="Time">
          {SPANS.map(([name, label]) => (
            <button key={name} type="button" aria-pressed={name === bucket} onClick={() => setBucket(name)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <HistoryChart
        history={history}
        labelOf={(id) => labelOf(flag, id)}
        colorOf={(id) => colorIndex(flag, id)}
        timeText={(time) => FORMATS[evaluations.data.bucket].format(time)}
      />
      <table className="counts">
        <thead>
          <tr>
            <th scope="col">Variation</th>
            <th scope="col">Share</th>
            <th scope="col" className="number">
              Evaluations
            </th>
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => {
            const count = served.get(id) ?? 0;
            const share = history.total === 0 ? 0 : (count / history.total) * 100;
            return (
              <tr key={id}>
                <th scope="row">
                  <VariationName flag={flag} id={id} />
                </th>
                <td className="bar-cell">
                  <span className={`bar v${colorIndex(flag, id)}`} style={{ width: `${share}%` }} />
                  <span>{share.toFixed(1)} %</span>
                </td>
                <td className="number">{figure(count)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
