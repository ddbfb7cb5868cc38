import { useState } from 'react';
import type { ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import { useSeries } from '../../api/experiments.js';
import { servedText } from './plain-words.js';
import { SeriesPlot } from './plots.js';

/** How the interval of a goal has narrowed. */
export function Narrowing({
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
