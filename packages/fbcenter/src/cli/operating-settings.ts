import type { ConfigProblem } from '../errors.js';
import type { OperatingOptions } from '../operating-options.js';
import { LOG_FORMATS, type LogFormat } from '../runtime/log.js';
import { readNumber, readSwitch } from './setting-values.js';
import type { Setting } from './settings.js';

type OperatingName =
  | 'metricsPort'
  | 'metricsToken'
  | 'accessLog'
  | 'logFormat'
  | 'drainDelay'
  | 'drainTime'
  | 'tlsCert'
  | 'tlsKey'
  | 'rateLimit';

/** A thousand a second: more than a program needs that is well, and less than keeps a processor busy. */
const RATE_LIMIT = 60_000;
/** A few seconds: of ten thousand SDKs three come back each millisecond. */
const DRAIN_TIME = 3_000;

/** The settings of how a center or a relay is operated. @param prefix of their environment variables. */
export function operatingSettings(prefix: 'FBCENTER' | 'FBRELAY'): Readonly<Record<OperatingName, Setting>> {
  const named = (flag: string, setting: Omit<Setting, 'flag' | 'variable'>): Setting => ({
    flag,
    variable: `${prefix}_${flag.toUpperCase().replaceAll('-', '_')}`,
    ...setting,
  });
  return {
    metricsPort: named('metrics-port', {
      value: 'PORT',
      help: 'a port of its own for GET /metrics, which Prometheus asks; 0 is any free one',
      isNumber: true,
    }),
    metricsToken: named('metrics-token', {
      value: 'TOKEN',
      help: 'what GET /metrics is asked with; without --metrics-port it is on the main port',
      isSecret: true,
    }),
    logFormat: named('log-format', {
      value: 'FORMAT',
      help: `how lines are written to stderr: ${LOG_FORMATS.join(' or ')}`,
      fallback: 'text',
    }),
    rateLimit: named('rate-limit', {
      value: 'REQUESTS',
      help: 'requests of a secret, token or user from an address in a minute; 0 is no limit',
      fallback: String(RATE_LIMIT),
      isNumber: true,
    }),
    tlsCert: named('tls-cert', {
      value: 'FILE',
      help: 'certificate to show, as PEM: HTTPS instead of HTTP; read anew when it changes',
    }),
    tlsKey: named('tls-key', { value: 'FILE', help: 'its key, as PEM' }),
    drainDelay: named('drain-delay', {
      value: 'MILLISECONDS',
      help: 'at a stop, how long it goes on with a red readiness',
      fallback: '0',
      isNumber: true,
    }),
    drainTime: named('drain-time', {
      value: 'MILLISECONDS',
      help: 'over how long streams are then ended, so that SDKs do not come back all at once',
      fallback: String(DRAIN_TIME),
      isNumber: true,
    }),
    accessLog: named('access-log', { help: 'write a line for each request, at the level info' }),
  };
}

/** The text of each that was given. */
type GivenOperating = Partial<Record<OperatingName, string>>;

/** What is operated as the settings say. What is no number is refused with all other options. */
export function readOperating(given: GivenOperating, problems: ConfigProblem[]): OperatingOptions {
  const rateLimit = given.rateLimit === undefined ? RATE_LIMIT : readNumber(given.rateLimit);
  return {
    ...(rateLimit === 0 ? {} : { rateLimit }),
    ...(given.metricsPort === undefined ? {} : { metricsPort: readNumber(given.metricsPort) }),
    ...(given.metricsToken === undefined ? {} : { metricsToken: given.metricsToken }),
    ...(given.tlsCert === undefined ? {} : { tlsCert: given.tlsCert }),
    ...(given.tlsKey === undefined ? {} : { tlsKey: given.tlsKey }),
    ...(given.drainDelay === undefined ? {} : { drainDelay: readNumber(given.drainDelay) }),
    drainTime: given.drainTime === undefined ? DRAIN_TIME : readNumber(given.drainTime),
    ...(given.accessLog === undefined ? {} : { accessLog: readSwitch(given, 'accessLog', problems) }),
  };
}

/** How lines are written; a format that there is not goes to the problems. */
export function readLogFormat({ logFormat = 'text' }: GivenOperating, problems: ConfigProblem[]): LogFormat {
  const format = LOG_FORMATS.find((one) => one === logFormat);
  if (format === undefined) problems.push({ option: 'logFormat', message: `must be ${LOG_FORMATS.join(' or ')}` });
  return format ?? 'text';
}
