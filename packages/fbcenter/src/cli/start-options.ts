import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { isRole, ROLES } from '../model/role.js';
import { type CenterOptions, MISSING_ATTRIBUTE } from '../options.js';
import { LOG_LEVELS, type LogLevel } from '../runtime/log.js';
import { type Given, nameOf, SETTINGS } from './settings.js';

/** How a center is started. */
export interface StartOptions {
  readonly options: CenterOptions;
  readonly logLevel: LogLevel;
}

/**
 * Makes the center's options of the settings that were given.
 *
 * @param problems what could not be read of them.
 * @throws InvalidConfigError naming everything that cannot be understood. Values are checked when the center starts.
 */
export function readStart(given: Given, problems: ConfigProblem[]): StartOptions {
  const {
    host,
    port,
    dataFolder,
    database,
    adminToken,
    auditDays,
    missingAttribute = SETTINGS.missingAttribute.fallback,
    logLevel = SETTINGS.logLevel.fallback,
  } = given;
  const keys = (given.environments ?? SETTINGS.environments.fallback).split(',').map((key) => key.trim());
  const serverSecrets = readSecrets(given, 'serverSecret', keys, problems);
  const clientSecrets = readSecrets(given, 'clientSecret', keys, problems);
  const inMemory = readSwitch(given, 'memory', problems);
  if (inMemory && dataFolder !== undefined) {
    problems.push({ option: 'memory', message: `cannot be combined with ${nameOf('dataFolder')}` });
  }
  if (database !== undefined && (inMemory || dataFolder !== undefined)) {
    const other = inMemory ? 'memory' : 'dataFolder';
    problems.push({ option: 'database', message: `cannot be combined with ${nameOf(other)}` });
  }
  const requireData = readSwitch(given, 'requireData', problems);
  const rememberUsers = readSwitch(given, 'rememberUsers', problems);
  const sendRuleNames = readSwitch(given, 'sendRuleNames', problems);
  if (!isLogLevel(logLevel)) problems.push({ option: 'logLevel', message: `must be one of ${LOG_LEVELS.join(', ')}` });
  if (!MISSING_ATTRIBUTE.some((known) => known === missingAttribute)) {
    problems.push({ option: 'missingAttribute', message: `must be ${MISSING_ATTRIBUTE.join(' or ')}` });
  }
  const portNumber = port === undefined ? undefined : readPort(port, problems);
  const oidc = readOidc(given, problems);
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new InvalidConfigError(problems);
  return {
    logLevel,
    options: {
      host,
      port: portNumber,
      ...(database === undefined
        ? { dataFolder: inMemory ? undefined : (dataFolder ?? SETTINGS.dataFolder.fallback) }
        : { database }),
      requireData,
      adminToken,
      ...(given.publicUrl === undefined ? {} : { publicUrl: given.publicUrl }),
      ...(oidc === undefined ? {} : { oidc }),
      rememberUsers,
      // What is no number is refused with all other options.
      ...(auditDays === undefined ? {} : { auditDays: Number(auditDays) }),
      missingAttribute: MISSING_ATTRIBUTE.find((known) => known === missingAttribute),
      sendRuleNames,
      environments: keys.map((key) => ({
        key,
        serverSecret: serverSecrets.get(key),
        clientSecret: clientSecrets.get(key),
      })),
    },
  };
}

function readSwitch(
  given: Given,
  option: 'memory' | 'requireData' | 'rememberUsers' | 'sendRuleNames',
  problems: ConfigProblem[],
): boolean {
  const text = given[option] ?? 'false';
  if (text !== 'true' && text !== 'false') problems.push({ option, message: 'must be true or false' });
  return text === 'true';
}

/** The identity provider, when one of its settings is given. */
function readOidc(given: Given, problems: ConfigProblem[]): CenterOptions['oidc'] {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcRoles, oidcGroupsClaim, oidcScope, oidcLabel } = given;
  if (oidcIssuer === undefined) {
    const [other] = (['oidcClientId', 'oidcClientSecret', 'oidcRoles'] as const).filter((name) => given[name]);
    if (other !== undefined) problems.push({ option: other, message: `goes with ${nameOf('oidcIssuer')}` });
    return undefined;
  }
  const roles = (oidcRoles ?? '').split(',').flatMap((entry) => {
    const [, group = '', role = '', keys] = /^(.+)=(\w+)(?::(.+))?$/.exec(entry.trim()) ?? [];
    if (isRole(role))
      return [{ group: group.trim(), role, ...(keys === undefined ? {} : { environments: keys.split('+') }) }];
    const message = 'must be GROUP=ROLE, or GROUP=ROLE:ENVIRONMENT+ENVIRONMENT, several with commas';
    problems.push({ option: 'oidcRoles', message: `${message}; roles are ${ROLES.join(', ')}` });
    return [];
  });
  return {
    issuer: oidcIssuer,
    clientId: oidcClientId ?? '',
    clientSecret: oidcClientSecret,
    roles,
    groupsClaim: oidcGroupsClaim,
    scope: oidcScope,
    label: oidcLabel,
  };
}

function readSecrets(
  given: Given,
  option: 'serverSecret' | 'clientSecret',
  keys: readonly string[],
  problems: ConfigProblem[],
): ReadonlyMap<string, readonly string[]> {
  const secrets = new Map<string, string[]>();
  for (const entry of given[option]?.split(',') ?? []) {
    const separator = entry.indexOf('=');
    const key = separator < 0 ? (keys[0] ?? '') : entry.slice(0, separator).trim();
    if (!keys.includes(key)) {
      problems.push({ option, message: `names an environment that is not among ${keys.join(', ')}` });
    }
    secrets.set(key, [...(secrets.get(key) ?? []), entry.slice(separator + 1).trim()]);
  }
  return secrets;
}

/** @returns NaN for what is no number: the center says what is allowed. */
export function readPort(text: string, problems: ConfigProblem[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:tcp|udp):\/\/[\w.:[\]-]+$/.test(text)) return Number.NaN;
  const message =
    `is ${text}, which Kubernetes sets for a Service that is called fbcenter: ` +
    'give the port with --port, call the Service something else, or set enableServiceLinks: false in the pod';
  problems.push({ option: 'port', message });
  return Number.NaN;
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}
