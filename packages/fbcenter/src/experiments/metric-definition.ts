import { invalid } from '../documents/edit.js';
import { Faults } from '../documents/faults.js';
import { Fields } from '../documents/fields.js';
import { readKey } from '../documents/keys.js';
import { nameProblem } from '../documents/names.js';
import type { MetricDefinition, MetricType, RatioPart } from '../model/experiment.js';

const TYPES: readonly MetricType[] = ['conversion', 'count', 'sum', 'ratio', 'retention'];
/** As the SDKs' events have it. */
const MAX_EVENT_LENGTH = 256;
/** Nobody waits longer for a user. */
const MAX_DAYS = 366;

/**
 * Reads a metric as the management API takes it.
 *
 * Defaults: `name` the key; `event` the key; `lowerIsBetter` false; no `cap`, no `windowHours`; of a ratio `aggregation` is `sum`.
 *
 * @throws Refusal `invalid-document` with every fault.
 */
export function readMetric(input: unknown, expectedKey: string): MetricDefinition {
  const faults = new Faults();
  const fields = new Fields({ value: input, path: '' }, faults);
  const key = readKey(fields, 'key', expectedKey);
  const type = readType(fields);
  const isRatio = type === 'ratio';
  const isRetention = type === 'retention';
  const metric: MetricDefinition = {
    key,
    name: readName(fields, 'name', key),
    type,
    event: readEvent(fields, key),
    aggregation: isRatio ? readAggregation(fields, 'sum') : null,
    denominator: isRatio ? readDenominator(fields) : null,
    lowerIsBetter: fields.boolean('lowerIsBetter', false),
    cap: readAmount(fields, 'cap', Number.MAX_VALUE),
    windowHours: readAmount(fields, 'windowHours', MAX_DAYS * 24),
    delayDays: isRetention ? (readAmount(fields, 'delayDays', MAX_DAYS) ?? 1) : null,
  };
  if ((type === 'conversion' || isRetention) && metric.cap !== null) {
    faults.add('invalid-value', 'cap', `A ${type} is 0 or 1: leave the cap out.`);
  }
  fields.refuseMisspelt('aggregation', 'denominator', 'delayDays');
  if (faults.list.length > 0) throw invalid(faults.list);
  return metric;
}

function readType(fields: Fields): MetricType {
  const text = fields.text('type');
  const type = TYPES.find((one) => one === text);
  if (type === undefined && typeof fields.source.type === 'string') {
    fields.faults.add('invalid-value', 'type', `Expected one of ${TYPES.join(', ')}.`);
  }
  return type ?? 'conversion';
}

/** A name for people. */
export function readName(fields: Fields, field: string, fallback: string): string {
  const name = fields.text(field, fallback);
  const problem = nameProblem(name);
  if (problem !== undefined) fields.faults.add('invalid-value', fields.path(field), problem);
  return name;
}

function readEvent(fields: Fields, fallback?: string): string {
  const event = fields.filledText('event', fallback);
  if (event.length > MAX_EVENT_LENGTH || /[\p{Cc}\p{Cs}]/u.test(event)) {
    const message = `An event's name has up to ${MAX_EVENT_LENGTH} characters and no control characters.`;
    fields.faults.add('invalid-value', fields.path('event'), message);
  }
  return event;
}

function readAggregation(fields: Fields, fallback: 'count' | 'sum'): 'count' | 'sum' {
  const text = fields.text('aggregation', fallback);
  if (text === 'count' || text === 'sum') return text;
  fields.faults.add('invalid-value', fields.path('aggregation'), 'Expected count or sum.');
  return fallback;
}

function readDenominator(fields: Fields): RatioPart | null {
  const denominator = fields.object('denominator');
  if (denominator === undefined) return null;
  const part = { event: readEvent(denominator), aggregation: readAggregation(denominator, 'count') };
  denominator.refuseMisspelt();
  return part;
}

/** A number above 0, or null. */
function readAmount(fields: Fields, name: string, most: number): number | null {
  if ((fields.source[name] ?? null) === null) {
    // Known, for the sake of what is misspelt.
    fields.number(name, 0);
    return null;
  }
  const amount = fields.number(name);
  if (amount > 0 && amount <= most) return amount;
  const bound = most === Number.MAX_VALUE ? '' : `, and at most ${most}`;
  if (typeof fields.source[name] === 'number') {
    fields.faults.add('invalid-value', fields.path(name), `Must be above 0${bound}.`);
  }
  return null;
}
