import { invalid } from '../documents/edit.js';
import { Faults, type Located } from '../documents/faults.js';
import { Fields } from '../documents/fields.js';
import { readKey } from '../documents/keys.js';
import type { ExperimentSettings, MetricRole, MetricUse } from '../model/experiment.js';
import { shortened } from '../model/shortened.js';
import { isMistyped, readName } from './metric-definition.js';
import { DEFAULT_ALPHA, DEFAULT_POWER, DEFAULT_TUNING } from './statistics/input.js';

const ROLES: readonly MetricRole[] = ['goal', 'guardrail', 'secondary'];
const MAX_METRICS = 20;
const MAX_TREATMENTS = 9;
const MAX_HYPOTHESIS = 2_000;
/** What users did longer ago says little about what they do now. */
const MAX_COVARIATE_DAYS = 28;

/** What of a flag the settings of an experiment depend on. */
export interface SettingsFlag {
  readonly variationIds: readonly string[];
  readonly disabledVariationId: string;
}

/**
 * Reads the settings of an experiment as the management API takes them.
 *
 * Defaults: `name` the key; `control` the variation that is served when the flag is off; `treatments` all others; role of the first
 * metric `goal`, of others `secondary`; `method` always-valid, `alpha` 0.05, `power` 0.8, `plannedUsers` 10,000;
 * no `excludedSegment`, no `covariateDays`.
 *
 * @param flagOf the flag of a key, if there is one.
 * @throws Refusal `invalid-document` with every fault.
 */
export async function readSettings(
  input: unknown,
  expectedKey: string,
  flagOf: (key: string) => Promise<SettingsFlag | undefined>,
): Promise<ExperimentSettings> {
  const faults = new Faults();
  const fields = new Fields({ value: input, path: '' }, faults);
  const key = readKey(fields, 'key', expectedKey);
  const flagKey = fields.filledText('flagKey');
  const flag = flagKey === '' ? undefined : await flagOf(flagKey);
  if (flag === undefined && flagKey !== '') faults.add('invalid-value', 'flagKey', 'There is no flag of this key.');
  const control = fields.text('control', flag?.disabledVariationId ?? '');
  const others = flag?.variationIds.filter((id) => id !== control).slice(0, MAX_TREATMENTS);
  const treatments = fields.texts('treatments', others ?? []);
  if (flag !== undefined) checkVariations(fields, control, treatments, flag);
  const settings: ExperimentSettings = {
    name: readName(fields, 'name', key),
    hypothesis: fields.text('hypothesis', ''),
    flagKey,
    control,
    treatments,
    metrics: readUses(fields),
    method: readMethod(fields),
    alpha: readNumber(fields, 'alpha', DEFAULT_ALPHA, 1e-6, 0.5),
    power: readNumber(fields, 'power', DEFAULT_POWER, 0.5, 0.999),
    plannedUsers: readNumber(fields, 'plannedUsers', DEFAULT_TUNING, 100, 1e10),
    excludedSegment: fields.textOrNull('excludedSegment'),
    covariateDays: readNumberOrNull(fields, 'covariateDays', 1, MAX_COVARIATE_DAYS),
  };
  if (!Number.isInteger(settings.covariateDays ?? 1)) {
    faults.add('invalid-value', 'covariateDays', 'Must be a whole number of days.');
  }
  if (settings.hypothesis.length > MAX_HYPOTHESIS) {
    faults.add('invalid-value', 'hypothesis', `Must not be longer than ${MAX_HYPOTHESIS} characters.`);
  }
  fields.refuseMisspelt();
  if (faults.list.length > 0) throw invalid(faults.list);
  return settings;
}

function checkVariations(
  fields: Fields,
  control: string,
  treatments: readonly string[],
  { variationIds }: SettingsFlag,
): void {
  const { faults } = fields;
  const known = new Set(variationIds);
  // Whoever writes values where ids belong sees what the ids are.
  const unknown = `No variation of the flag has this id: there are ${shortened(variationIds.join(', '), 401)}.`;
  if (!known.has(control) && !isMistyped(fields, 'control', 'string'))
    faults.add('unknown-variation', 'control', unknown);
  if (treatments.length === 0)
    faults.add('missing', 'treatments', 'Required: a variation to compare with the control.');
  if (treatments.length > MAX_TREATMENTS) faults.add('too-many', 'treatments', `At most ${MAX_TREATMENTS}.`);
  for (const [index, id] of treatments.entries()) {
    const path = `treatments[${index}]`;
    if (!known.has(id)) faults.add('unknown-variation', path, unknown);
    if (id === control) faults.add('invalid-value', path, 'This is the control.');
    if (treatments.indexOf(id) < index) faults.add('duplicate-id', path, 'Another one before it is the same.');
  }
}

function readUses(fields: Fields): readonly MetricUse[] {
  const uses = fields
    .each('metrics', (item) => item, [])
    .map(({ value }, index) => readUse(value, index, fields.faults));
  if (uses.length > MAX_METRICS) fields.faults.add('too-many', 'metrics', `At most ${MAX_METRICS}.`);
  for (const [index, { key }] of uses.entries()) {
    if (uses.findIndex((use) => use.key === key) < index) {
      fields.faults.add('duplicate-id', `metrics[${index}].key`, 'Another one before it has the same key.');
    }
  }
  return uses;
}

function readUse(item: Located<unknown>, index: number, faults: Faults): MetricUse {
  const fields = new Fields(item, faults);
  const text = fields.text('role', index === 0 ? 'goal' : 'secondary');
  const role = ROLES.find((one) => one === text);
  if (role === undefined && !isMistyped(fields, 'role', 'string')) {
    faults.add('invalid-value', fields.path('role'), `Expected one of ${ROLES.join(', ')}.`);
  }
  const use = {
    key: fields.filledText('key'),
    role: role ?? 'goal',
    margin: readNumberOrNull(fields, 'margin', 0, 10),
    plannedEffect: readNumberOrNull(fields, 'plannedEffect', -10, 10),
  };
  if (fields.source.plannedEffect === 0) faults.add('invalid-value', fields.path('plannedEffect'), 'Must not be 0.');
  fields.refuseMisspelt();
  return use;
}

function readMethod(fields: Fields): ExperimentSettings['method'] {
  const method = fields.text('method', 'always-valid');
  if (method === 'always-valid' || method === 'fixed') return method;
  if (!isMistyped(fields, 'method', 'string'))
    fields.faults.add('invalid-value', 'method', 'Expected always-valid or fixed.');
  return 'always-valid';
}

function readNumber(fields: Fields, name: string, fallback: number, least: number, most: number): number {
  const number = fields.number(name, fallback);
  if (!(number >= least && number <= most) && !isMistyped(fields, name, 'number')) {
    fields.faults.add('invalid-value', fields.path(name), `Must be from ${least} to ${most}.`);
  }
  return number;
}

function readNumberOrNull(fields: Fields, name: string, least: number, most: number): number | null {
  const isGiven = (fields.source[name] ?? null) !== null;
  const number = readNumber(fields, name, least, least, most);
  return isGiven ? number : null;
}
