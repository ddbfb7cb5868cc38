import type { AuditEntryBody } from '../../../src/api/audit.js';

/** What was done, as the end of a sentence that begins with who did it. */
const DONE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    create: 'made',
    update: 'changed',
    delete: 'deleted',
    archive: 'archived',
    restore: 'restored',
    'switch-on': 'switched on',
    'switch-off': 'switched off',
    'put-back': 'put back',
    import: 'imported',
    promote: 'promoted',
    revoke: 'revoked',
    'renew-secret': 'gave a new secret to',
    'renew-token': 'gave a new address to',
    reset: 'forgot',
    prune: 'forgot old entries of',
    'sign-in': 'signed in as',
    'sign-in-failed': 'failed to sign in as',
    'sign-out': 'signed out',
    'end-sessions': 'ended the sessions of',
    'change-password': 'changed the password of',
    'set-password': 'set the password of',
    'make-link': 'made a link for',
  }),
);

/** "switched on"; an action that is not known here in its own words. */
export function doneText({ action }: Pick<AuditEntryBody, 'action'>): string {
  return DONE.get(action) ?? action.replaceAll('-', ' ');
}

/** "flag new-checkout"; the environment stands beside it. */
export function subjectText({ subject }: Pick<AuditEntryBody, 'subject'>): string {
  const { kind, key } = subject;
  return kind === key ? kind : `${kind} ${key}`;
}

/** The parts that are different, by the names that people know. */
const FIELDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    isEnabled: 'switch',
    isArchived: 'archived',
    fallthrough: 'default',
    targetUsers: 'users',
    disabledVariationId: 'off value',
    variationType: 'type',
  }),
);

/** "name, switch: off → on"; `isEnabled` is what the switch becomes, where that is known. */
export function fieldsText(fields: readonly string[], isEnabled: boolean | null = null): string {
  const turned = isEnabled === null ? '' : isEnabled ? ': off → on' : ': on → off';
  return fields.map((field) => (FIELDS.get(field) ?? field) + (field === 'isEnabled' ? turned : '')).join(', ');
}

export interface FieldChange {
  readonly id: string;
  readonly label: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What is different between two states of something that is no flag and no segment, member by member. */
export function memberChanges(before: unknown, after: unknown): FieldChange[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names
    .filter((name) => was.get(name) !== is.get(name))
    .map((name) => ({ id: name, label: name, before: was.get(name), after: is.get(name) }));
}

function membersOf(state: unknown): ReadonlyMap<string, string> {
  if (typeof state !== 'object' || state === null) return new Map();
  return new Map(
    Object.entries(state).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

export const AUDIT_FILTERS = ['actor', 'action', 'kind', 'key', 'environment', 'from', 'to', 'group'] as const;

/** The filters of an address as the API takes them, each with a `&` in front. The last day counts as a whole. */
export function filterQuery(parameters: URLSearchParams): string {
  return AUDIT_FILTERS.map((name) => {
    const text = parameters.get(name)?.trim() ?? '';
    const value = name === 'to' ? dayAfter(text) : text;
    return value === '' ? '' : `&${name}=${encodeURIComponent(value)}`;
  }).join('');
}

function dayAfter(day: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isFinite(time) ? new Date(time + 86_400_000).toISOString().slice(0, 10) : day;
}
