/** What one run is to do: flags that are no settings. */
export const RUN_OPTIONS = {
  config: { value: 'FILE', help: 'settings as YAML: see fbcenter config' },
  force: { help: 'replace what is there already' },
  watch: { help: 'draw it again every two seconds, until Ctrl-C' },
  file: { value: 'PATH', short: 'f', help: 'a file, or a folder of files, that says what there is to be' },
  from: { value: 'KEY', help: 'the environment that flags come from' },
  to: { value: 'KEY', help: 'the environment that flags go to' },
  'dry-run': { help: 'show what would change, and change nothing' },
  plan: { value: 'PLAN', help: 'do exactly what the dry run that has printed this PLAN has shown, or nothing' },
  prune: { help: 'archive flags and segments, and disable users, that the files do not name' },
  'with-switch': { help: 'take over whether flags are on' },
  'without-switch': { help: 'leave whether flags are on as it is; new ones begin off' },
  'without-segments': { help: 'leave the segments behind that the flags ask about' },
  comment: { value: 'TEXT', help: 'why, for the audit log' },
  expires: { value: 'TIME', help: 'when the token ends, such as 2030-12-31T00:00:00Z' },
  yaml: { help: 'as YAML, to be kept and applied' },
  json: { help: 'print JSON, for programs' },
  help: { help: 'this text; behind a command, what that one takes' },
  version: { help: 'the version' },
} as const satisfies Record<string, RunOption>;

interface RunOption {
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  readonly help: string;
}

export type RunOptionName = keyof typeof RUN_OPTIONS;

/** A command: the one place that says how it is called. */
export interface Verb {
  /** What stands behind `fbcenter`, a line each. */
  readonly usage: readonly string[];
  readonly help: string;
  /** Besides those that all take. */
  readonly takes: readonly RunOptionName[];
  /** What it works on: data here or a center elsewhere, or a folder here. Absent = settings alone. */
  readonly on?: 'data' | 'folder';
  /** Sentences for its own help. */
  readonly more?: string;
}

/** What every command takes. */
const COMMON: readonly RunOptionName[] = ['config', 'help', 'version'];

export const VERBS = {
  start: { usage: [''], help: 'starts the center', takes: [] },
  relay: {
    usage: ['relay'],
    help: 'starts a relay in front of a center or of FeatBit',
    takes: [],
  },
  config: {
    usage: ['config check [FILE]', 'config print [FILE]', 'config schema [apply]'],
    help: 'checks the settings as a start would, or shows them, without credentials',
    takes: ['json'],
    more: 'FILE is what --config would name. "schema" prints a JSON Schema for editors, of config files or of the files that are applied.',
  },
  doctor: {
    usage: ['doctor'],
    help: 'looks for what is wrong, and says what to do',
    takes: ['json'],
    on: 'data',
    more: 'Without --url it looks at the settings, the data and the machine here, and changes nothing; with it at the center that runs there.',
  },
  export: {
    usage: ['export [FILE]'],
    help: 'writes an environment as one file, or to stdout',
    takes: ['yaml', 'force'],
    on: 'data',
  },
  import: {
    usage: ['import FILE'],
    help: 'puts the flags and segments of a file into an environment, all or none',
    takes: ['dry-run', 'plan', 'without-switch', 'comment', 'json'],
    on: 'data',
  },
  diff: {
    usage: ['diff FILE|KEY [FILE|KEY]'],
    help: 'what would change if the first became the second; without a second, the environment',
    takes: ['json'],
    on: 'data',
    more: 'What exists as a file is a file, anything else the key of an environment. Ends with 0 when they are alike, 1 when not.',
  },
  promote: {
    usage: ['promote FLAG [FLAG …] --from KEY --to KEY'],
    help: 'carries flags, with their segments, to another environment',
    takes: ['from', 'to', 'dry-run', 'plan', 'with-switch', 'without-segments', 'comment', 'json'],
    on: 'data',
  },
  apply: {
    usage: ['apply -f PATH'],
    help: 'makes environments, flags, segments and users what files say',
    takes: ['file', 'dry-run', 'plan', 'prune', 'without-switch', 'comment', 'json'],
    on: 'data',
    more: 'A second run changes nothing. A dry run ends with 1 when there is something to do. New users need a link each, by "users invite".',
  },
  users: {
    usage: ['users list', 'users invite [NAME [ROLE]]', 'users role NAME ROLE', 'users disable|enable|remove NAME'],
    help: 'shows, invites and changes those who sign in',
    takes: ['yaml', 'dry-run', 'json'],
    on: 'data',
    more: 'Without a NAME the link is for the first admin. ROLE is viewer, editor or admin, everywhere, or in environments: dev=editor,prod=viewer.',
  },
  tokens: {
    usage: ['tokens list', 'tokens create NAME [ROLE]', 'tokens revoke NAME|ID'],
    help: 'shows, makes and revokes access tokens for programs',
    takes: ['expires', 'dry-run', 'json'],
    on: 'data',
    more: 'A token is shown once. ROLE is viewer (unless given), editor or admin, everywhere, or in environments: dev=editor,prod=viewer.',
  },
  experiment: {
    usage: ['experiment show KEY'],
    help: 'draws the results of an experiment',
    takes: ['watch'],
    on: 'data',
  },
  backup: {
    usage: ['backup FILE'],
    help: 'copies all data of a folder into a file, also while a center uses it',
    takes: ['force'],
    on: 'folder',
  },
  restore: {
    usage: ['restore FILE'],
    help: 'puts such a copy in the place of the data, while no center uses them',
    takes: ['force'],
    on: 'folder',
  },
  'migrate-to': {
    usage: ['migrate-to URL'],
    help: 'copies the data of a folder into a PostgreSQL, while no center uses them',
    takes: ['force'],
    on: 'folder',
  },
} as const satisfies Record<string, Verb>;

export type VerbName = keyof typeof VERBS;

export function isVerb(word: string): word is Exclude<VerbName, 'start'> {
  return word !== 'start' && Object.hasOwn(VERBS, word);
}

/** Why a flag cannot be given here; `undefined` when each can. */
export function misplaced(verb: VerbName, flags: Readonly<Record<string, unknown>>): string | undefined {
  const { takes }: Verb = VERBS[verb];
  const wrong = (Object.keys(RUN_OPTIONS) as RunOptionName[]).find(
    (name) => flags[name] !== undefined && !takes.includes(name) && !COMMON.includes(name),
  );
  if (wrong === undefined) return undefined;
  const users = Object.entries(VERBS as Record<string, Verb>).filter(([, verb]) => verb.takes.includes(wrong));
  const names = users.map(([name]) => name);
  const last = names.pop();
  return `--${wrong} goes with ${names.length === 0 ? '' : `${names.join(', ')} and `}${last}`;
}
