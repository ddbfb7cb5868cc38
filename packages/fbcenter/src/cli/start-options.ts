import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { isRole, ROLES } from '../model/role.js';
import { type CenterOptions, MISSING_ATTRIBUTE } from '../options.js';
import type { LogFormat, LogLevel } from '../runtime/log.js';
import { readLogFormat, readOperating } from './operating-settings.js';
import { isLogLevel, LOG_LEVEL_PROBLEM, readPort, readSecrets, readSwitch } from './setting-values.js';
import { type Given, nameOf, SETTINGS } from './settings.js';

/** How a center is started. */
export interface StartOptions {
  readonly options: CenterOptions;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
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
  const webhooksToPrivate = readSwitch(given, 'webhooksToPrivate', problems);
  const sendRuleNames = readSwitch(given, 'sendRuleNames', problems);
  if (!isLogLevel(logLevel)) problems.push({ option: 'logLevel', message: LOG_LEVEL_PROBLEM });
  if (!MISSING_ATTRIBUTE.some((known) => known === missingAttribute)) {
    problems.push({ option: 'missingAttribute', message: `must be ${MISSING_ATTRIBUTE.join(' or ')}` });
  }
  const portNumber = port === undefined ? undefined : readPort(port, 'fbcenter', problems);
  const oidc = readOidc(given, problems);
  const operating = readOperating(given, problems);
  const logFormat = readLogFormat(given, problems);
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new InvalidConfigError(problems);
  return {
    logLevel,
    logFormat,
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
      webhooksToPrivate,
      sendRuleNames,
      ...operating,
      environments: keys.map((key) => ({
        key,
        serverSecret: serverSecrets.get(key),
        clientSecret: clientSecrets.get(key),
      })),
    },
  };
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
