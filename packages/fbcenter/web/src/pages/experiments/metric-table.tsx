import type { ExperimentMetricBody, ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import { VerdictBadge } from './badges.js';
import { chanceText, daysText, intervalText, percent, pText, servedText, VERDICTS, valueText } from './plain-words.js';
import { ForestAxis, ForestRow } from './plots.js';
import { scaleFor } from './scale.js';

/** Metrics of a role with their intervals, all on one scale: a forest plot. */
export function MetricTable({
  title,
  results,
  metrics,
  hint,
}: {
  readonly title: string;
  readonly results: ExperimentResultsBody;
  readonly metrics: readonly ExperimentMetricBody[];
  readonly hint?: string;
}) {
  if (metrics.length === 0) return null;
  const scale = scaleFor(results.metrics.flatMap(endsOf));
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {hint !== undefined && <p className="quiet">{hint}</p>}
      <div className="forest-scroll" role="region" aria-label={`${title}, table`} tabIndex={0}>
        <table className="list forest-table">
          <colgroup>
            <col />
            <col className="values" />
            <col className="narrow" />
            <col className="plot" />
            <col className="narrow" />
            <col className="narrow" />
            <col className="values" />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className="number">
                Control → variation
              </th>
              <th scope="col" className="number">
                Uplift
              </th>
              <th scope="col" className="forest-cell">
                <span className="visually-hidden">Interval</span>
                <ForestAxis scale={scale} />
              </th>
              <th scope="col" className="number">
                p
              </th>
              <th scope="col" className="number">
                Chance to win
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {metrics.flatMap((metric) =>
              metric.comparisons.map((comparison) => (
                <Row
                  key={`${metric.key} ${comparison.variation}`}
                  results={results}
                  metric={metric}
                  comparison={comparison}
                  scale={scale}
                />
              )),
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function endsOf({ comparisons }: ExperimentMetricBody): readonly number[] {
  return comparisons.flatMap(({ result }) =>
    result.status === 'ok' && result.relative.status === 'ok' ? [result.relative.low, result.relative.high] : [],
  );
}

function Row({
  results,
  metric,
  comparison,
  scale,
}: {
  readonly results: ExperimentResultsBody;
  readonly metric: ExperimentMetricBody;
  readonly comparison: ExperimentMetricBody['comparisons'][number];
  readonly scale: number;
}) {
  const { variation, verdict, result, adjustedPValue, bayes, remaining, conclusion } = comparison;
  const control = results.variations.find(({ isControl }) => isControl)?.id;
  const mean = (id: string | undefined) => metric.values.find((value) => value.variation === id)?.value ?? null;
  const relative = result.status === 'ok' && result.relative.status === 'ok' ? result.relative : undefined;
  const name = `${metric.name}, ${servedText(results, variation)}`;
  const words = relative === undefined ? 'no interval yet' : intervalText(relative.low, relative.high);
  return (
    <>
      <tr>
        <th scope="row">
          <span className="title">{metric.name}</span>
          <span className="quiet">{servedText(results, variation)}</span>
        </th>
        <td className="number">
          {valueText(mean(control), metric.type)} → {valueText(mean(variation), metric.type)}
        </td>
        <td className="number">{relative === undefined ? '–' : percent(relative.uplift)}</td>
        <td className="forest-cell">
          <ForestRow
            interval={relative && { low: relative.low, high: relative.high, middle: relative.uplift }}
            scale={scale}
            tone={VERDICTS[verdict].tone}
            label={`${name}: ${words}`}
          />
        </td>
        <td className="number">{pText(adjustedPValue ?? (result.status === 'ok' ? result.pValue : null))}</td>
        <td className="number">{bayes === null ? '–' : chanceText(bayes.chanceToWin)}</td>
        <td>
          <VerdictBadge verdict={verdict} />
          {remaining?.days != null && remaining.days > 0 && <span className="quiet">{daysText(remaining.days)}</span>}
        </td>
      </tr>
      <tr className="conclusion-row">
        <td colSpan={7} className="quiet">
          <span className="conclusion-text">{conclusion}</span>
        </td>
      </tr>
    </>
  );
}
