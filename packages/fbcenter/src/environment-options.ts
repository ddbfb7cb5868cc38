import { isSecret, SECRET_FORM } from './access/secrets.js';
import { keyProblem } from './documents/keys.js';
import { nameProblem } from './documents/names.js';
import type { ConfigProblem } from './errors.js';

/** An environment that a center has, made when it is not there yet. */
export interface EnvironmentOptions {
  /** What the management API calls it by. */
  readonly key: string;
  /** @default the key */
  readonly name?: string | undefined;
  /**
   * What server SDKs are given: a secret, or several that count at the same time. Those that are kept go on to count until they
   * are revoked. @default those that are kept, or a new one
   */
  readonly serverSecret?: string | readonly string[] | undefined;
  /** What browser SDKs are given: as `serverSecret`. @default those that are kept, or a new one */
  readonly clientSecret?: string | readonly string[] | undefined;
  /** Flags as the management API takes them; used only when the environment is new. @default none */
  readonly flags?: readonly unknown[] | undefined;
  /** Segments as the management API takes them; used only when the environment is new. @default none */
  readonly segments?: readonly unknown[] | undefined;
}

/** Says why a value cannot be used for an option; not called for absent values. */
type Check = (value: unknown) => string | undefined;

const secretCheck: Check = (value) => {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (secrets.length === 0) return 'must be a secret or a list of some';
  return secrets.every((secret) => typeof secret === 'string' && isSecret(secret))
    ? undefined
    : `must be ${SECRET_FORM}`;
};
const listCheck: Check = (value) => (Array.isArray(value) ? undefined : 'must be an array');

export const ENVIRONMENT_CHECKS: Readonly<Record<keyof EnvironmentOptions, Check>> = {
  key: (value) => (typeof value === 'string' ? keyProblem(value) : 'must be a string'),
  name: (value) => (typeof value === 'string' ? nameProblem(value) : 'must be a string that is not blank'),
  serverSecret: secretCheck,
  clientSecret: secretCheck,
  flags: listCheck,
  segments: listCheck,
};

/** Keys, and secrets of either kind, belong to one environment each. */
export function checkDistinct(environments: readonly EnvironmentOptions[], problems: ConfigProblem[]): void {
  const seen = new Set<string>();
  for (const [index, environment] of environments.entries()) {
    for (const name of ['key', 'serverSecret', 'clientSecret'] as const) {
      for (const value of name === 'key' ? [environment.key] : secretsOf(environment[name])) {
        const entry = `${name === 'key' ? 'key' : 'secret'} ${value}`;
        if (seen.has(entry)) problems.push({ option: `environments[${index}].${name}`, message: 'is there twice' });
        seen.add(entry);
      }
    }
  }
}

/** The secrets that an option gives. */
export function secretsOf(option: string | readonly string[] | undefined): readonly string[] {
  return option === undefined ? [] : typeof option === 'string' ? [option] : option;
}
