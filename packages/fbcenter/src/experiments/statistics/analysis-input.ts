import type { Method } from './compare.js';
import { DEFAULT_ALPHA, DEFAULT_POWER, DEFAULT_TUNING, InputCheck } from './input.js';
import type { CovariateSums, RatioSums, Sums } from './sums.js';

/** Sums of a mean, a ratio, or a mean with a covariate. */
export type MetricSums = (Sums | RatioSums | CovariateSums) & {
  /** Users whose value is not 0. */
  readonly nonzero: number;
};

/** Goals decide, guardrails warn of harm, secondary metrics are explored. */
export type Role = 'goal' | 'guardrail' | 'secondary';

const ROLES: readonly Role[] = ['goal', 'guardrail', 'secondary'];

export interface AnalysisMetric {
  readonly key: string;
  readonly role: Role;
  /** @default false */
  readonly lowerIsBetter?: boolean | undefined;
  /** Of a guardrail: the relative loss that would be accepted, at least 0. @default 0 */
  readonly margin?: number | null | undefined;
  /** The smallest relative effect that would matter, chosen before the start. @default none: time left is not estimated */
  readonly plannedEffect?: number | null | undefined;
  /** By the key of the variation. */
  readonly sums: Readonly<Record<string, MetricSums>>;
}

export interface AnalysisVariation {
  readonly key: string;
  /** Exposed users. */
  readonly users: number;
  /** Its part of the users, as planned, in any scale. Without that of every variation, the split is not tested. */
  readonly weight?: number | null | undefined;
}

export interface AnalysisInput {
  /** The key of the variation that the others are compared with. */
  readonly control: string;
  /** The compared ones, at least two. */
  readonly variations: readonly AnalysisVariation[];
  readonly metrics: readonly AnalysisMetric[];
  /** @default 'always-valid' */
  readonly method?: Method | undefined;
  /** @default 0.05 */
  readonly alpha?: number | undefined;
  /** Of the effects that are planned for. @default 0.8 */
  readonly power?: number | undefined;
  /**
   * Planned users of two compared variations together, fixed before the start: always-valid intervals are narrowest there,
   * fixed ones conclude nothing before. @default 10000
   */
  readonly plannedUsers?: number | undefined;
  /** New users a day, of all variations. @default unknown */
  readonly usersPerDay?: number | null | undefined;
}

/** The settings of an experiment, with every default filled in. */
export interface Settings {
  readonly control: string;
  readonly method: Method;
  readonly alpha: number;
  readonly power: number;
  readonly plannedUsers: number;
  readonly usersPerDay: number;
  /** Of all variations. */
  readonly allUsers: number;
}

/** @throws InvalidInputError */
export function settingsOf(input: AnalysisInput): Settings {
  const { control, variations, metrics, method = 'always-valid', alpha = DEFAULT_ALPHA, power = DEFAULT_POWER } = input;
  const { plannedUsers = DEFAULT_TUNING } = input;
  const usersPerDay = input.usersPerDay ?? 0;
  const check = new InputCheck().objects('variations', variations, 2).objects('metrics', metrics, 0);
  const keys = variations.map(({ key }) => key);
  check
    .that(keys.includes(control), 'control', 'must be the key of one of the variations')
    .that(new Set(keys).size === keys.length, 'variations', 'must have different keys')
    .that(method === 'always-valid' || method === 'fixed', 'method', 'must be always-valid or fixed')
    .alpha(alpha)
    .power(power, alpha)
    .positive('plannedUsers', plannedUsers)
    .notNegative('usersPerDay', usersPerDay);
  for (const [index, { key, users }] of variations.entries()) {
    check.text(`variations[${index}].key`, key).count(`variations[${index}].users`, users);
  }
  for (const [index, { key, role, margin, plannedEffect, sums }] of metrics.entries()) {
    const at = `metrics[${index}]`;
    check
      .text(`${at}.key`, key)
      .that(ROLES.includes(role), `${at}.role`, `must be one of ${ROLES.join(', ')}`)
      .notNegative(`${at}.margin`, margin ?? 0)
      .that(plannedEffect !== 0, `${at}.plannedEffect`, 'must not be 0')
      .number(`${at}.plannedEffect`, plannedEffect ?? 1)
      .object(`${at}.sums`, sums);
  }
  check.done();
  const allUsers = variations.reduce((sum, { users }) => sum + users, 0);
  return { control, method, alpha, power, plannedUsers, usersPerDay, allUsers };
}
