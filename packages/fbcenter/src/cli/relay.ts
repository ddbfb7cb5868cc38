import { resolve } from 'node:path';
import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import type { RelayOptions } from '../relay/relay-options.js';
import { type Relay, startRelay } from '../relay.js';
import { type LogFormat, type LogLevel, lineLogger } from '../runtime/log.js';
import { VERSION } from '../version.js';
import { notUnderstood, readArguments } from './arguments.js';
import type { Command } from './command-line.js';
import type { CommandContext } from './commands.js';
import { type Origins, readSettings } from './given.js';
import { readLogFormat, readOperating } from './operating-settings.js';
import { type GivenToRelay, RELAY_SETTINGS } from './relay-settings.js';
import { isLogLevel, LOG_LEVEL_PROBLEM, readPort, readSecrets, readSwitch } from './setting-values.js';
import { nameOf } from './settings.js';
import { misplaced } from './verbs.js';

/** How a relay is started. */
export interface RelayStart {
  readonly options: RelayOptions;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/**
 * Reads the settings of `fbcenter relay`.
 *
 * @param args what comes after the word.
 * @throws InvalidConfigError naming everything that cannot be understood. Values are checked when the relay starts.
 */
export function readRelay(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  origins: Origins = new Map(),
): Command<'relay' | 'help' | 'version'> {
  const { flags, words } = readArguments(args, RELAY_SETTINGS);
  if (flags.help === true) return { kind: 'help', verb: 'relay' };
  if (flags.version === true) return { kind: 'version' };
  if (words.length > 0) throw notUnderstood(`relay takes options only, not ${words[0]}`);
  const wrong = misplaced('relay', flags);
  if (wrong !== undefined) throw notUnderstood(wrong);
  const problems: ConfigProblem[] = [];
  const given = readSettings(RELAY_SETTINGS, { flags, variables, readFile }, problems, origins);
  const { logLevel = RELAY_SETTINGS.logLevel.fallback } = given;
  const environments = readEnvironments(given, problems);
  const inMemory = readSwitch(given, 'memory', problems);
  if (inMemory && given.dataFolder !== undefined) {
    problems.push({ option: 'memory', message: `cannot be combined with ${nameOf('dataFolder', RELAY_SETTINGS)}` });
  }
  const sendRuleNames = readSwitch(given, 'sendRuleNames', problems);
  if (!isLogLevel(logLevel)) problems.push({ option: 'logLevel', message: LOG_LEVEL_PROBLEM });
  const operating = readOperating(given, problems);
  const logFormat = readLogFormat(given, problems);
  const port = given.port === undefined ? undefined : readPort(given.port, 'fbrelay', problems);
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new InvalidConfigError(problems);
  return {
    kind: 'relay',
    logLevel,
    logFormat,
    options: {
      upstream: given.upstream,
      environments,
      relayKey: given.relayKey,
      host: given.host,
      port,
      dataFolder: inMemory ? undefined : (given.dataFolder ?? RELAY_SETTINGS.dataFolder.fallback),
      // What is no number, or no such word, is refused with all other options.
      spoolBytes: given.spoolBytes === undefined ? undefined : Number(given.spoolBytes),
      startWait: given.startWait === undefined ? undefined : Number(given.startWait),
      missingAttribute: given.missingAttribute as RelayOptions['missingAttribute'],
      sendRuleNames,
      ...operating,
    },
  };
}

/** @returns `undefined` when upstream is to say which environments there are. */
function readEnvironments(given: GivenToRelay, problems: ConfigProblem[]): RelayOptions['environments'] {
  const isGiven = given.environments ?? given.serverSecret ?? given.clientSecret;
  if (isGiven === undefined && given.relayKey !== undefined) return undefined;
  const keys = (given.environments ?? RELAY_SETTINGS.environments.fallback).split(',').map((key) => key.trim());
  const serverSecrets = readSecrets(given, 'serverSecret', keys, problems);
  const clientSecrets = readSecrets(given, 'clientSecret', keys, problems);
  for (const key of keys) {
    if (serverSecrets.has(key)) continue;
    problems.push({ option: 'serverSecret', message: `is missing for the environment ${key}` });
  }
  return keys.map((key) => ({ key, serverSecret: serverSecrets.get(key) ?? [], clientSecret: clientSecrets.get(key) }));
}

/** Runs a relay until it is asked to stop. */
export async function runRelay(
  { options, logLevel, logFormat }: Command<'relay'>,
  { out, err, stopRequested, onHangUp }: CommandContext,
): Promise<void> {
  const relay = await startRelay({ ...options, logger: lineLogger(logLevel, err, logFormat) });
  out(relayGreeting(relay, options));
  if (options.tlsCert !== undefined) onHangUp(() => relay.reloadCertificate());
  await stopRequested();
  await relay.close();
  out('fbcenter relay has stopped.\n');
}

/** What one needs to go on from here. No secret is repeated. */
function relayGreeting(relay: Relay, { upstream, dataFolder }: RelayOptions): string {
  const { environments } = relay.state();
  const lines = [
    `fbcenter ${VERSION} relays ${upstream ?? 'what is posted to it'} and listens on ${relay.url}`,
    ...(relay.metricsUrl === undefined ? [] : [`metrics: ${relay.metricsUrl}`]),
    `data: ${dataFolder === undefined ? 'in memory, gone when it stops' : resolve(dataFolder)}`,
    ...environments.map(({ key, state, hasData, ageSeconds, flags, segments }) => {
      const what = `${flags} flags, ${segments} segments`;
      if (!hasData) return `environment ${key}: no data yet, SDKs are told to come again`;
      return `environment ${key}: ${what}, ${state === 'live' ? 'live' : `${ageSeconds} s old`}`;
    }),
    `SDKs use ${relay.url} with the secrets that they have.`,
    `  curl ${relay.url}/health`,
    'Ctrl-C stops it.',
  ];
  return `${lines.join('\n')}\n`;
}
