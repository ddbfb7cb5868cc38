import { stringify } from 'yaml';
import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { applySchema } from '../manage/apply-schema.js';
import { resolveOptions } from '../options.js';
import { configSchema } from './config-schema.js';
import { configPath, type Origins, readSettings, type Sources } from './given.js';
import { type Given, SETTINGS, type Setting } from './settings.js';
import { readStart } from './start-options.js';

/** What `fbcenter config` can do. */
export const CONFIG_VERBS = ['check', 'print', 'schema'] as const;
type ConfigVerb = (typeof CONFIG_VERBS)[number];

export interface ConfigCommand {
  readonly verb: ConfigVerb;
  /** Whether the schema is that of the files that are applied. */
  readonly ofApply: boolean;
  readonly sources: Sources;
  readonly isJson: boolean;
}

/**
 * Checks or shows the settings as a start would have them.
 *
 * @param origins receives where each setting is from.
 * @returns what is printed.
 * @throws InvalidConfigError naming everything that a start would refuse.
 */
export function runConfig({ verb, ofApply, sources, isJson }: ConfigCommand, origins: Origins): string {
  if (verb === 'schema') {
    const schema = ofApply ? applySchema() : configSchema(SETTINGS, 'Settings of fbcenter');
    return `${JSON.stringify(schema, null, 2)}\n`;
  }
  const problems: ConfigProblem[] = [];
  const given = readSettings(SETTINGS, sources, problems, origins);
  if (verb === 'print') {
    if (problems.length > 0) throw new InvalidConfigError(problems);
    return isJson ? `${JSON.stringify(shown(given, origins), null, 2)}\n` : yamlOf(given, origins);
  }
  resolveOptions(readStart(given, problems).options);
  const count = origins.size === 1 ? 'one setting is' : `${origins.size} settings are`;
  const path = configPath(sources, SETTINGS);
  if (isJson) return `${JSON.stringify({ ok: true, file: path ?? null, settings: origins.size })}\n`;
  return path === undefined
    ? `${count} given, and a start would take them\n`
    : `${path}: ${count} given, and a start would take them\n`;
}

/** A setting as it is shown: nothing of it that is a credential. */
interface Shown {
  readonly key: string;
  readonly value: string | number | boolean | readonly string[];
  readonly from: string;
}

/** What is in force, and where each of it is from. What has no value, and no default, is left out. */
function shown(given: Given, origins: Origins): readonly Shown[] {
  return Object.entries(SETTINGS).flatMap(([name, setting]: [string, Setting]) => {
    const text = given[name as keyof Given];
    const value = text ?? defaultOf(name, setting, given);
    if (value === undefined) return [];
    return [{ key: setting.flag, value: shownValue(setting, value), from: origins.get(name)?.text ?? 'default' }];
  });
}

/** A folder by default only where nothing else keeps the data. */
function defaultOf(name: string, { fallback }: Setting, { memory, database }: Given): string | undefined {
  return name === 'dataFolder' && (memory === 'true' || database !== undefined) ? undefined : fallback;
}

function shownValue({ isSecret, isList, isNumber, value }: Setting, text: string): Shown['value'] {
  if (isSecret === true) return masked(text);
  if (value === undefined) return text === 'true';
  if (isList === true && text.includes(',')) return text.split(',').map((item) => item.trim());
  return isNumber === true && /^\d+$/.test(text) ? Number(text) : text;
}

const MASK = '********';

/** Of an address only the password is hidden: where the database is, one has to see. */
export function masked(text: string): string {
  if (!/^[a-z]+:\/\//.test(text) || !URL.canParse(text)) return MASK;
  const url = new URL(text);
  if (url.password !== '') url.password = MASK;
  // A password may stand behind the question mark, too.
  for (const name of [...url.searchParams.keys()])
    if (/pass|key|secret|token/i.test(name)) url.searchParams.set(name, MASK);
  return url.href;
}

function yamlOf(given: Given, origins: Origins): string {
  const lines = shown(given, origins).map(
    ({ key, value, from }) => `${stringify({ [key]: value }).trimEnd()}  # ${from}`,
  );
  // A list goes over several lines: its comment stands behind the last one.
  return `${lines.join('\n')}\n`;
}
