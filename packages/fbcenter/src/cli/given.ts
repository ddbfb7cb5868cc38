import type { ConfigProblem, InvalidConfigError } from '../errors.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { nameOf, SETTINGS, type Setting, type SettingsTable } from './settings.js';

/** The flags of a command line, by name. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Where settings are given. */
export interface Sources {
  readonly flags: Flags;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readFile(path: string): string;
}

/** Where the value of a setting is from. */
interface Origin {
  readonly kind: 'flag' | 'variable' | 'config';
  /** As people find it: `--port`, `FBCENTER_PORT_FILE`, `fbcenter.yaml:3: port`. */
  readonly text: string;
}

/** Where each setting is from that was given, by the name of its option. */
export type Origins = Map<string, Origin>;

/** What a layer says of a key. */
interface Found {
  readonly origin: Origin;
  readonly text: string;
}

/** By the flag without its hyphens. */
type Layer = (key: string) => Found | undefined;

/**
 * Reads every setting that was given: on the command line, by an environment variable, or in the config file that one of them names, in this order.
 * Where a layer gives the contrary of a setting, those below it do not count.
 *
 * @param problems receives what cannot be read.
 * @param origins receives where each setting is from.
 */
export function readSettings<Name extends string>(
  settings: Readonly<Record<Name, Setting>>,
  sources: Sources,
  problems: ConfigProblem[],
  origins: Origins = new Map(),
): Partial<Record<Name, string>> {
  const given: Partial<Record<Name, string>> = {};
  const layers = [
    flagLayer(sources),
    variableLayer(sources, prefixOf(settings)),
    configLayer(sources, settings, problems),
  ];
  for (const name of Object.keys(settings) as Name[]) {
    const { flag, contrary } = settings[name];
    const layer = layers.find((found) => isGiven(found, flag) || (contrary !== undefined && isSaid(found, contrary)));
    const direct = layer?.(flag);
    const file = layer?.(fileKey(flag));
    const found = direct ?? file;
    if (found === undefined) continue;
    origins.set(name, found.origin);
    // A variable beside one that names a file wins; elsewhere both are a mistake that somebody has just made.
    if (direct !== undefined && file !== undefined && direct.origin.kind !== 'variable') {
      problems.push({ option: name, message: `cannot be combined with ${file.origin.text}` });
    }
    const text = direct?.text ?? contentOf(found, sources);
    if (text === undefined) problems.push({ option: name, message: `the file of ${found.origin.text} cannot be read` });
    else given[name] = text;
  }
  return given;
}

/** What names a file that holds the value of a setting. */
export function fileKey(flag: string): string {
  return `${flag}-file`;
}

function isGiven(layer: Layer, flag: string): boolean {
  return layer(flag) !== undefined || layer(fileKey(flag)) !== undefined;
}

function isSaid(layer: Layer, contrary: string): boolean {
  return isGiven(layer, contrary) && layer(contrary)?.text !== 'false';
}

function contentOf({ text: path }: Found, sources: Sources): string | undefined {
  try {
    return sources.readFile(path).trim();
  } catch {
    return undefined;
  }
}

function flagLayer({ flags }: Sources): Layer {
  return (key) => {
    const value = flags[key];
    return value === undefined ? undefined : { origin: { kind: 'flag', text: `--${key}` }, text: String(value) };
  };
}

/** A variable that is empty is one that was not filled in, as compose files have them. */
function variableLayer({ variables }: Sources, prefix: string): Layer {
  return (key) => {
    const name = `${prefix}_${key.toUpperCase().replaceAll('-', '_')}`;
    const text = variables[name];
    return text === undefined || text === '' ? undefined : { origin: { kind: 'variable', text: name }, text };
  };
}

function configLayer(sources: Sources, settings: SettingsTable, problems: ConfigProblem[]): Layer {
  const file = readConfig(sources, settings, problems);
  return (key) => {
    const entry = file?.entries.get(key);
    if (file === undefined || entry === undefined) return undefined;
    const origin = { kind: 'config', text: `${file.path}:${entry.line}: ${key}` } as const;
    return { origin, text: entry.text };
  };
}

/** What the variables of these settings begin with. */
function prefixOf(settings: SettingsTable): string {
  const [{ variable } = { variable: 'FBCENTER' }] = Object.values(settings);
  return variable.slice(0, variable.indexOf('_'));
}

/** The variable that names the config file of these settings. */
function configVariable(settings: SettingsTable): string {
  return `${prefixOf(settings)}_CONFIG`;
}

/** The config file that is given, if there is one. */
export function configPath({ flags, variables }: Sources, settings: SettingsTable): string | undefined {
  return (flags.config as string | undefined) ?? (variables[configVariable(settings)] || undefined);
}

function readConfig(sources: Sources, settings: SettingsTable, problems: ConfigProblem[]): ConfigFile | undefined {
  const path = configPath(sources, settings);
  if (path === undefined) return undefined;
  try {
    return readConfigFile(path, sources.readFile(path), settings, problems);
  } catch {
    const option = `--config (${configVariable(settings)})`;
    problems.push({ option, message: `${path} cannot be read: give the path of a YAML file` });
    return undefined;
  }
}

/** What is wrong with the settings, one line each: by the place in the config file, otherwise by the names that the command has for them. */
export function problemLines(
  { problems }: InvalidConfigError,
  settings: SettingsTable = SETTINGS,
  origins: Origins = new Map(),
): readonly string[] {
  const isSettingName = (name: string) => Object.hasOwn(settings, name);
  return problems.map(({ option, message }) => {
    const [, name = option] = /(?:^|\.)(\w+)$/.exec(option) ?? [];
    const ofOidc = option.startsWith('oidc.') ? `oidc${name[0]?.toUpperCase()}${name.slice(1)}` : name;
    const known = isSettingName(ofOidc) ? ofOidc : /^environments\b/.test(option) ? 'environments' : undefined;
    if (known === undefined) return `${option}: ${message}`;
    const origin = origins.get(known);
    return `${origin?.kind === 'config' ? origin.text : nameOf(known, settings)}: ${message}`;
  });
}
