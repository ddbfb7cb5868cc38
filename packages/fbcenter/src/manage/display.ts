import type { ApplyPlan } from './apply.js';
import type { Change, Difference, WantedFault } from './comparison.js';
import type { EnvironmentChange } from './environment-change.js';

/** How much of a value is shown, in characters, and how many differences of a document are. */
const MAX_VALUE = 80;
const MAX_DIFFERENCES = 20;

const SIGNS = { created: '+', changed: '~', removed: '-' } as const;

/** A plan for people. */
export function planText({ environments, users, faults, isDifferent, plan }: ApplyPlan, dryRun: boolean): string {
  const lines = environments.flatMap(environmentLines);
  if (users !== undefined) lines.push(`users: ${countText(users.changes, users.same)}`, ...changeLines(users.changes));
  lines.push(...faults.map(faultText));
  if (dryRun && isDifferent && faults.length === 0) lines.push(`plan ${plan}`);
  return `${lines.join('\n')}\n`;
}

/** A plan for programs. */
export function planJson({ environments, users, faults, isDifferent, plan }: ApplyPlan, dryRun: boolean) {
  return {
    dryRun,
    isDifferent,
    plan,
    faults,
    environments: environments.map(({ key, isNew, description, changes, same }) => ({
      key,
      isNew,
      description,
      same,
      changes,
    })),
    ...(users && { users: { same: users.same, changes: users.changes } }),
  };
}

function faultText({ place, message, code }: WantedFault): string {
  return `${place}: ${message}${code === undefined ? '' : ` (${code})`}`;
}

function environmentLines({ key, isNew, description, changes, same }: EnvironmentChange): readonly string[] {
  const own = Object.entries(description).map(([field, value]) => `    ${field}: ${valueText(value)}`);
  return [`${key}: ${isNew ? 'a new environment, ' : ''}${countText(changes, same)}`, ...own, ...changeLines(changes)];
}

/** Changes, a line for each document and for each place in it. */
export function changeLines(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ kind, key, outcome, differences }) => [
    `  ${SIGNS[outcome]} ${kind} ${key}`,
    ...differences.slice(0, MAX_DIFFERENCES).map((one) => `      ${differenceText(one)}`),
    ...(differences.length > MAX_DIFFERENCES ? [`      and ${differences.length - MAX_DIFFERENCES} more`] : []),
  ]);
}

/** How many documents have which outcome. */
export function countText(changes: readonly Change[], same: number): string {
  const counts = (Object.keys(SIGNS) as Change['outcome'][]).flatMap((outcome) => {
    const count = changes.filter((change) => change.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return [...counts, ...(same > 0 || counts.length === 0 ? [`${same} as they are`] : [])].join(', ');
}

function differenceText({ path, ...values }: Difference): string {
  const { before, after } = values;
  if (!('before' in values)) return `${path}: ${valueText(after)}`;
  return `${path}: ${valueText(before)} → ${'after' in values ? valueText(after) : 'gone'}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
