import type { MissingAttribute } from 'fbclient/core';
import { environmentIdIn } from '../access/secrets.js';
import { keyProblem } from '../documents/keys.js';
import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { wireId } from '../live/wire-id.js';
import type { SecretKind } from '../model/environment.js';
import {
  OPERATING_CHECKS,
  type OperatingOptions,
  operatingProblems,
  type ResolvedOperating,
  resolveOperating,
} from '../operating-options.js';
import { type Logger, silentLogger } from '../runtime/log.js';
import { type EnvironmentIdentity, secretIdOf } from './relayed-environments.js';

/** An environment of upstream that is relayed. */
export interface RelayedEnvironmentOptions {
  /** What logs, answers and the health call it by. */
  readonly key: string;
  /**
   * The environment's server secret, or several that count at the same time. Upstream is asked with the first one; SDKs may come with
   * any of them.
   */
  readonly serverSecret: string | readonly string[];
  /** What browser SDKs may come with. @default none: browsers are refused */
  readonly clientSecret?: string | readonly string[] | undefined;
}

/** Settings of a relay. Copied at the start; later changes of the object have no effect. */
export interface RelayOptions extends OperatingOptions {
  /**
   * Base of the server behind the relay, `http:` or `https:`: any FeatBit server, a center or another relay. Absent = the relay has its data
   * by `POST /api/public/proxy/bootstrap` alone, with {@link relayKey}.
   */
  readonly upstream?: string | undefined;
  /** The environments; each has one connection to upstream. Absent = those that upstream gives for the {@link relayKey}. */
  readonly environments?: readonly RelayedEnvironmentOptions[] | undefined;
  /**
   * A relay-proxy key of FeatBit, `rp-` and 40 characters. Without {@link environments} upstream is asked with it, over one connection for
   * all. Agents behind this relay come with the same one. @default none
   */
  readonly relayKey?: string | undefined;
  /** Address or name to listen on; `0.0.0.0` is every interface. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Port to listen on, 0 to 65,535; 0 is any free one. @default 6100 */
  readonly port?: number | undefined;
  /**
   * Folder that keeps snapshots and insights, made when it is not there, readable by its owner alone; used by one relay at a time. It holds
   * rules, and users with what they saw. @default absent: nothing is kept, and a start needs upstream
   */
  readonly dataFolder?: string | undefined;
  /** Insights that may wait for upstream, in bytes, 65,536 to 1,099,511,627,776; when it is full, SDKs are told to send them later. @default 268_435_456 on disk, 33_554_432 without a folder */
  readonly spoolBytes?: number | undefined;
  /** The longest that a start waits for upstream before it listens, in milliseconds, 0 to 600,000. @default 3_000 */
  readonly startWait?: number | undefined;
  /** As the center's option of this name. @default 'no-match' */
  readonly missingAttribute?: MissingAttribute | undefined;
  /** As the center's option of this name. @default false */
  readonly sendRuleNames?: boolean | undefined;
  /** Proxy for connections to upstream. @default as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say */
  readonly proxy?: string | false | undefined;
  /** PEM certificates of authorities to trust for upstream, instead of the well-known ones. */
  readonly ca?: string | readonly string[] | undefined;
  /** Where the relay writes what an operator should know. @default nowhere */
  readonly logger?: Logger | undefined;
}

export const RELAY_DEFAULTS = {
  host: '127.0.0.1',
  port: 6100,
  environment: 'default',
  startWait: 3_000,
  diskSpoolBytes: 268_435_456,
  memorySpoolBytes: 33_554_432,
} as const;

/** {@link RelayOptions}, checked and filled in. */
export interface ResolvedRelayOptions extends ResolvedOperating {
  readonly upstream: string | undefined;
  /** `undefined` = upstream says which. */
  readonly environments: readonly EnvironmentIdentity[] | undefined;
  readonly relayKey: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string | undefined;
  readonly spoolBytes: number;
  readonly startWait: number;
  readonly missingAttribute: MissingAttribute;
  readonly sendRuleNames: boolean;
  readonly network: Pick<RelayOptions, 'proxy' | 'ca'>;
  readonly logger: Logger;
}

const isWhole = (value: unknown, min: number, max: number) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
const isFilled = (value: unknown) => typeof value === 'string' && value.trim() !== '';

type Check = (value: unknown) => boolean;

/** What each option must be; not asked for absent values. What upstream's connection needs is checked where that is made. */
const CHECKS: Readonly<
  Record<
    Exclude<keyof RelayOptions, 'environments' | 'proxy' | 'ca' | keyof OperatingOptions>,
    readonly [Check, must: string]
  >
> = {
  upstream: [isBase, 'must be an http or https URL without credentials, query or fragment'],
  relayKey: [
    (value) => typeof value === 'string' && /^rp-[\w-]{40}$/.test(value),
    'must be rp- and 40 characters of A-Z, a-z, 0-9, "-" and "_"',
  ],
  host: [isFilled, 'must be an address or a host name'],
  port: [(value) => isWhole(value, 0, 65_535), 'must be a whole number from 0 to 65535'],
  dataFolder: [isFilled, 'must be the path of a folder'],
  spoolBytes: [(value) => isWhole(value, 65_536, 2 ** 40), 'must be a whole number from 65536 to 1099511627776'],
  startWait: [(value) => isWhole(value, 0, 600_000), 'must be a whole number from 0 to 600000'],
  missingAttribute: [(value) => value === 'no-match' || value === 'empty-string', 'must be no-match or empty-string'],
  sendRuleNames: [(value) => typeof value === 'boolean', 'must be true or false'],
  logger: [isLogger, 'must have the methods debug, info, warn and error'],
};

