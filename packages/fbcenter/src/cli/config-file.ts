import type { ConfigProblem } from '../errors.js';
import { isJsonObject } from '../model/json.js';
import { nearestName } from '../model/near-name.js';
import { readYaml, type YamlDocument } from '../yaml-text.js';
import type { Setting, SettingsTable } from './settings.js';

/** What a config file says, by its keys. */
export interface ConfigFile {
  /** As it was given. */
  readonly path: string;
  readonly entries: ReadonlyMap<string, ConfigEntry>;
}

interface ConfigEntry {
  /** As the environment variable would have it. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** A file of settings is small. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Reads the settings of a config file: YAML with the flags of the command, without the hyphens in front, as keys. Whether a value is allowed is decided
 * with all other settings.
 *
 * @param problems receives everything that cannot be understood, with its line.
 */
export function readConfigFile(
  path: string,
  text: string,
  settings: SettingsTable,
  problems: ConfigProblem[],
): ConfigFile {
  const entries = new Map<string, ConfigEntry>();
  const file: ConfigFile = { path, entries };
  const add = (line: number, message: string) => void problems.push({ option: `${path}:${line}`, message });
  if (text.length > MAX_LENGTH) {
    add(1, 'is larger than any file of settings: give the right one');
    return file;
  }
  const read = readYaml(text, 'as-written');
  if ('faults' in read) {
    for (const { line, message } of read.faults) add(line, `is no YAML: ${message}`);
    return file;
  }
  const [document, second] = read.documents;
  if (second !== undefined) add(second.lineOf([]), 'there is a second document: a config file has one');
  if (document === undefined || document.value === null) return file;
  if (!isJsonObject(document.value)) {
    add(document.lineOf([]), 'a config file has lines such as "port: 5100"');
    return file;
  }
  const known = keysOf(settings);
  const keys = [...known.keys()];
  for (const [key, value] of Object.entries(document.value)) {
    const line = document.lineOf([key]);
    const setting = known.get(key);
    const outcome = setting === undefined ? unknownKey(key, keys) : textOf(setting, key, value, document);
    if (typeof outcome === 'string') entries.set(key, { text: outcome, line });
    else add(line, outcome.problem);
  }
  return file;
}

/** The keys that a config file may have; `-file` names a file that holds a credential. */
export function keysOf(settings: SettingsTable): ReadonlyMap<string, Setting> {
  const keys = new Map<string, Setting>();
  for (const setting of Object.values(settings)) {
    keys.set(setting.flag, setting);
    if (setting.isSecret === true) {
      const { flag, variable, help } = setting;
      keys.set(`${flag}-file`, {
        flag: `${flag}-file`,
        variable: `${variable}_FILE`,
        value: 'FILE',
        help: `file: ${help}`,
      });
    }
  }
  return keys;
}

interface Problem {
  readonly problem: string;
}

function unknownKey(key: string, known: readonly string[]): Problem {
  const near = nearestName(key.replaceAll('_', '-').replace(/^--/, ''), known) ?? nearestName(hyphened(key), known);
  const advice = near === undefined ? 'fbcenter config schema lists all of them' : `did you mean ${near}?`;
  return { problem: `${key}: there is no such setting; ${advice}` };
}

/** As people write names who expect camelCase. */
function hyphened(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function textOf(setting: Setting, key: string, value: unknown, document: YamlDocument): string | Problem {
  if (value === null) return { problem: `${key}: there is no value; give one, or leave the line out` };
  if (setting.value === undefined) {
    return typeof value === 'boolean' ? String(value) : { problem: `${key}: must be true or false` };
  }
  const plain = plainText(value, document.sourceAt([key]));
  if (plain !== undefined) return plain;
  if (setting.isList !== true) return { problem: `${key}: must be one value, such as ${setting.value}` };
  const items = Array.isArray(value) ? value : [];
  const texts = items.map((item, index) => plainText(item, document.sourceAt([key, index])));
  if (texts.length > 0 && texts.every((text) => text !== undefined && !text.includes(','))) return texts.join(',');
  return { problem: `${key}: must be one value or a list of values, such as ${setting.value}` };
}

/** Numbers count as they are written: a token may be made of digits alone. */
function plainText(value: unknown, source: string | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? (source ?? String(value)) : undefined;
}
