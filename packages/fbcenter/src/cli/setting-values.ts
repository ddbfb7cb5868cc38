import type { ConfigProblem } from '../errors.js';
import { LOG_LEVELS, type LogLevel } from '../runtime/log.js';

/** What is wrong with a level that {@link isLogLevel} does not know. */
export const LOG_LEVEL_PROBLEM = `must be one of ${LOG_LEVELS.join(', ')}`;

/** Reads a setting that is given or not. */
export function readSwitch<Name extends string>(
  given: Partial<Record<Name, string>>,
  option: Name,
  problems: ConfigProblem[],
): boolean {
  const text = given[option] ?? 'false';
  if (text !== 'true' && text !== 'false') problems.push({ option, message: 'must be true or false' });
  return text === 'true';
}

/** @returns NaN for what is no whole number: the program that is started says what is allowed. */
export function readNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Reads `[KEY=]SECRET`, several with commas. @returns those of each environment; without a key they are the first one's. */
export function readSecrets(
  given: Partial<Record<'serverSecret' | 'clientSecret', string>>,
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

/**
 * @param service what a Service of Kubernetes must not be called.
 * @returns NaN for what is no number: the program that is started says what is allowed.
 */
export function readPort(text: string, service: string, problems: ConfigProblem[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:tcp|udp):\/\/[\w.:[\]-]+$/.test(text)) return Number.NaN;
  const message =
    `is ${text}, which Kubernetes sets for a Service that is called ${service}: ` +
    'give the port with --port, call the Service something else, or set enableServiceLinks: false in the pod';
  problems.push({ option: 'port', message });
  return Number.NaN;
}

export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}
