import type { MetricDefinition } from '../model/experiment.js';
import {
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** What goes over HTTP about what an environment measures. */

export const MetricTypeBody = oneOf(['conversion', 'count', 'sum', 'ratio', 'retention']);
const AggregationBody = oneOf(['count', 'sum']);
export const RoleOfMetric = oneOf(
  ['goal', 'guardrail', 'secondary'],
  'Goals decide, guardrails warn of harm, secondary metrics are explored.',
);
const RatioPartBody = object({ event: text(), aggregation: AggregationBody });

export const MetricBody: Schema<MetricDefinition> = named(
  'Metric',
  object(
    {
      key: text(),
      name: text(),
      type: MetricTypeBody,
      event: text('The name of the events; of a ratio that of the numerator.'),
      aggregation: nullable(AggregationBody),
      denominator: nullable(RatioPartBody),
      lowerIsBetter: truth(),
      cap: nullable(number('The greatest value of one user.')),
      windowHours: nullable(number('For how long events count after the exposure.')),
      delayDays: nullable(number('Of a retention: when the window begins.')),
    },
    'Something that an environment measures.',
  ),
);

export const MetricInput = named(
  'MetricInput',
  object({
    key: optional(text()),
    name: optional(nullable(text())),
    type: MetricTypeBody,
    event: optional(nullable(text())),
    aggregation: optional(nullable(AggregationBody)),
    denominator: optional(nullable(object({ event: text(), aggregation: optional(nullable(AggregationBody)) }))),
    lowerIsBetter: optional(nullable(truth())),
    cap: optional(nullable(number())),
    windowHours: optional(nullable(number())),
    delayDays: optional(nullable(number())),
  }),
);

export const MetricListBody = object({
  items: list(MetricBody),
  offered: list(
    object({ event: text(), count: whole(), lastAt: time() }),
    'Events that have arrived and that no metric counts.',
  ),
});
export type MetricListBody = TypeOf<typeof MetricListBody>;
