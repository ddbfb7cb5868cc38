import type { MissingAttribute } from 'fbclient/core';
import { type OidcOptions, oidcProblems, type ResolvedOidc, resolveOidc } from './access/oidc-options.js';
import { checkDistinct, ENVIRONMENT_CHECKS, type EnvironmentOptions } from './environment-options.js';
import { type ConfigProblem, InvalidConfigError } from './errors.js';
import {
  OPERATING_CHECKS,
  type OperatingOptions,
  operatingProblems,
  type ResolvedOperating,
  resolveOperating,
  tokenProblem,
  truthProblem,
  wholeProblem,
} from './operating-options.js';
import { type Logger, silentLogger } from './runtime/log.js';

/** Settings of a flag center. Copied at the start; later changes of the object have no effect. */
export interface CenterOptions extends OperatingOptions {
  /** Address or name to listen on; `0.0.0.0` is every interface. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Port to listen on, 0 to 65,535; 0 is any free one. @default 5100 */
  readonly port?: number | undefined;
  /** Folder that keeps the data, made when it is not there; used by one center at a time. @default absent: the data is in memory and gone at the end */
  readonly dataFolder?: string | undefined;
  /**
   * Keep the data in a PostgreSQL instead of a folder, `postgres://user:password@host:port/database`: several centers may have it in common. Needs
   * the package `postgres`. @default absent: `dataFolder` decides
   */
  readonly database?: string | undefined;
  /** Refuse to start when there is no data yet, so that a volume that is not mounted, or a wrong database, is noticed. @default false */
  readonly requireData?: boolean | undefined;
  /** Access token of the management API, at least 20 characters without spaces. @default the one that is kept, or a new one */
  readonly adminToken?: string | undefined;
  /**
   * Where browsers find the center, such as `https://flags.example.org`: without a path. Decides whether cookies are for HTTPS only, and where links
   * lead. @default what the browser's request says: `Host`, with `X-Forwarded-Proto` from a proxy
   */
  readonly publicUrl?: string | undefined;
  /** Signing in with an identity provider; needs the package `openid-client`. @default none */
  readonly oidc?: OidcOptions | undefined;
  /**
   * Remember the last 100 users of each environment that SDKs have reported, with their attributes, so that the page can offer them where
   * it explains what a user gets. In memory only. @default false
   */
  readonly rememberUsers?: boolean | undefined;
  /** Days that entries of the audit log are kept, 30 to 36,500. What is forgotten cannot be put back. @default absent: for ever */
  readonly auditDays?: number | undefined;
  /**
   * What an absent or null attribute of a user is to conditions wherever the center evaluates: for browsers, OFREP, FeatBit's evaluate call and
   * explanations. `no-match` as fbclient's option of this name; `empty-string` as FeatBit's own evaluator. @default 'no-match'
   */
  readonly missingAttribute?: MissingAttribute | undefined;
  /**
   * Send webhooks to addresses of private networks and of this machine, too: whoever manages an environment can then have the center post to
   * what only the center can reach. @default false
   */
  readonly webhooksToPrivate?: boolean | undefined;
  /**
   * Send browsers the name of the rule that decided, as FeatBit does. Every visitor can read it; otherwise they are sent "rule match".
   * @default false
   */
  readonly sendRuleNames?: boolean | undefined;
  /** @default one environment, `dev` */
  readonly environments?: readonly EnvironmentOptions[] | undefined;
  /** Where the center writes what an operator should know. @default nowhere */
  readonly logger?: Logger | undefined;
}

/** What {@link CenterOptions.missingAttribute} can be. */
export const MISSING_ATTRIBUTE = ['no-match', 'empty-string'] as const satisfies readonly MissingAttribute[];

export const DEFAULTS = { host: '127.0.0.1', port: 5100, environment: 'dev' } as const;

/** {@link CenterOptions} with every default filled in that does not depend on what is kept. */
export interface ResolvedOptions extends ResolvedOperating {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string | undefined;
  readonly database: string | undefined;
  readonly requireData: boolean;
  readonly adminToken: string | undefined;
  readonly publicUrl: string | undefined;
  readonly oidc: ResolvedOidc | undefined;
  readonly rememberUsers: boolean;
  readonly auditDays: number | undefined;
  readonly missingAttribute: MissingAttribute;
  readonly webhooksToPrivate: boolean;
  readonly sendRuleNames: boolean;
  readonly environments: readonly EnvironmentOptions[];
  readonly logger: Logger;
}

/** Says why a value cannot be used for an option; not called for absent values. */
type Check = (value: unknown) => string | undefined;