/** @throws InvalidConfigError naming every option that cannot be used. */
export function resolveRelayOptions(options: RelayOptions): ResolvedRelayOptions {
  const problems: ConfigProblem[] = [];
  for (const [option, [isGood, message]] of Object.entries(CHECKS)) {
    const value: unknown = options[option as keyof typeof CHECKS];
    if (value !== undefined && !isGood(value)) problems.push({ option, message });
  }
  for (const [option, problemOf] of Object.entries(OPERATING_CHECKS)) {
    const value: unknown = options[option as keyof OperatingOptions];
    const message = value === undefined ? undefined : problemOf(value);
    if (message !== undefined) problems.push({ option, message });
  }
  problems.push(...operatingProblems(options, options.port ?? RELAY_DEFAULTS.port));
  const known = [...Object.keys(CHECKS), ...Object.keys(OPERATING_CHECKS), 'environments', 'proxy', 'ca'];
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) {
      problems.push({ option, message: 'is no option of a relay' });
    }
  }
  const environments = readEnvironments(options.environments, problems);
  if (environments === undefined && options.relayKey === undefined) {
    problems.push({ option: 'environments', message: 'is needed, or relayKey: without one nobody could be served' });
  }
  if (options.upstream === undefined && (options.environments !== undefined || options.relayKey === undefined)) {
    problems.push({
      option: 'upstream',
      message: 'is needed; only a relay with a relayKey and no environments can do without',
    });
  }
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const { dataFolder } = options;
  return {
    upstream: options.upstream,
    environments,
    relayKey: options.relayKey,
    host: options.host ?? RELAY_DEFAULTS.host,
    port: options.port ?? RELAY_DEFAULTS.port,
    dataFolder,
    spoolBytes:
      options.spoolBytes ??
      (dataFolder === undefined ? RELAY_DEFAULTS.memorySpoolBytes : RELAY_DEFAULTS.diskSpoolBytes),
    startWait: options.startWait ?? RELAY_DEFAULTS.startWait,
    missingAttribute: options.missingAttribute ?? 'no-match',
    sendRuleNames: options.sendRuleNames ?? false,
    network: { proxy: options.proxy, ca: options.ca },
    ...resolveOperating(options),
    logger: options.logger ?? silentLogger,
  };
}

function readEnvironments(
  given: RelayOptions['environments'],
  problems: ConfigProblem[],
): readonly EnvironmentIdentity[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    problems.push({ option: 'environments', message: 'must be an array of objects, and not empty' });
    return undefined;
  }
  const taken = new Set<string>();
  return given.flatMap((environment: RelayedEnvironmentOptions, index): readonly EnvironmentIdentity[] => {
    const path = `environments[${index}]`;
    const problem = (option: string, message: string) => {
      problems.push({ option: option === '' ? path : `${path}.${option}`, message });
      return [];
    };
    if (typeof environment !== 'object' || environment === null) return problem('', 'must be an object');
    const { key, serverSecret, clientSecret } = environment;
    const wrongKey = typeof key === 'string' ? keyProblem(key) : 'must be a string';
    if (wrongKey !== undefined) return problem('key', wrongKey);
    const secrets: EnvironmentIdentity['secrets'][number][] = [];
    for (const [option, kind, value] of [
      ['serverSecret', 'server', serverSecret],
      ['clientSecret', 'client', clientSecret ?? []],
    ] as const satisfies readonly (readonly [string, SecretKind, unknown])[]) {
      const values = secretsIn(value);
      if (values === undefined || (kind === 'server' && values.length === 0)) {
        return problem(option, 'must be a secret of visible ASCII characters, or several');
      }
      secrets.push(...values.map((one) => ({ kind, value: one })));
    }
    const id = idOf(secrets[0]?.value ?? '');
    for (const name of [`key ${key}`, `id ${id}`, ...secrets.map(({ value }) => `secret ${value}`)]) {
      if (taken.has(name))
        return problem('', 'has a key or a secret that was given before, or is an environment that was');
      taken.add(name);
    }
    return [{ id, key, secrets }];
  });
}

/** What an environment is known by: the GUID that FeatBit writes into its secrets, or one that is made of the secret. */
function idOf(serverSecret: string): string {
  return environmentIdIn(serverSecret) ?? wireId(`environment of ${secretIdOf(serverSecret)}`);
}

function secretsIn(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isSecret = (one: unknown): one is string => typeof one === 'string' && /^[!-~]{1,512}$/.test(one);
  return list.every(isSecret) ? list : undefined;
}

function isBase(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return ['http:', 'https:'].includes(protocol) && `${username}${password}${search}${hash}` === '';
}

function isLogger(value: unknown): boolean {
  const logger = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  return ['debug', 'info', 'warn', 'error'].every((method) => typeof logger[method] === 'function');
}
