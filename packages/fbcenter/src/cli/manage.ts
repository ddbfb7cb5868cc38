import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { isRole, ROLES } from '../model/role.js';
import { notUnderstood } from './arguments.js';
import type { Flags } from './given.js';
import type { Given } from './settings.js';
import { readTarget, type Target } from './target.js';
import { VERBS } from './verbs.js';

/** Commands that work through the management API. */
const MANAGE_VERBS = ['export', 'import', 'diff', 'promote', 'apply', 'users', 'tokens', 'experiment'] as const;
export type ManageVerb = (typeof MANAGE_VERBS)[number];

export interface ManageCommand {
  readonly verb: ManageVerb;
  /** What stands behind the verb. */
  readonly words: readonly string[];
  readonly target: Target;
  /** The key of the environment that is given; `undefined` = the only one there is. */
  readonly environment: string | undefined;
  readonly options: ManageOptions;
}

interface ManageOptions {
  readonly force: boolean;
  readonly watch: boolean;
  readonly json: boolean;
  readonly yaml: boolean;
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly withSwitch: boolean;
  readonly withoutSwitch: boolean;
  readonly withoutSegments: boolean;
  readonly file: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly plan: string | undefined;
  readonly comment: string | undefined;
  readonly expires: string | undefined;
}

export function isManageVerb(word: string): word is ManageVerb {
  return (MANAGE_VERBS as readonly string[]).includes(word);
}

/** @throws InvalidConfigError naming everything that cannot be understood. */
export function readManage(
  verb: ManageVerb,
  words: readonly string[],
  flags: Flags,
  given: Given,
  problems: ConfigProblem[],
): ManageCommand {
  const options = optionsOf(flags);
  if (!isCalledRightly(verb, words, options))
    throw notUnderstood(`${verb} is called as: ${VERBS[verb].usage.join('; ')}`);
  const wrongRole = roleIn(verb, words);
  if (wrongRole !== undefined) throw notUnderstood(wrongRole);
  const target = readTarget(given, problems);
  // Several are what a center is started with: they do not say which one is meant here.
  const [environment, ...others] = given.environments?.split(',').map((key) => key.trim()) ?? [];
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return { verb, words, target, environment: others.length > 0 ? undefined : environment, options };
}

function optionsOf(flags: Flags): ManageOptions {
  const isOn = (name: string) => flags[name] === true;
  const text = (name: string) => {
    const value = flags[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    force: isOn('force'),
    watch: isOn('watch'),
    json: isOn('json'),
    yaml: isOn('yaml'),
    dryRun: isOn('dry-run'),
    prune: isOn('prune'),
    withSwitch: isOn('with-switch'),
    withoutSwitch: isOn('without-switch'),
    withoutSegments: isOn('without-segments'),
    file: text('file'),
    from: text('from'),
    to: text('to'),
    plan: text('plan'),
    comment: text('comment'),
    expires: text('expires'),
  };
}

/** How many words stand behind the verb, and which flags it cannot do without. */
function isCalledRightly(verb: ManageVerb, words: readonly string[], { file, from, to }: ManageOptions): boolean {
  if (words.includes('')) return false;
  const [first] = words;
  const isOne = words.length === 1;
  const calls: Readonly<Record<ManageVerb, boolean>> = {
    export: words.length <= 1,
    import: isOne,
    diff: isOne || words.length === 2,
    promote: words.length > 0 && from !== undefined && to !== undefined,
    apply: words.length === 0 && file !== undefined,
    users:
      (first === 'list' && isOne) ||
      (first === 'invite' && words.length <= 3) ||
      (first === 'role' && words.length === 3) ||
      (['disable', 'enable', 'remove'].includes(first ?? '') && words.length === 2),
    tokens:
      (first === 'list' && isOne) ||
      (first === 'create' && (words.length === 2 || words.length === 3)) ||
      (first === 'revoke' && words.length === 2),
    experiment: first === 'show' && words.length === 2,
  };
  return calls[verb];
}

/** Why the role that is given is none. */
function roleIn(verb: ManageVerb, [first, , role]: readonly string[]): string | undefined {
  const takesRole =
    (verb === 'users' && (first === 'invite' || first === 'role')) || (verb === 'tokens' && first === 'create');
  if (!takesRole || role === undefined || grantsOf(role) !== undefined) return undefined;
  return `a role is one of ${ROLES.join(', ')}, or one for each of some environments: dev=editor,prod=viewer`;
}

/** What somebody may do, as the management API takes it. */
export interface GrantsText {
  readonly role: string | null;
  readonly environments: Readonly<Record<string, string>>;
}

/** Reads `viewer`, or `dev=editor,prod=viewer`. @returns `undefined` when it is neither. */
export function grantsOf(text: string): GrantsText | undefined {
  if (isRole(text)) return { role: text, environments: {} };
  const pairs = text.split(',').map((pair) => /^(.+)=([^=]+)$/.exec(pair.trim()));
  const roles = pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? ''] as const);
  if (roles.some(([key, role]) => key === '' || !isRole(role))) return undefined;
  return { role: null, environments: Object.fromEntries(roles) };
}