const CENTER_CHECKS: Readonly<Record<keyof CenterOptions, Check>> = {
  host: (value) => (isFilled(value) ? undefined : 'must be an address or a host name'),
  port: (value) => wholeProblem(value, 0, 65_535),
  dataFolder: (value) => (isFilled(value) ? undefined : 'must be the path of a folder'),
  database: databaseProblem,
  requireData: truthProblem,
  adminToken: tokenProblem,
  publicUrl: (value) => (isOrigin(value) ? undefined : 'must be an http or https URL without a path'),
  // By itself, with what is wrong in it.
  oidc: () => undefined,
  rememberUsers: truthProblem,
  auditDays: (value) => wholeProblem(value, 30, 36_500),
  missingAttribute: (value) =>
    MISSING_ATTRIBUTE.some((known) => known === value) ? undefined : `must be ${MISSING_ATTRIBUTE.join(' or ')}`,
  webhooksToPrivate: truthProblem,
  sendRuleNames: truthProblem,
  environments: (value) => (Array.isArray(value) ? undefined : 'must be an array of objects'),
  ...OPERATING_CHECKS,
  logger: (value) => (isLogger(value) ? undefined : 'must have the methods debug, info, warn and error'),
};

/**
 * Checks the options and fills the defaults in.
 *
 * @throws InvalidConfigError naming every option that cannot be used.
 */
export function resolveOptions(options: CenterOptions): ResolvedOptions {
  const problems: ConfigProblem[] = [];
  check(options, CENTER_CHECKS, '', problems);
  const environments = Array.isArray(options.environments) ? options.environments : [{ key: DEFAULTS.environment }];
  for (const [index, environment] of environments.entries()) {
    const path = `environments[${index}]`;
    if (typeof environment !== 'object' || environment === null) {
      problems.push({ option: path, message: 'must be an object' });
    } else {
      check({ key: undefined, ...environment }, ENVIRONMENT_CHECKS, `${path}.`, problems);
      if (environment.key === undefined) problems.push({ option: `${path}.key`, message: 'is required' });
    }
  }
  if (options.oidc !== undefined) {
    const inOidc = oidcProblems(options.oidc);
    problems.push(...inOidc.map(({ option, message }) => ({ option: `oidc${option && `.${option}`}`, message })));
  }
  if (options.database !== undefined && options.dataFolder !== undefined) {
    problems.push({ option: 'database', message: 'cannot be combined with dataFolder' });
  }
  problems.push(...operatingProblems(options, options.port ?? DEFAULTS.port));
  if (problems.length === 0) checkDistinct(environments, problems);
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return {
    host: options.host ?? DEFAULTS.host,
    port: options.port ?? DEFAULTS.port,
    dataFolder: options.dataFolder,
    database: options.database,
    requireData: options.requireData ?? false,
    adminToken: options.adminToken,
    publicUrl: options.publicUrl === undefined ? undefined : new URL(options.publicUrl).origin,
    oidc: options.oidc === undefined ? undefined : resolveOidc(options.oidc),
    rememberUsers: options.rememberUsers ?? false,
    auditDays: options.auditDays,
    missingAttribute: options.missingAttribute ?? 'no-match',
    webhooksToPrivate: options.webhooksToPrivate ?? false,
    sendRuleNames: options.sendRuleNames ?? false,
    ...resolveOperating(options),
    environments: environments.map((environment) => ({ ...environment })),
    logger: options.logger ?? silentLogger,
  };
}

function check<T extends object>(
  options: T,
  checks: Readonly<Record<keyof T & string, Check>>,
  prefix: string,
  problems: ConfigProblem[],
): void {
  for (const [name, value] of Object.entries(options)) {
    const known = Object.hasOwn(checks, name) ? checks[name as keyof T & string] : undefined;
    const message = known === undefined ? `is unknown; known are ${Object.keys(checks).join(', ')}` : undefined;
    const problem = message ?? (value === undefined ? undefined : known?.(value));
    if (problem !== undefined) problems.push({ option: prefix + name, message: problem });
  }
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

/** Why something is no address of a database; never what it is. */
export function databaseProblem(value: unknown): string | undefined {
  const message = 'must be an address like postgres://user:password@host:5432/database';
  if (typeof value !== 'string' || !URL.canParse(value)) return message;
  const { protocol, hostname, pathname } = new URL(value);
  return /^postgres(?:ql)?:$/.test(protocol) && hostname !== '' && pathname.length > 1 ? undefined : message;
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, pathname, search, hash, username } = new URL(value);
  return /^https?:$/.test(protocol) && [pathname, search, hash, username].join('') === '/';
}

function isLogger(value: unknown): boolean {
  const logger = (value ?? {}) as Readonly<Record<string, unknown>>;
  return ['debug', 'info', 'warn', 'error'].every((method) => typeof logger[method] === 'function');
}
